// Merging RUN steps whose text is read by the shell parser: what is grouped, what is united, what is crossed, what is not
// offered. That the results are the same is proven by real builds: test/live/mergeRuns.test.ts.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { BashParser } from '../../../server/src/dockerfile/bash';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { explainMerge, mergeFixes, mergeSelection } from '../../../server/src/rules/mergeConsecutiveRuns';
import { loadedBash } from '../../support/bashParser';
import { seededRandom } from '../../support/random';
import { generated } from '../../support/runSequences';
import { collected, failing } from '../../support/runShapes';

let parser: BashParser;
before(async () => {
  parser = await loadedBash();
});

const lines = (...all: string[]) => all.join('\n');

/** The last RUN merged with as many above it as can be. */
function merged(body: string, head = 'FROM a\n'): string {
  const dockerfile = parseDockerfile(head + body);
  const last = dockerfile.instructions.findLast(({ keyword }) => keyword === 'RUN')!;
  const fix = mergeFixes(dockerfile, last.index, parser).at(-1);
  const reason = () => `not offered: ${explainMerge(dockerfile, last.index, parser).reason}`;
  return fix ? applyEdits(dockerfile.text, fix.edits).slice(head.length) : reason();
}

function check(body: string, expected: string, head?: string): void {
  assert.equal(merged(body, head), expected);
}

const refused = (body: string, reason: string, head?: string) => check(body, `not offered: ${reason}`, head);

describe('a merged RUN groups only where it must', () => {
  test('parentheses for what would leak into the next step', () => {
    check('RUN cd /b && c\nRUN d', 'RUN ( cd /b && c ) \\\n    && d');
    check('RUN b\nRUN cd /c && d', 'RUN b \\\n    && cd /c && d');
    check('RUN b || exit 1\nRUN c', 'RUN ( b || exit 1 ) \\\n    && c');
  });
  test('braces for lists that && would bind otherwise', () => {
    check('RUN b || c\nRUN d', 'RUN b || c \\\n    && d');
    check('RUN b\nRUN c || d', 'RUN b \\\n    && { c || d; }');
    check('RUN b; c\nRUN d; e;', 'RUN { b; c; } \\\n    && { d; e; }');
    check('RUN b;\nRUN c;', 'RUN { b; } \\\n    && c;');
  });
  test('statements of their own where set -e is to be heeded', () => {
    check('RUN set -ex; b\nRUN set -ex; c', 'RUN set -ex; b; \\\n    set -ex; c');
    check('RUN set -e; b && c\nRUN d', 'RUN set -e; ( set -e; b && c ); \\\n    d');
    check('RUN set -e; b\nRUN c; d', 'RUN set -e; ( set -e; b ); \\\n    set +e; c; d');
    check('RUN b\nRUN set -e; c', 'RUN b \\\n    && { set -e; c; }');
    const head = 'FROM a\nSHELL ["/bin/sh", "-e", "-c"]\n';
    check('RUN b; c\nRUN d', 'RUN ( b; c ); \\\n    d', head);
    check('RUN b && c\nRUN d', 'RUN b && c \\\n    && d', head);
  });
});

describe('a merged RUN keeps what its author wrote', () => {
  test('comments at the end become lines of their own', () => {
    check('RUN b # why b\nRUN c # why c', 'RUN b \\\n    # why b\n    && c # why c');
    check('RUN b\nRUN c; d # why', 'RUN b \\\n    # why\n    && { c; d; }');
  });
  test('the style of its lines', () => {
    check('RUN b && \\\n  c\nRUN d', 'RUN b && \\\n  c && \\\n  d');
    check('RUN b \\\n\t&& c\nRUN d', 'RUN b \\\n\t&& c \\\n\t&& d');
  });
  test('a comment over a continuation hides a command, so nothing is offered', () => {
    refused('RUN b # c \\\n && d\nRUN e', 'a comment hides a part of a command');
  });
});

describe('heredocs', () => {
  test('of scripts with the same set -e become one script', () => {
    check(
      lines('RUN <<EOF', 'set -e', 'b', 'EOF', '# why', 'RUN <<X', 'set -e', 'c', 'X'),
      lines('RUN <<EOF', 'set -e', 'b', '# why', 'set -e', 'c', 'EOF'),
    );
  });
  test('of scripts whose last command decides keep a status of their own', () => {
    check(
      lines('RUN <<EOF', 'b', 'c', 'EOF', 'RUN <<EOF', 'cd d', 'e', 'EOF', ''),
      lines('RUN <<EOF', '{', 'b', 'c', '} &&', '{', 'cd d', 'e', '}', 'EOF', ''),
    );
  });
  test('that feed a command stay behind the joined line, in order', () => {
    check(
      lines('RUN cat <<A > b', 'one', 'A', 'RUN cat <<B > c && d', 'two', 'B'),
      lines('RUN cat <<A > b \\', '    && cat <<B > c && d', 'one', 'A', 'two', 'B'),
    );
  });
  test('are not offered where one would end the other, or where a script meets a line', () => {
    refused(
      lines('RUN <<A', 'b', 'A', 'RUN <<B', 'c', 'A', 'B'),
      'a line of a script is A, which would end the other',
    );
    refused('RUN b\nRUN <<A\nc\nA', 'only one of lines 2 and 3 is a heredoc script');
    refused('RUN b\nRUN <<A\n#!/usr/bin/env python\nA', 'line 3 is a script for a program of its own');
  });
});

describe('flags', () => {
  const cache = '--mount=type=cache,target=/root/.cache';
  test('that are the same stay once', () => {
    check(`RUN ${cache} b\nRUN ${cache} c`, `RUN ${cache} b \\\n    && c`);
    check('RUN --network=none b\nRUN --network=none c', 'RUN --network=none b \\\n    && c');
  });
  test('of mounts that the other step cannot see are united', () => {
    check(
      'RUN echo b > /c\nRUN --mount=type=bind,target=/src make -C /src',
      'RUN --mount=type=bind,target=/src echo b > /c \\\n    && make -C /src',
    );
  });
  test('of mounts that might be seen are not', () => {
    const why = (line: number, other: number, flag: string) =>
      `line ${line} has the flag ${flag}, and line ${other} might see what it mounts`;
    refused(`RUN ${cache} b\nRUN pip install c`, why(2, 3, cache));
    refused('RUN mkdir /src\nRUN --mount=target=/src b', why(3, 2, '--mount=target=/src'));
    refused(
      'RUN rm -rf /*\nRUN --mount=target=/src b',
      'line 2 may remove the folder that the next step starts in',
    );
    refused('RUN chmod 700 src\nRUN --mount=target=/src b', why(3, 2, '--mount=target=/src'));
  });
  test('of mounts that each step has anew are not', () => {
    const tmpfs = '--mount=type=tmpfs,target=/t';
    refused(`RUN ${tmpfs} b\nRUN ${tmpfs} c`, `${tmpfs} is empty or unchanged at the start of each step`);
    const written = '--mount=type=bind,target=/t,rw';
    refused(
      `RUN ${written} b\nRUN ${written} c`,
      `${written} is empty or unchanged at the start of each step`,
    );
  });
});

test('a chain ends before a step whose mount would cover one of the chain, though both go with their neighbours', () => {
  const text =
    'FROM a\nRUN --mount=target=/x touch /a\nRUN touch /b\nRUN touch /c\nRUN --mount=target=/x/y touch /d\nRUN touch /e\n';
  const dockerfile = parseDockerfile(text);
  const titles = [3, 4, 5, 6].map((line) => {
    const run = dockerfile.instructions.find((one) => one.line === line)!;
    return mergeFixes(dockerfile, run.index, parser).map(({ title }) => title);
  });
  const all = ['Merge with the RUN above', 'Merge 3 RUN steps into one layer'];
  assert.deepEqual(titles, [all, all, ['Merge with the RUN above'], ['Merge with the RUN above']]);
});

describe('the exec form', () => {
  test('of a program given by its path is quoted where a shell is known to be', () => {
    check('RUN b\nRUN ["/bin/c", "d e", "$F"]\nRUN g', "RUN b \\\n    && /bin/c 'd e' '$F' \\\n    && g");
  });
  test('is not offered where the shell could run something else, or need not be there', () => {
    refused('RUN b\nRUN ["c"]', 'line 3 is in exec form');
    refused('RUN ["/b"]\nRUN c', 'line 2 is in exec form');
    refused('RUN b\nRUN ["/c", "it\'s"]', 'line 3 is in exec form');
  });
});

test('nothing is offered where a step may remove the folder that the next one starts in', () => {
  const why = 'line 3 may remove the folder that the next step starts in';
  const head = 'FROM a\nWORKDIR /app\n';
  refused('RUN rm -rf /app && git clone b /app\nRUN c', why, head);
  refused('RUN mv ../app /b\nRUN c', why, head);
  refused('RUN rm -rf "$B"\nRUN c', why, head);
  check('RUN rm -rf b /app/c\nRUN d', 'RUN rm -rf b /app/c \\\n    && d', head);
  refused('RUN rm -rf /srv/app\nRUN c', 'line 2 may remove the folder that the next step starts in');
  check('RUN rm -rf /var/lib/apt/lists/*\nRUN c', 'RUN rm -rf /var/lib/apt/lists/* \\\n    && c');
});

test('nothing is offered in a shell that reads files of its own at each step', () => {
  refused(
    'RUN b\nRUN c',
    'the shell is bash -l -c, which reads its profile anew for each step',
    'FROM a\nSHELL ["bash", "-l", "-c"]\n',
  );
  refused('RUN b\nRUN c', 'BASH_ENV makes bash read a file anew for each step', 'FROM a\nENV BASH_ENV=/x\n');
});

describe('a selection', () => {
  const text = lines('FROM a', 'RUN b', 'LABEL l', 'RUN c', 'RUN d', 'ENV E=1', 'RUN e');
  const dockerfile = parseDockerfile(text);
  test('is merged where all its steps can be', () => {
    const fix = mergeSelection(dockerfile, 2, 4, parser);
    assert.ok(typeof fix !== 'string');
    assert.equal(fix.title, 'Merge 2 selected RUN steps');
    assert.equal(
      applyEdits(text, fix.edits),
      lines('FROM a', 'RUN b \\', '    && c', 'LABEL l', 'RUN d', 'ENV E=1', 'RUN e'),
    );
  });
  test('has a reason where not', () => {
    assert.equal(mergeSelection(dockerfile, 2, 3, parser), 'fewer than two RUN steps are selected');
    assert.equal(mergeSelection(dockerfile, 4, 7, parser), 'the step above is ENV');
  });
});

test('whatever is offered for the sequences of the proof is one RUN that the parser can read', () => {
  const random = seededRandom(5);
  let offered = 0;
  for (const body of [...collected, ...failing, ...generated(400, 21)]) {
    const eol = random() < 0.2 && !body.includes('<<') ? '\r\n' : '\n';
    const text = `FROM a\n${body}\n`.replaceAll('\n', eol);
    const before = parseDockerfile(text);
    const last = before.instructions.findLast(({ keyword }) => keyword === 'RUN')!;
    for (const fix of mergeFixes(before, last.index, parser)) {
      offered++;
      const after = parseDockerfile(applyEdits(text, fix.edits));
      assert.deepEqual(after.problems, [], text);
      const others = (one: typeof before) => one.instructions.filter(({ keyword }) => keyword !== 'RUN');
      assert.deepEqual(
        others(after).map(({ text: line }) => line),
        others(before).map(({ text: line }) => line),
        text,
      );
      for (const { keyword, rest, heredocs, json } of after.instructions) {
        // The grammar knows no `;` and no second heredoc behind a heredoc on the same line.
        const isScript = /^<<\S+$/.test(rest);
        if (keyword !== 'RUN' || json || (heredocs.length > 0 && !isScript)) continue;
        const script = isScript ? heredocs[0]!.body : rest;
        assert.ok(!JSON.stringify(parser.parse(script)).includes('"ERROR"'), script);
      }
    }
  }
  assert.ok(offered > 700, `only ${offered} fixes were offered: the test says too little`);
});
