// MergeConsecutiveRuns: a correct result or no offer.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { explainMerge, mergeFixes } from '../../../server/src/rules/mergeConsecutiveRuns';
import { runRules } from '../../../server/src/rules/rule';
import {
  applyFix,
  checkFix,
  contextOf,
  drawFindings,
  instructionAt,
  readMarked,
} from '../../support/dockerfileMarkers';
import { seededRandom } from '../../support/random';

const above = 'Merge with the RUN above';

/** The RUN at the cursor is not merged with the one above, for that reason. */
function checkRefused(marked: string, reason: string): void {
  const { text, cursor } = readMarked(marked);
  const dockerfile = parseDockerfile(text);
  const run = instructionAt(dockerfile, cursor!);
  assert.deepEqual(explainMerge(dockerfile, run.index), { possible: false, reason });
  assert.deepEqual(mergeFixes(dockerfile, run.index), []);
  assert.deepEqual(
    drawFindings(text).filter((finding) => finding.startsWith(`${run.line} MergeConsecutiveRuns`)),
    [],
  );
}

describe('merging with the RUN above', () => {
  test('joins the commands with &&', () => {
    checkFix('FROM a\nRUN b\n<|>RUN c\n', above, 'FROM a\nRUN b \\\n    && c\n');
  });
  test('keeps the formatting of each', () => {
    checkFix(
      `
FROM a
RUN apt-get update \\
    && apt-get install -y \\
        git   curl
<|>RUN make \\
 && make install
CMD x
`,
      above,
      `
FROM a
RUN apt-get update \\
    && apt-get install -y \\
        git   curl \\
    && make \\
 && make install
CMD x
`,
    );
  });
  test('keeps comments and blank lines within the continuation lines', () => {
    checkFix(
      'FROM a\nRUN b \\\n  # why b\n  c\n<|>RUN d \\\n# why d\n\n  e',
      above,
      'FROM a\nRUN b \\\n  # why b\n  c \\\n    && d \\\n# why d\n\n  e',
    );
  });
  test('drops blank lines between them and blanks at the end of the line', () => {
    checkFix('FROM a\nRUN b  \n\n  \n<|>RUN c', above, 'FROM a\nRUN b \\\n    && c');
  });
  test('keeps CRLF, also in a file that mixes line ends', () => {
    checkFix('FROM a\r\nRUN b\r\n<|>RUN c\r\n', above, 'FROM a\r\nRUN b \\\r\n    && c\r\n');
    checkFix('FROM a\nRUN b\r\n<|>RUN c\n', above, 'FROM a\nRUN b \\\r\n    && c\n');
  });
  test('takes a command that begins on a continuation line', () => {
    checkFix('FROM a\nRUN b\n<|>RUN \\\n    c \\\n && d', above, 'FROM a\nRUN b \\\n && c \\\n && d');
  });
  test('takes pipelines, quotes and keywords in any case', () => {
    checkFix(
      `FROM a\nrun b | c\n<|>Run "d" 'e;f' | g > h`,
      above,
      `FROM a\nrun b | c \\\n    && "d" 'e;f' | g > h`,
    );
  });
  test('keeps comments between the steps and between keyword and command', () => {
    checkFix('FROM a\nRUN b\n\n# why\n<|>RUN c', above, 'FROM a\nRUN b \\\n# why\n    && c');
    checkFix('FROM a\nRUN b\n<|>RUN \\\n # why\n c', above, 'FROM a\nRUN b \\\n # why\n    && c');
  });
  test('continues lines with the escape character of the file', () => {
    checkFix('# escape=`\nFROM a\nRUN b\n<|>RUN c', above, '# escape=`\nFROM a\nRUN b `\n    && c');
  });
  test('crosses what only changes the configuration', () => {
    checkFix(
      'FROM a\nRUN b\nLABEL x=y\n# on c\n<|>RUN c\nCMD d\n',
      above,
      'FROM a\nRUN b \\\n# on c\n    && c\nLABEL x=y\nCMD d\n',
    );
  });
  test('takes indented instructions', () => {
    checkFix('FROM a\n  RUN b\n  <|>RUN c', above, 'FROM a\n  RUN b \\\n    && c');
  });
  test('gives the text that BuildKit reads as one RUN', () => {
    const text = 'FROM a\nRUN b \\\n # c\n  d\nRUN e';
    const [fix] = mergeFixes(parseDockerfile(text), 2);
    const merged = parseDockerfile(applyFix(text, fix!));
    assert.deepEqual(
      merged.instructions.map(({ text: line }) => line),
      ['FROM a', 'RUN b   d     && e'],
    );
    assert.deepEqual(merged.problems, []);
  });
  test('is the preferred fix, promises the same result and says which line it joins', () => {
    const [finding] = runRules(contextOf('FROM a\nRUN b\nRUN c \\\n d'));
    assert.equal(finding!.message, 'this RUN and the one of line 2 can be one layer');
    assert.deepEqual(
      [finding!.severity, finding!.line, finding!.endLine, finding!.bytes],
      ['hint', 3, 4, null],
    );
    assert.deepEqual([finding!.start, finding!.end], [13, 16]);
    const [fix] = finding!.fixes;
    assert.deepEqual([finding!.fixes.length, fix!.effect, fix!.isPreferred], [1, 'same-result', true]);
  });
});

describe('merging all', () => {
  test('is offered from three on and takes them in one step', () => {
    checkFix(
      'FROM a\nRUN b\n<|>RUN c\nRUN d \\\n  e\n',
      'Merge 3 RUN steps into one layer',
      'FROM a\nRUN b \\\n    && c \\\n    && d \\\n  e\n',
    );
  });
  test('stops at a RUN that cannot be merged', () => {
    const text = 'FROM a\nRUN b\nRUN c\nRUN d\nRUN cd /e\nRUN f\nRUN g';
    const found = runRules(contextOf(text));
    assert.deepEqual(
      found.map(({ line, fixes }) => `${line} ${fixes.map(({ title }) => title).join(', ')}`),
      [
        `3 ${above}, Merge 3 RUN steps into one layer`,
        `4 ${above}, Merge 3 RUN steps into one layer`,
        `7 ${above}`,
      ],
    );
  });
  test('lets a command that may have been replaced be found anew', () => {
    checkFix(
      'FROM a\nRUN pip install b\nRUN apt-get install -y pip\n<|>RUN pip install c',
      'Merge 3 RUN steps into one layer',
      'FROM a\nRUN ( pip install b ) \\\n    && apt-get install -y pip \\\n    && pip install c',
    );
  });
  test('is the same as merging one after the other', () => {
    const text = 'FROM a\nRUN b\nRUN c\nRUN d\n';
    const [, all] = mergeFixes(parseDockerfile(text), 3);
    const once = applyEdits(text, mergeFixes(parseDockerfile(text), 2)[0]!.edits);
    const twice = applyEdits(once, mergeFixes(parseDockerfile(once), 2)[0]!.edits);
    assert.equal(twice, applyEdits(text, all!.edits));
  });
});

describe('no offer', () => {
  test('where no RUN stands above', () => {
    checkRefused('FROM a\n<|>RUN b', 'the step above is FROM');
    checkRefused('FROM a\nRUN b\nENV A=1\n<|>RUN c', 'the step above is ENV');
    checkRefused('FROM a\nRUN b\nFROM c\n<|>RUN d', 'the step above is FROM');
    assert.equal(explainMerge(parseDockerfile('RUN a'), 0).reason, 'no step stands above it');
    assert.equal(explainMerge(parseDockerfile('FROM a'), 0).reason, 'only a RUN can be merged with a RUN');
    assert.equal(explainMerge(parseDockerfile(''), 7).possible, false);
  });
  test('with flags, a heredoc or the exec form on either side', () => {
    checkRefused(
      'FROM a\nRUN --network=none b\n<|>RUN c',
      'line 2 has the flag --network=none, which line 3 has not',
    );
    checkRefused(
      'FROM a\nRUN b\n<|>RUN --mount=target=/x c',
      'line 3 has the flag --mount=target=/x, and line 2 might see what it mounts',
    );
    checkRefused('FROM a\nRUN <<E\nb\nE\n<|>RUN c', 'line 2 has a heredoc');
    checkRefused('FROM a\nRUN b\n<|>RUN ["c"]', 'line 3 is in exec form');
    checkRefused('FROM a\nRUN ["b"]\n<|>RUN c', 'line 2 is in exec form');
    checkRefused('FROM a\nRUN b\n<|>RUN', 'line 3 has no command');
  });
  test('with a shell text that would do something else', () => {
    const cases: [string, string, string][] = [
      ['b # why', 'c', 'line 2 has a comment that would swallow what follows'],
      ['b &', 'c', 'line 2 starts something in the background'],
      ['cd /b', 'c', 'line 2 uses cd, which would change the directory of what follows'],
      ['export B=1', 'c', 'line 2 uses export, which would change variables of what follows'],
      ['set -e && b', 'c', 'line 2 uses set, which would change how the shell runs what follows'],
      ['b', 'exit 0', 'line 3 uses exit, which would end the shell before what follows'],
      ['exec b', 'c', 'line 2 uses exec, which would end the shell before what follows'],
      ['b || true', 'c', 'line 2 has a || list, which binds differently after &&'],
      ['b; c', 'd', 'line 2 has a list with ;, which goes on after a failure'],
      ['A=1', 'c', 'line 2 sets a variable that what follows would see'],
      ['echo "b', 'c', 'line 2 has a " that does not close'],
      ['b \\\\', 'c', 'line 2 ends in a backslash'],
      ['b', '&& c', 'line 3 has an operator without a command'],
    ];
    for (const [first, second, reason] of cases)
      checkRefused(`FROM a\nRUN ${first}\n<|>RUN ${second}`, reason);
  });
  test('with a shell that may not know &&', () => {
    const refuse = (head: string, shell: string) =>
      checkRefused(`${head}\nRUN b\n<|>RUN c`, `the shell is ${shell}, which may not know &&`);
    refuse('FROM a\nSHELL ["cmd", "/S", "/C"]', 'cmd /S /C');
    refuse('FROM a AS x\nSHELL ["pwsh", "-c"]\nFROM x', 'pwsh -c');
    refuse('FROM a\nSHELL ["/bin/bash", "-i", "-c"]', '/bin/bash -i -c');
    refuse('FROM a\nSHELL ["/bin/bash"]', '/bin/bash');
    refuse('FROM mcr.microsoft.com/windows/nanoserver:1', 'that of Windows');
    refuse('FROM --platform=windows/amd64 a', 'that of Windows');
  });
  test('but a SHELL of the sh family is fine', () => {
    const shells = [
      '["/bin/bash", "-o", "pipefail", "-c"]',
      '["/bin/ash", "-eo", "pipefail", "-c"]',
      '["sh", "-exc"]',
    ];
    for (const shell of shells) {
      const text = `FROM a\nSHELL ${shell}\nRUN b\nRUN c`;
      assert.equal(explainMerge(parseDockerfile(text), 3).possible, true, shell);
    }
  });
});

describe('stages that do not ship', () => {
  test('get no finding, since nothing is gained, but the fix is there when asked for', () => {
    const text = 'FROM a AS b\nRUN c\nRUN d\nFROM e\nCOPY --from=b f g';
    assert.deepEqual(drawFindings(text), []);
    assert.deepEqual(
      mergeFixes(parseDockerfile(text), 2).map(({ title }) => title),
      [above],
    );
    assert.equal(drawFindings(text, { ...defaultChoice, target: 'b' }).length, 1);
  });
  test('a stage that a shipped one stands on ships', () => {
    assert.equal(drawFindings('FROM a AS b\nRUN c\nRUN d\nFROM b').length, 1);
  });
});

test('whatever is offered reads as one RUN with the commands of both, and undo gives the text back', () => {
  const parts = [
    ...['b', 'cd c', 'echo "d', 'e && f', 'g | h', 'i; j', 'k || l', 'm &', 'n # o', 'A=1 p', 'A=1', '["q"]'],
    ...[
      '--x s',
      't \\\n  u',
      'v \\\n # w\n  x',
      '\\\n y',
      '<<E\nz\nE',
      "'a b'",
      '"c \\\n d"',
      'e \\\\',
      '',
      'f  ',
    ],
    ...[
      'echo \\',
      '"',
      "echo '#'",
      '[',
      ']',
      '["a"',
      '&& i',
      'j &&',
      '$(k)',
      '${l}',
      '`m`',
      '\r',
      '\0',
      '🙂',
      '# n',
    ],
    ...['[ -f r ]', '\tg', 'h\\ ', 'i \\\n\n  j', 'k\u00a0', '\u00a0l', 'm\v', '\\\n# n\n o'],
  ];
  const gaps = ['\n', '\n', '\n', '\n', '\n\n', '\r\n', ' \n', '\n# c\n', '\n  ', '\nLABEL l\n'];
  const random = seededRandom(3);
  const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)]!;
  const commandsOf = (text: string) =>
    parseDockerfile(text)
      .instructions.filter(({ keyword }) => keyword === 'RUN')
      .map(({ rest }) => rest.replaceAll(/ +&& +/g, ' && '))
      .join(' && ');
  let offered = 0;
  for (let i = 0; i < 4_000; i++) {
    let text = 'FROM a';
    for (let runs = 2 + Math.floor(random() * 3); runs > 0; runs--) text += `${pick(gaps)}RUN ${pick(parts)}`;
    text += pick(['', '\n', '\nCMD x', '\r\nENV A=1\r\n']);
    const before = parseDockerfile(text);
    for (const finding of runRules(contextOf(text))) {
      if (finding.rule !== 'MergeConsecutiveRuns') continue;
      for (const fix of finding.fixes) {
        offered++;
        const merged = applyFix(text, fix);
        const after = parseDockerfile(merged);
        const runs = (one: typeof before) =>
          one.instructions.filter(({ keyword }) => keyword === 'RUN').length;
        const others = (one: typeof before) => one.instructions.length - runs(one);
        assert.ok(runs(after) < runs(before), text);
        assert.equal(others(after), others(before), text);
        assert.equal(after.problems.length, before.problems.length, text);
        assert.equal(commandsOf(merged), commandsOf(text), text);
      }
    }
  }
  assert.ok(offered > 300, `only ${offered} fixes were offered: the test says too little`);
});
