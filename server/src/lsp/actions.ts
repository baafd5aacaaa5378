// Quick fixes of the findings at the cursor, as edits that one undo takes back.
import type { CodeAction, Diagnostic, Range, TextEdit } from 'vscode-languageserver/node';
import type { FixView } from '../analysis/model';
import { fixKind } from '../protocol';
import type { DocumentState } from './documents';
import { rangeOf } from './positions';
import type { Session } from './session';

export function codeActions(
  session: Session,
  uri: string,
  range: Range,
  shown: readonly Diagnostic[],
): CodeAction[] {
  const document = session.documents.get(uri);
  if (!document) return [];
  const actions: CodeAction[] = [];
  for (const finding of document.analysis().findings) {
    if (finding.line - 1 > range.end.line || finding.endLine - 1 < range.start.line) continue;
    const diagnostics = shown.filter(
      (one) => one.code === finding.rule && one.range.start.line === finding.line - 1,
    );
    for (const fix of finding.fixes) {
      actions.push({
        title: fix.title,
        kind: `${fixKind}.${finding.rule}`,
        diagnostics,
        isPreferred: fix.isPreferred,
        edit: {
          documentChanges: [
            { textDocument: { uri, version: document.version }, edits: edits(document, fix) },
          ],
        },
      });
    }
  }
  return actions;
}

function edits(document: DocumentState, fix: FixView): TextEdit[] {
  const { dockerfile } = document.parsed();
  return fix.edits.map((edit) => ({ range: rangeOf(dockerfile, edit.start, edit.end), newText: edit.text }));
}
