// Any text at all: no throw, no hang, and a Dockerfile whose parts fit together. Every prefix of every fixture, random
// bytes and pieces from a fixed seed, and large texts made to be slow.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Dockerfile, defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { reachableStages, shippedChain } from '../../../server/src/dockerfile/stageGraph';
import { environmentAt } from '../../../server/src/dockerfile/variables';
import { predictSize } from '../../../server/src/forecast/sizes';
import { effectOf } from '../../../server/src/forecast/whichLayers';
import { runRules } from '../../../server/src/rules/rule';
import { contextOf } from '../../support/dockerfileMarkers';
import { seededRandom } from '../../support/random';

const folder = path.join(process.env.STRATA_ROOT ?? process.cwd(), 'test/fixtures/dockerfiles');
const fixtures = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(path.join(folder, name), 'utf8'),
}));

/** Asks everything that is asked on a keystroke. */
function askAll(text: string): Dockerfile {
  const context = contextOf(text);
  const { dockerfile } = context;
  runRules(context);
  shippedChain(dockerfile, defaultChoice);
  reachableStages(dockerfile, defaultChoice);
  for (const instruction of dockerfile.instructions) {
    effectOf(dockerfile, instruction, 'buildkit', defaultChoice);
    predictSize(dockerfile, instruction, defaultChoice);
  }
  environmentAt(dockerfile, dockerfile.instructions.length - 1, defaultChoice);
  return dockerfile;
}

function checkFits({ text, lineStarts, instructions, stages, problems }: Dockerfile): void {
  let after = 0;
  for (const [index, one] of instructions.entries()) {
    assert.equal(one.index, index);
    assert.ok(one.line > after && one.endLine >= one.line, 'lines of instructions do not overlap');
    assert.ok(
      lineStarts[one.line - 1]! <= one.start && one.start <= one.keywordEnd && one.keywordEnd <= one.end,
    );
    assert.ok(one.end <= (lineStarts[one.endLine] ?? text.length + 1));
    if (one.text !== '') assert.equal(text[one.start], one.text[0]);
    assert.ok(one.text.endsWith(one.rest), 'the rest is the end of the text');
    if (one.stage !== null)
      assert.ok(index === stages[one.stage]!.from || stages[one.stage]!.instructions.includes(index));
    for (const { line, endLine } of one.heredocs)
      assert.ok(one.line <= line && line <= endLine && endLine <= one.endLine);
    after = one.endLine;
  }
  for (const { base, index } of stages) if (base.kind === 'stage') assert.ok(base.stage < index);
  for (const { line } of problems) assert.ok(line === null || (line >= 1 && line <= lineStarts.length));
}

describe('fixtures', () => {
  for (const { name, text } of fixtures) {
    test(`every prefix of ${name}`, () => {
      for (let length = 0; length <= text.length; length++) checkFits(askAll(text.slice(0, length)));
    });
    test(`${name} with CRLF, with a byte order mark and with tabs reads the same`, () => {
      const draw = (changed: string) =>
        parseDockerfile(changed).instructions.map(({ line, endLine, keyword, words }) => [
          line,
          endLine,
          keyword,
          words,
        ]);
      assert.deepEqual(draw(text.replaceAll('\n', '\r\n')), draw(text));
      assert.deepEqual(draw(`\ufeff${text}`), draw(text));
      checkFits(parseDockerfile(text.replaceAll('\n', '\r\n')));
    });
  }
});

describe('random texts', () => {
  test('bytes', () => {
    const random = seededRandom(1);
    for (let i = 0; i < 2_000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256));
      checkFits(askAll(Buffer.from(bytes).toString(i % 2 ? 'latin1' : 'utf8')));
    }
  });
  test('pieces of Dockerfiles', () => {
    const pieces = [
      ...[
        'FROM a',
        'FROM a AS b',
        'FROM b',
        'RUN ',
        'COPY ',
        'ENV ',
        'ARG ',
        'WORKDIR ',
        'ONBUILD ',
        'CMD ',
        'LABEL ',
      ],
      ...[
        '\n',
        '\n',
        '\n',
        '\r\n',
        '\r',
        ' ',
        '\t',
        '\\\n',
        '\\\\\n',
        '# c\n',
        '# escape=`\n',
        '`\n',
        '\0',
        '\ufeff',
      ],
      ...[
        '<<A',
        '<<-A',
        '<< A',
        "<<'A'",
        '\nA\n',
        '\n\tA\n',
        '<<<',
        '"',
        "'",
        '$x',
        '${x',
        '${x:-',
        '}',
        '$(',
        '`',
        '#',
      ],
      ...[
        '["a"]',
        '[1]',
        '[',
        ']',
        '--from=b ',
        '--mount=from=b ',
        '--',
        '&& b',
        '|| c',
        '; d',
        '/e',
        'a=b',
        '\u00a0',
        'é',
      ],
      ...['# strata: ignore=MergeConsecutiveRuns\n', 'RUN a\nRUN b\n', '  && c\n'],
    ];
    const random = seededRandom(2);
    for (let i = 0; i < 4_000; i++) {
      const length = 1 + Math.floor(random() * 20);
      const text = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]!).join('');
      checkFits(askAll(text));
    }
  });
});

describe('large texts', () => {
  const size = 1_000_000;
  const fill = (piece: string, length = size) =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
  const slow: Record<string, string> = {
    'double quotes': `FROM a\nENV A=${fill('"')}`,
    'single quotes': `FROM a\nRUN <<A ${fill("'")}`,
    '<<': `FROM a\nRUN ${fill('<<')}`,
    'heredocs on one line': `FROM a\nCOPY ${fill('<<A ', size / 8)} /x/\n${fill('A\n', size / 8)}`,
    'heredocs that never close': `FROM a\nRUN ${fill('<<A ', size / 4)}`,
    backslashes: fill('\\'),
    'continuation lines': `RUN ${fill('a \\\n')}`,
    'lines of one backslash': fill('\\\n'),
    '${': `FROM a\nENV A=${fill('${')}`,
    'nested defaults': `FROM a\nENV A=${fill('${a:-${b:-')}`,
    'nested defaults that close': `FROM a\nENV A=${'${a:-'.repeat(150_000)}${'}'.repeat(150_000)}`,
    'nested defaults before a heredoc': `FROM a\nRUN <<A ${fill('${a:-${b:-')}`,
    brackets: `FROM a\nRUN ${fill('[', size / 2)}${fill(']', size / 2)}`,
    'variables that double': `FROM scratch\nENV a=xx\n${'ENV a=$a$a\n'.repeat(90)}`,
    'global arguments that double': `ARG a=xx\n${'ARG a=$a$a\n'.repeat(90)}FROM $a`,
    'a long value, used often': `FROM scratch\nENV a=${fill('x', 60_000)}\n${fill('ENV b=$a$a$a\n', size / 4)}`,
    'a long pattern': `FROM scratch\nENV a=${fill('a', 60_000)}\nENV b=\${a//${fill('*a', 60_000)}b/x}`,
    'stages on one base': `FROM scratch AS z\n${fill('ENV a=1 b=2\n', 400_000)}${fill('FROM z\nENV b=$a\n', 400_000)}`,
    'a chain of stages': fill('FROM a AS a\nENV x=$y\n', size / 4),
    'a chain of directories': `FROM scratch\n${fill('WORKDIR a\n', size / 4)}`,
    'triggers and stages': `FROM scratch AS a\n${fill('ONBUILD ENV a=1\n', size / 2)}${fill('FROM a\n', size / 2)}`,
    'RUN after RUN': `FROM a\n${fill('RUN a\n', size / 4)}`,
    'broken lines': `FROM a\nRUN a\n${fill('&& a\n', size / 4)}`,
    'unknown words': fill('x\n', size / 4),
    comments: fill('# strata: ignore=A,B\n'),
    blanks: `# escape=${fill(' ')}x`,
    flags: `FROM a\nRUN ${fill('--a ')}`,
    'mount options': `FROM a\nRUN --mount=${fill('",')}`,
    'shell substitutions': `FROM a\nRUN a\nRUN ${fill('$(')}`,
    'shell backquotes': `FROM a\nRUN a\nRUN ${fill('`')}`,
    NUL: `FROM a\nRUN ${fill('\0')}`,
  };
  for (const [name, text] of Object.entries(slow)) {
    test(`a large text of ${name}`, () => {
      const started = process.cpuUsage();
      askAll(text);
      const { user, system } = process.cpuUsage(started);
      // Far above what it takes (a second at most), far below what a square would.
      assert.ok(user + system < 15_000_000, `${Math.round((user + system) / 1000)} ms of processor time`);
    });
  }
});
