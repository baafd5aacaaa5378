// What the tree of a shell text tells about joining it: each fact by texts that have it and texts that do not.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { BashParser } from '../../../server/src/dockerfile/bash';
import { shellFacts } from '../../../server/src/dockerfile/shellTree';
import { loadedBash } from '../../support/bashParser';
import { seededRandom } from '../../support/random';

let parser: BashParser;
before(async () => {
  parser = await loadedBash();
});

/** The facts that matter, in one line: operators, then what is special. */
function describeText(text: string): string {
  const facts = shellFacts(text, parser);
  if (facts.refusal !== null) return `refused: ${facts.refusal}`;
  return [
    [...facts.operators].sort().join(' ') || 'one',
    ...(facts.plain ? ['plain'] : []),
    ...(facts.errexit ? ['errexit'] : []),
    ...(facts.head ? [`head ${facts.head}`] : []),
    ...(facts.catches ? ['catches'] : []),
    ...(facts.ends ? ['ends'] : []),
    ...(facts.commentAt === null ? [] : [`comment ${text.slice(facts.commentAt)}`]),
    ...(facts.leak ? [`leaks: ${facts.leak}`] : []),
  ].join(', ');
}

function check(cases: Record<string, string>): void {
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, describeText(text)])), cases);
}

test('operators between statements, a trailing ; and a trailing comment', () => {
  check({
    a: 'one, plain, catches',
    'a | b': 'one, plain, catches',
    'a && b': '&&, plain',
    'a && b > c | d': '&&, plain',
    'a;': 'one, plain, catches, ends',
    'a; b': ';, catches',
    'a; b && c;': '&& ;, ends',
    'a || b': '||',
    'a\nb\n': ';, catches',
    'a\n\n# c\n': 'one, plain, catches, comment # c\n',
    'a # b': 'one, plain, catches, comment # b',
    'a; # b': 'one, plain, catches, ends, comment # b',
    'echo "#" a#b': 'one, plain, catches',
    '! a': 'one',
    '(a; b)': 'one',
    '{ a; b; }': 'one',
    'if a; then b; fi': 'one',
    'cat <<E > f\nx; y\nE': 'one, plain, catches',
    'cat <<E > f && b\nx\nE': '&&, plain',
    '[ -f a ] && [[ b ]]': '&&, plain',
  });
});

test('what would be left behind in the shell', () => {
  const variable = 'leaks: sets a variable that what follows would see';
  check({
    'cd a && b': '&&, plain, leaks: uses cd, which would change the directory of what follows',
    '(cd a && b)': 'one',
    'a $(cd b; pwd)': 'one, plain, catches',
    'A=1': `one, ${variable}`,
    'A=1 b': 'one, plain, catches',
    'A=1 B=2; c': `;, catches, ${variable}`,
    'a ${B:=c}': `one, plain, catches, ${variable}`,
    'a ${B:-c}': 'one, plain, catches',
    'a $((B + 1 == 2))': 'one, plain, catches',
    'a $((B = 1))': 'one, plain, catches, leaks: sets a variable in its arithmetic',
    'for a in b; do c; done': `one, ${variable}`,
    'f() { a; }': 'one, leaks: defines a function that what follows would see',
    'export A=1': 'one, leaks: uses export, which would change variables of what follows',
    'unset A': 'one, leaks: uses unset, which would change variables of what follows',
    'a || exit 1': '||, leaks: uses exit, which would end the shell before what follows',
    'exec a': 'one, plain, catches, leaks: uses exec, which would end the shell before what follows',
    "trap 'a' EXIT; b": ';, catches, leaks: uses trap, which would change how the shell runs what follows',
    'c"d" a': 'one, plain, catches, leaks: uses cd, which would change the directory of what follows',
    '$A b': 'one, errexit, catches, leaks: runs a command that a variable names',
    'command -v a': 'one, plain, catches',
  });
});

test('what makes the shell end at the first failure', () => {
  const set = 'leaks: uses set, which would change how the shell runs what follows';
  check({
    'set -e; a': `;, errexit, head set -e, catches, ${set}`,
    'set -eux; a && b': `&& ;, errexit, head set -eux, ${set}`,
    'set -e -o pipefail; a': `;, errexit, head set -e -o pipefail, catches, ${set}`,
    'set -x; a': `;, catches, ${set}`,
    'set -e && a': `&&, plain, ${set}`,
    'a; set -e; b': `;, errexit, catches, ${set}`,
    '(set -e; a; b)': 'one, errexit',
    '. a && b': '&&, errexit, leaks: uses ., which can do anything to the shell of what follows',
    'set $A; b': `;, errexit, catches, ${set}`,
  });
});

test('what is not joined at all', () => {
  check({
    'a & b': 'refused: starts something in the background',
    'sh -c "a & b"': 'refused: may leave a process running beside what follows',
    'sh -c "a && b 2>&1"': 'one, plain, catches',
    'a <(b)': 'refused: has a process substitution',
    'a && && b': 'refused: cannot be read as a shell command',
    '(a': 'refused: cannot be read as a shell command',
    'a "b': 'refused: cannot be read as a shell command',
    'a &&': 'refused: cannot be read as a shell command',
    'a \\': 'refused: ends in a backslash',
    '# a': 'refused: has no command',
    '': 'refused: has no command',
    'echo $$': 'refused: uses $$, which tells of the shell that runs it',
    'a; echo $?': ';, catches',
    'echo $LINENO': 'refused: uses LINENO, which tells of the shell that runs it',
    'a > /dev/null': 'one, plain, catches',
    'touch /dev/x': 'refused: names /dev, which every RUN has anew',
    'a >> /etc/hosts': 'refused: names /etc/hosts, which every RUN has anew',
    'ln -sf bash /bin/sh': 'refused: may replace the shell that runs the next step',
    'ln -s a b': 'one, plain, catches',
    'ln a b': 'refused: makes a hard link, which a second layer would break',
    'cp -al a b': 'refused: makes hard links, which a second layer would break',
    'gpg --verify a': 'refused: uses gpg, which may leave its agent running',
    'a | gpg --dearmor -o b': 'one, plain, catches',
    'service a start': 'refused: may leave a process running beside what follows',
    'env > a': 'refused: lists variables of the shell',
    'export -p': 'refused: lists variables of the shell',
    'env A=1 b': 'one, plain, catches',
    'alias a=b': 'refused: uses alias, which changes which words are commands',
    'kill 1': 'refused: uses kill, which sends signals, which may reach more in a joined step',
    'a\u0007': 'refused: holds a control character',
  });
});

describe('any text', () => {
  test('has facts, and never throws', () => {
    const random = seededRandom(11);
    const pieces =
      '& && | || ; ;; ( ) { } < > << <<- <<E $ ` " \' \\ # ! = a if then fi for do done case esac in [[ ]] $(( )) ${ A= \n \t é'.split(
        ' ',
      );
    for (let i = 0; i < 3_000; i++) {
      let text = '';
      for (let n = Math.floor(random() * 14); n > 0; n--) {
        text += pieces[Math.floor(random() * pieces.length)]! + (random() < 0.6 ? ' ' : '');
      }
      const { refusal, plain, operators } = shellFacts(text, parser);
      assert.ok(refusal === null || refusal.length > 0);
      assert.ok(!plain || !operators.has('||'), text);
    }
  });
});
