// Which stages of several Dockerfiles begin alike, where they part, and what could be shared.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { sharingHints } from '../../../server/src/forecast/sharingHints';
import { type SharingFile, stageChains } from '../../../server/src/forecast/stageChains';
import { type Place, type StageGroup, stageSharing } from '../../../server/src/forecast/stageSharing';
import { sha256 } from '../../../server/src/primitives/digest';

interface Given {
  text: string;
  choice?: Partial<BuildChoice>;
  context?: string;
  /** Content by the text of the line that takes it. */
  takes?: Record<string, string>;
}

function read(given: readonly (string | Given)[]) {
  const files = given.map((one, at): SharingFile => {
    const { text, choice, context, takes = {} } = typeof one === 'string' ? { text: one } : one;
    const dockerfile = parseDockerfile(text);
    return {
      name: `${at}`,
      dockerfile,
      choice: { ...defaultChoice, ...choice },
      context: context ?? `/folder${at}`,
      contentOf(instruction) {
        const content = takes[dockerfile.instructions[instruction]!.text];
        return content === undefined ? null : { key: sha256(content), parts: null };
      },
      named: new Set(),
    };
  });
  const { chains, complete } = stageChains(files);
  const letter = (file: number) => String.fromCharCode(97 + file);
  /** `a3`: line 3 of the first file. */
  const line = ({ file, instruction }: Place) =>
    `${letter(file)}${files[file]!.dockerfile.instructions[instruction]!.line}`;
  const stage = (chain: number) => {
    const { file, stage: index } = chains[chain]!;
    return `${letter(file)}:${files[file]!.dockerfile.stages[index]!.name ?? index}`;
  };
  return { chains, complete, line, stage };
}

function checkSharing(given: readonly (string | Given)[], expected: string): void {
  const { chains, line, stage } = read(given);
  const { groups, single } = stageSharing(chains);
  const rows: string[] = [];
  const draw = ({ base, chains: members, steps, ends, groups: inner, apart }: StageGroup, indent: string) => {
    const head = indent === '' ? `${base.name}${base.platform && ` ${base.platform}`}: ` : '';
    rows.push(`${indent}${head}${members.map(stage).join(' ')}`);
    for (const { places } of steps) rows.push(`${indent}  = ${places.map(line).join(' ')}`);
    for (const chain of ends) rows.push(`${indent}  . ${stage(chain)}`);
    for (const one of inner) draw(one, `${indent}  `);
    for (const { chain, place, why } of apart) rows.push(`${indent}  ${stage(chain)} ${line(place)} ${why}`);
  };
  for (const group of groups) draw(group, '');
  if (single.length > 0) rows.push(`alone: ${single.map(stage).join(' ')}`);
  assert.equal(rows.join('\n'), expected.replace(/^\n|\n *$/g, '').replaceAll(/^ {4}/gm, ''));
}

function checkHints(given: readonly (string | Given)[], expected: string[]): void {
  const { chains, line, stage } = read(given);
  const drawn = sharingHints(chains).map((hint) => {
    switch (hint.kind) {
      case 'order':
        return hint.made
          .map(({ steps, after, bringsFiles }) => {
            const files = bringsFiles ? ' (files)' : '';
            return `${steps.map(line).join(',')} after ${after.map(line).join(',') || 'nothing'}${files}`;
          })
          .join('; ');
      case 'variables': {
        const variables = hint.variables.map(({ name, place }) => `${name} ${place ? line(place) : 'base'}`);
        return `${hint.steps.map(line).join(' ')}: ${variables.join(', ')}`;
      }
      default:
        return hint.bases
          .map(({ base, chains: on }) => `${base.name} ${on.map(stage).join(' ')}`)
          .join(' | ');
    }
  });
  assert.deepEqual(drawn, expected);
}

test('stages with the same beginning share it up to where they part', () => {
  checkSharing(
    ['FROM node:20\nRUN one\nRUN two\nRUN three\n', 'FROM node:20\nRUN one\nRUN two\nRUN other\n'],
    `
    node:20: a:0 b:0
      = a2 b2
      = a3 b3
      a:0 a4 step
      b:0 b4 step
    `,
  );
});

test('groups stand within groups, and a stage may end where others go on', () => {
  checkSharing(
    [
      'FROM x\nRUN one\n',
      'FROM x\nRUN one\nRUN two\nRUN b\n',
      'FROM x\nRUN one\nRUN two\nRUN c\n',
      'FROM x\nRUN d\n',
      'FROM y\nRUN one\n',
    ],
    `
    x: a:0 b:0 c:0 d:0
      a:0 b:0 c:0
        = a2 b2 c2
        . a:0
        b:0 c:0
          = b3 c3
          b:0 b4 step
          c:0 c4 step
      d:0 d2 step
    alone: e:0
    `,
  );
});

test('a stage on another one shares all of it', () => {
  checkSharing(
    ['FROM x AS base\nRUN one\nFROM base AS test\nRUN two\nFROM base\nRUN three\n'],
    `
    x: a:base a:test a:2
      = a2
      . a:base
      a:test a4 step
      a:2 a6 step
    `,
  );
});

test('what makes no step for BuildKit parts nothing: labels, comments, commands, names of stages', () => {
  checkSharing(
    [
      'FROM x AS one\nLABEL a=1\nRUN \\\n  # why\n  one\nCMD a\n',
      'from docker.io/library/x:latest\nEXPOSE 80\nrun one\n',
    ],
    `
    x: a:one b:0
      = a3 b3
      . a:one
      . b:0
    `,
  );
});

test('an ENV is in the key of each RUN below, an ARG that is given its value by the build too', () => {
  checkSharing(
    ['FROM x\nENV A=1\nRUN one\n', 'FROM x\nRUN one\nENV A=1\n'],
    `
    x: a:0 b:0
      a:0 a3 base
      b:0 b2 base
    `,
  );
  checkSharing(
    ['FROM x\nENV A=1\nRUN one\n', 'FROM x\nENV A=2\nRUN one\n'],
    `
    x: a:0 b:0
      a:0 a3 step
      b:0 b3 step
    `,
  );
  const text = 'ARG TAG=1\nFROM x:$TAG\nARG V\nRUN one\n';
  checkSharing(
    [
      { text, choice: { buildArgs: { V: '1' } } },
      { text, choice: { buildArgs: { V: '1' } } },
    ],
    `
    x:1: a:0 b:0
      = a4 b4
      . a:0
      . b:0
    `,
  );
  checkSharing(
    [{ text, choice: { buildArgs: { V: '1' } } }, text],
    `
    x:1: a:0 b:0
      a:0 a4 base
      b:0 b4 base
    `,
  );
});

test('a relative directory counts as far as the lines tell it', () => {
  checkSharing(
    ['FROM x\nWORKDIR /app\nRUN one\n', 'FROM x\nWORKDIR /app\nRUN one\n', 'FROM x\nWORKDIR /lib\nRUN one\n'],
    `
    x: a:0 b:0 c:0
      a:0 b:0
        = a2 b2
        = a3 b3
        . a:0
        . b:0
      c:0 c2 step
    `,
  );
});

test('what the base image may say itself leaves open whether stages part', () => {
  checkSharing(
    ['FROM x\nWORKDIR app\n', 'FROM x\nWORKDIR /app\n', 'FROM x\nRUN one\n'],
    `
    x: a:0 b:0 c:0
      a:0 a2 base
      b:0 b2 base
      c:0 c2 step
    `,
  );
});

test('a COPY from the context is shared only with the same folder and the same content', () => {
  const text = 'FROM x\nCOPY a /a\nRUN one\n';
  const takes = { 'COPY a /a': '1' };
  checkSharing(
    [
      { text, takes, context: '/c' },
      { text, takes, context: '/c' },
      { text, takes: { 'COPY a /a': '2' }, context: '/c' },
      { text, takes, context: '/other' },
    ],
    `
    x: a:0 b:0 c:0 d:0
      a:0 b:0
        = a2 b2
        = a3 b3
        . a:0
        . b:0
      c:0 c2 files
      d:0 d2 files
    `,
  );
  checkSharing(
    [{ text, context: '/c' }, { text, context: '/c' }, 'FROM x\nCOPY a /b\n'],
    `
    x: a:0 b:0 c:0
      a:0 a2 files
      b:0 b2 files
      c:0 c2 step
    `,
  );
});

test('a COPY from a stage goes by what that stage is', () => {
  const text = (run: string) => `FROM x AS build\nRUN ${run}\nFROM y\nCOPY --from=build /a /a\nRUN end\n`;
  checkSharing(
    [text('one'), text('one'), text('two')],
    `
    x: a:build b:build c:build
      a:build b:build
        = a2 b2
        . a:build
        . b:build
      c:build c2 step
    y: a:1 b:1 c:1
      a:1 b:1
        = a4 b4
        = a5 b5
        . a:1
        . b:1
      c:1 c4 files
    `,
  );
});

test('a COPY --link goes by what it stands on, too', () => {
  const copy = 'COPY --link --from=busybox /bin/sh /sh\n';
  checkSharing(
    [`FROM x\n${copy}`, `FROM x\n${copy}`, `FROM x\nRUN one\n${copy}`],
    `
    x: a:0 b:0 c:0
      a:0 b:0
        = a2 b2
        . a:0
        . b:0
      c:0 c2 step
    `,
  );
});

test('platforms are other bases, and a base that is not known is like no other', () => {
  checkSharing(
    [
      'FROM --platform=linux/arm64 x\nRUN one\n',
      'FROM --platform=linux/amd64 x\nRUN one\n',
      'ARG B\nFROM $B\nRUN one\n',
      'ARG B\nFROM $B\nRUN one\n',
    ],
    'alone: a:0 b:0 c:0 d:0',
  );
});

test('stages on nothing share their steps alone', () => {
  const copy = 'COPY --from=busybox /bin /bin\n';
  checkSharing(
    [`FROM scratch\n${copy}RUN one\n`, `FROM scratch\n${copy}`, 'FROM scratch\nCOPY --from=y / /\n'],
    `
    scratch: a:0 b:0
      = a2 b2
      . b:0
      a:0 a3 step
    alone: c:0
    `,
  );
});

test('ONBUILD triggers of a stage below leave what stands on it open', () => {
  const text = 'FROM x AS a\nONBUILD RUN one\nFROM a\nRUN two\n';
  checkSharing(
    [text],
    `
    x: a:a a:1
      . a:a
      a:1 a4 unknown
    `,
  );
});

test('equal steps after different ones could be shared', () => {
  checkHints(
    ['FROM x\nRUN one\nRUN tools\nRUN more\n', 'FROM x\nRUN tools\nRUN more\n'],
    ['a3,a4 after a2; b2,b3 after nothing'],
  );
  checkHints(
    ['FROM x\nRUN one\nRUN two\n', 'FROM x\nRUN two\nRUN one\n'],
    ['a2 after nothing; b3 after b2', 'a3 after a2; b2 after nothing'],
  );
  checkHints(
    ['FROM x\nCOPY a /\nRUN tools\n', 'FROM x\nCOPY b /\nRUN tools\n'],
    ['a3 after a2 (files); b3 after b2 (files)'],
  );
});

test('nothing could be moved where files alone tell stages apart, on another base, and within one stage', () => {
  checkHints(['FROM x\nCOPY a /\nRUN tools\n', 'FROM x\nCOPY a /\nRUN tools\n'], []);
  checkHints(['FROM x\nRUN one\nRUN tools\n', 'FROM y\nRUN tools\n'], []);
  checkHints(['FROM x\nRUN tools\nRUN one\nRUN tools\n'], []);
  checkHints(['FROM x\nRUN one\n', 'FROM x\nRUN one\n'], []);
});

test('the same command with other variables is told with the lines that set them', () => {
  checkHints(
    ['FROM x\nENV A=1 B=2\nRUN one\n', 'FROM x\nARG A=2\nENV B=2\nRUN one\n'],
    ['a3 b4: A a2, A b2'],
  );
});

test('tags of one repository are told', () => {
  checkHints(
    [
      'FROM node:20\n',
      'FROM docker.io/library/node:20.1 AS b\n',
      'FROM library/node:20\n',
      'FROM other/node:20\n',
    ],
    ['node:20 a:0 c:0 | docker.io/library/node:20.1 b:b'],
  );
});

test('a text of very many stages is cut, and that is told', () => {
  const many = Array.from({ length: 1_200 }, () => 'FROM x').join('\n');
  assert.equal(read([many]).complete, false);
  assert.equal(read([many]).chains.length, 1_000);
  const tower = Array.from(
    { length: 900 },
    (_, at) => `FROM ${at === 0 ? 'x' : `s${at}`} AS s${at + 1}\nRUN ${at}`,
  );
  const { chains, complete } = read([tower.join('\n')]);
  assert.equal(complete, false);
  assert.ok(stageSharing(chains).groups.length === 1);
});
