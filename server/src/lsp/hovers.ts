// The hover on an instruction's keyword, and the same text as tooltip of its hint.

import * as l10n from '@vscode/l10n';
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver/node';
import { hoverLines } from '../describe/hover';
import { commands } from '../protocol';
import type { DocumentState } from './documents';
import { hoverExtra } from './hoverExtra';
import { rangeOf } from './positions';
import type { Session } from './session';
import { needShell, shellNow } from './shellReader';

export async function hover(session: Session, uri: string, position: Position): Promise<Hover | null> {
  // The reason why RUN steps are not merged is that of the parser, as in the quick fixes.
  await needShell(session.host);
  const document = session.documents.get(uri);
  if (!document || !session.settings.hover.enabled) return null;
  const { dockerfile } = document.parsed();
  const offset = (dockerfile.lineStarts[position.line] ?? 0) + position.character;
  const instruction = document.instructionAt(position.line + 1);
  if (!instruction || offset < instruction.start || offset > instruction.keywordEnd) return null;
  const value = await hoverMarkdown(session, document, instruction.index);
  return value
    ? {
        contents: { kind: MarkupKind.Markdown, value },
        range: rangeOf(dockerfile, instruction.start, instruction.keywordEnd),
      }
    : null;
}

/** Null for an instruction outside of any stage. */
export async function hoverMarkdown(
  session: Session,
  document: DocumentState,
  index: number,
): Promise<string | null> {
  const analysis = document.analysis();
  for (const stage of analysis.stages) {
    const view = stage.instructions.find((one) => one.index === index);
    if (!view) continue;
    const extra = await hoverExtra(document, view, shellNow(session.host));
    const lines = hoverLines(analysis, stage, view, extra, session.style);
    if (view.layers[0] && view.effect === 'layer') {
      const argument = encodeURIComponent(JSON.stringify([document.uri, view.layers[0].index]));
      lines.push(
        [
          `[${l10n.t('Show layer diff')}](command:${commands.showDiff}?${argument})`,
          `[${l10n.t('Show in tree')}](command:${commands.showTree}?${argument})`,
        ].join(' · '),
      );
    }
    return lines.join('  \n');
  }
  return null;
}
