// 'Add to .dockerignore' on a line that copies folders which hardly belong into an image: an edit of the ignore file that is
// in force, or a new one in the context's root. Only where the line added takes out that folder and nothing else.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import type { CodeAction, Diagnostic, WorkspaceEdit } from 'vscode-languageserver/node';
import { type Bloat, bloatOf } from '../context/bloat';
import { ignoreEdit } from '../context/ignoreEdit';
import type { WalkedContext } from '../context/walk';
import { bytesText } from '../describe/style';
import { fixKind } from '../protocol';
import type { DocumentState } from './documents';
import type { Session } from './session';

const rule = 'UnignoredContext';
const mostActions = 4;

export function ignoreActions(
  { style }: Session,
  document: DocumentState,
  line: number,
  shown: readonly Diagnostic[],
): CodeAction[] {
  const snapshot = document.context?.walked;
  const finding = document.analysis().findings.find((one) => one.rule === rule && one.line === line);
  if (!snapshot || !finding) return [];
  const diagnostics = shown.filter((one) => one.code === rule && one.range.start.line + 1 === line);
  return bloatOf(snapshot)
    .slice(0, mostActions)
    .flatMap((bloat): CodeAction[] => {
      const edit = editFor(snapshot, bloat);
      if (!edit) return [];
      const size = bytesText(bloat.bytes, style);
      const title = l10n.t('Add {0} to .dockerignore: {1} less to copy', bloat.path, size);
      return [{ title, kind: `${fixKind}.${rule}`, diagnostics, edit }];
    });
}

function editFor({ root, ignoreFile, walked }: WalkedContext, bloat: Bloat): WorkspaceEdit | null {
  const text = walked.ignore?.text ?? null;
  const changed = ignoreEdit(text, bloat.path);
  // The line is added at the end: all before it stays.
  if (changed === null || !changed.startsWith(text ?? '')) return null;
  const uri = pathToFileURL(ignoreFile ?? path.join(root, '.dockerignore')).href;
  const end = endOf(text ?? '');
  const edits = [{ range: { start: end, end }, newText: changed.slice(text?.length ?? 0) }];
  const create = { kind: 'create' as const, uri, options: { ignoreIfExists: true } };
  const change = { textDocument: { uri, version: null }, edits };
  return { documentChanges: text === null ? [create, change] : [change] };
}

function endOf(text: string): { line: number; character: number } {
  const lines = text.split(/\r\n|\n|\r/);
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
