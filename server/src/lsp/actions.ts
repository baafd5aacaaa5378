// Quick fixes at the cursor, as edits that one undo takes back: those of findings, and merges also where nothing is
// found because nothing would be gained (a stage that does not ship).
import type {
  AnnotatedTextEdit,
  ChangeAnnotation,
  CodeAction,
  CodeActionContext,
  Diagnostic,
  Range,
  TextEdit,
} from 'vscode-languageserver/node';
import type { FixView } from '../analysis/model';
import { translated } from '../describe/translate';
import { fixKind } from '../protocol';
import { mergeConsecutiveRuns } from '../rules/mergeConsecutiveRuns';
import type { DocumentState } from './documents';
import { fixAllAction, fixAllKind } from './fixAllAction';
import { ignoreActions } from './ignoreActions';
import { mergeActions } from './mergeActions';
import { rangeOf } from './positions';
import { fixApplied } from './promises';
import type { Session } from './session';
import { needShell } from './shellReader';

export async function codeActions(
  session: Session,
  uri: string,
  range: Range,
  { diagnostics: shown, only }: CodeActionContext,
): Promise<CodeAction[]> {
  const shell = await needShell(session.host);
  const document = session.documents.get(uri);
  if (!document) return [];
  // Computed only where it is asked for: on save, or from the menu of source actions.
  if (only?.some((kind) => fixAllKind === kind || fixAllKind.startsWith(`${kind}.`))) {
    const all = fixAllAction(document, shell);
    if (all) return [all];
  }
  const actions: CodeAction[] = [];
  const merges = mergeConsecutiveRuns.name;
  for (const { fix, line } of mergeActions(document, range.start.line + 1, range.end.line + 1, shell)) {
    const mended = shown.filter((one) => one.code === merges && one.range.start.line + 1 === line);
    actions.push(action(document, merges, fix, mended));
  }
  // Findings of several lines may share one fix.
  const offered = new Set<FixView['edits']>();
  for (const finding of document.analysis().findings) {
    if (finding.line - 1 > range.end.line || finding.endLine - 1 < range.start.line) continue;
    if (finding.rule === merges) continue;
    const diagnostics = shown.filter(
      (one) => one.code === finding.rule && one.range.start.line === finding.line - 1,
    );
    for (const fix of finding.fixes) {
      if (offered.has(fix.edits)) continue;
      offered.add(fix.edits);
      actions.push(action(document, finding.rule, fix, diagnostics));
    }
  }
  actions.push(...ignoreActions(session, document, range.start.line + 1, shown));
  return actions;
}

function action(document: DocumentState, rule: string, fix: FixView, diagnostics: Diagnostic[]): CodeAction {
  const { dockerfile } = document.parsed();
  // What a person should look at is shown before it is done, with the reason.
  const isReview = fix.effect === 'review';
  const edits = fix.edits.map((edit): TextEdit | AnnotatedTextEdit => {
    const change = { range: rangeOf(dockerfile, edit.start, edit.end), newText: edit.text };
    return isReview ? { ...change, annotationId: reviewId } : change;
  });
  const textDocument = { uri: document.uri, version: document.version };
  return {
    title: translated(fix.title),
    kind: `${fixKind}.${rule}`,
    diagnostics,
    isPreferred: fix.isPreferred,
    edit: {
      documentChanges: [{ textDocument, edits }],
      ...(isReview ? { changeAnnotations: { [reviewId]: annotation(fix) } } : {}),
    },
    // Remembered, so that the next build can say what it really saved.
    ...(fix.saves
      ? {
          command: {
            title: translated(fix.title),
            command: fixApplied,
            arguments: [document.uri, fix.saves],
          },
        }
      : {}),
  };
}

const reviewId = 'review';

function annotation({ title, note }: FixView): ChangeAnnotation {
  return {
    label: translated(title),
    needsConfirmation: true,
    ...(note === undefined ? {} : { description: translated(note) }),
  };
}
