// Inlay hints: one short label at the end of an instruction's first line; the tooltip comes when it is asked for.
import { type InlayHint, MarkupKind, type Range } from 'vscode-languageserver/node';
import { hintLabel } from '../describe/hint';
import { hoverMarkdown } from './hovers';
import { endOfLine } from './positions';
import type { Session } from './session';

interface HintData {
  uri: string;
  /** Index of the instruction, and the version it belongs to. */
  index: number;
  version: number;
}

export function inlayHints(session: Session, uri: string, range: Range): InlayHint[] {
  const { settings, style } = session;
  const document = session.documents.get(uri);
  if (!document || !settings.hints.enabled) return [];
  const { dockerfile, version } = document.parsed();
  const analysis = document.analysis();
  const hints: InlayHint[] = [];
  for (const stage of analysis.stages) {
    if (stage.endLine <= range.start.line || stage.line > range.end.line + 1) continue;
    for (const view of stage.instructions) {
      if (view.line <= range.start.line || view.line > range.end.line + 1) continue;
      const label = hintLabel(stage, view, document.liveLine(view.index), settings.hints, style);
      if (label === null) continue;
      const data: HintData = { uri, index: view.index, version };
      hints.push({ position: endOfLine(dockerfile, view.line), label, paddingLeft: true, data });
    }
  }
  return hints;
}

/** Adds the tooltip; leaves the hint as it is when the document has moved on. */
export async function resolveInlayHint(session: Session, hint: InlayHint): Promise<InlayHint> {
  const data = hint.data as HintData | undefined;
  const document = data && session.documents.get(data.uri);
  if (!data || document?.parsed().version !== data.version) return hint;
  const value = await hoverMarkdown(session, document, data.index);
  return value ? { ...hint, tooltip: { kind: MarkupKind.Markdown, value } } : hint;
}
