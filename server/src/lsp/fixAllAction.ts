// 'Fix all': every fix that leaves the image the same, in one edit and one undo. Fixes that a person should look at stay
// where they are.
import * as l10n from '@vscode/l10n';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver/node';
import { analyzeParsed } from '../analysis/analyze';
import { fixAll } from '../analysis/fixAll';
import type { BashParser } from '../dockerfile/bash';
import { parseDockerfile } from '../dockerfile/parse';
import type { DocumentState } from './documents';
import { rangeOf } from './positions';

export const fixAllKind = `${CodeActionKind.SourceFixAll}.strata`;

/** Null when there is nothing to fix. */
export function fixAllAction(document: DocumentState, shell: BashParser | null): CodeAction | null {
  const { dockerfile, version } = document.parsed();
  const { knowledge, rulesOff, uri } = document;
  const { text, applied } = fixAll(dockerfile.text, { rules: null, review: false, taste: false }, (now) =>
    analyzeParsed(now === dockerfile.text ? dockerfile : parseDockerfile(now), knowledge, {
      rulesOff,
      shell,
    }),
  );
  if (applied.length === 0) return null;
  const { start, end, newText } = difference(dockerfile.text, text);
  const edits = [{ range: rangeOf(dockerfile, start, end), newText }];
  return {
    title: l10n.t('Apply all fixes of Strata that leave the image the same ({0})', applied.length),
    kind: fixAllKind,
    edit: { documentChanges: [{ textDocument: { uri, version }, edits }] },
  };
}

/** The one part that differs: all before and after it stays untouched. */
function difference(before: string, after: string): { start: number; end: number; newText: string } {
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < least - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return { start, end: before.length - tail, newText: after.slice(start, after.length - tail) };
}
