import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { carryForward } from '../../../server/src/mapping/carryForward';

/**
 * Below each instruction of the edited text stands what must be said of it: `#= 3` for the measure of built line 3,
 * `#= was 3: why` for a stale one, `#= new: why`. Lines without a mark are not looked at.
 */
function checkCarried(built: string, edited: string) {
  const before = parseDockerfile(built);
  const after = parseDockerfile(edited);
  const lines = edited.split('\n');
  const told: string[] = [];
  const expected: string[] = [];
  for (const { instruction, from, state, because } of carryForward(before, after)) {
    const { endLine, text } = after.instructions[instruction]!;
    const mark = /^#= (.*)$/.exec(lines[endLine] ?? '')?.[1];
    if (mark === undefined) continue;
    const line = from === null ? null : before.instructions[from]!.line;
    told.push(
      `${text}: ${state === 'same' ? line : state === 'stale' ? `was ${line}: ${because}` : `new: ${because}`}`,
    );
    expected.push(`${text}: ${mark}`);
  }
  assert.ok(expected.length > 0);
  assert.deepEqual(told, expected);
}

const built = `ARG TAG=1
FROM node:$TAG AS build
WORKDIR /src
COPY package.json ./
RUN npm ci && \\
    npm test
LABEL stage=build

FROM nginx
COPY --from=build /src/dist /www
RUN echo done
CMD ["nginx"]
`;

describe('carryForward', () => {
  test('keeps every measure when only comments and blank lines come and go', () => {
    checkCarried(
      built,
      `# a title

ARG TAG=1
#= 1

FROM node:$TAG AS build
#= 2
WORKDIR /src
#= 3

# why
COPY package.json ./
#= 4
RUN npm ci && \\
# within

    npm test
#= 5
LABEL stage=build
#= 7
FROM nginx
#= 9
COPY --from=build /src/dist /www
#= 10
RUN echo done
#= 11
CMD ["nginx"]
#= 12
`,
    );
  });

  test('makes an edited line and all that builds on it stale, in other stages too', () => {
    checkCarried(
      built,
      `ARG TAG=1
FROM node:$TAG AS build
#= 2
WORKDIR /src
#= 3
COPY package.json yarn.lock ./
#= was 4: this line changed since the build
RUN npm ci && \\
    npm test
#= was 5: line 6 changed since the build
LABEL stage=build
#= 7

FROM nginx
#= 9
COPY --from=build /src/dist /www
#= was 10: line 6 changed since the build
RUN echo done
#= was 11: line 6 changed since the build
CMD ["nginx"]
#= 12
`,
    );
  });

  test('lets a label come, go and change without touching the measures around it', () => {
    checkCarried(
      built,
      `ARG TAG=1
FROM node:$TAG AS build
LABEL new=one
#= new: this line is new since the build
WORKDIR /src
#= 3
COPY package.json ./
#= 4
LABEL stage=builder
#= new: this line is new since the build
RUN npm ci && \\
    npm test
#= 5
FROM nginx
EXPOSE 80
#= new: this line is new since the build
COPY --from=build /src/dist /www
#= 10
`,
    );
  });

  test('sees a new, a moved and a removed line as what makes the lines below stale', () => {
    checkCarried(
      'FROM a\nRUN one\nRUN two\nRUN three\n',
      'FROM a\nRUN one\n#= 2\nRUN extra\n#= new: this line is new since the build\nRUN two\n#= was 3: line 4 is new since the build\n',
    );
    checkCarried(
      'FROM a\nRUN one\nRUN two\nRUN three\n',
      'FROM a\n#= 1\nRUN two\n#= was 3: a line above was moved or removed since the build\nRUN three\n#= was 4: a line above was moved or removed since the build\n',
    );
    checkCarried(
      'FROM a AS x\nRUN one\nRUN two\nFROM b\nCOPY --from=x /o /\n',
      'FROM a AS x\nRUN one\n#= 2\nFROM b\n#= 4\nCOPY --from=x /o /\n#= was 5: a line was removed since the build\n',
    );
  });

  test('takes the first of identical lines for the first', () => {
    checkCarried(
      'FROM a\nRUN x\nRUN x\nRUN x\n',
      'FROM a\nRUN x\n#= 2\nRUN y\n#= new: this line is new since the build\nRUN x\n#= was 3: line 4 is new since the build\nRUN x\n#= was 4: line 4 is new since the build\n',
    );
    checkCarried('FROM a\nRUN x\nRUN x\n', 'FROM a\nRUN x\n#= 2\n');
    checkCarried('FROM a\nRUN x\n', 'FROM a\nRUN x\n#= 2\nRUN x\n#= new: this line is new since the build\n');
  });

  test('reads blanks as each instruction does', () => {
    checkCarried(
      'FROM a\nRUN one && \\\n  two\nCOPY a b /c\nENV A=1 B=2\nRUN three\n',
      'from   a\n#= 1\nrun   one && \\\n  two\n#= 2\nCOPY   a   b /c\n#= 4\nENV A=1  B=2\n#= 5\nRUN three  \n#= 6\n',
    );
    checkCarried(
      'FROM a\nRUN one && \\\n  two\n',
      'FROM a\nRUN one && \\\n    two\n#= was 2: this line changed since the build\n',
    );
    checkCarried('FROM a\nRUN ["a", "b c"]\n', 'FROM a\nRUN [ "a" ,"b c" ]\n#= 2\n');
    checkCarried('FROM a\nRUN ["a"]\n', 'FROM a\nRUN a\n#= was 2: this line changed since the build\n');
    checkCarried(
      'FROM a\nENV A one  two\n',
      'FROM a\nENV A one two\n#= was 2: this line changed since the build\n',
    );
    checkCarried(
      'FROM a\nCOPY "a  b" /c\n',
      'FROM a\nCOPY "a b" /c\n#= was 2: this line changed since the build\n',
    );
  });

  test('compares heredocs byte for byte, comments in them included', () => {
    checkCarried('FROM a\nRUN <<EOF\none\nEOF\n', 'FROM a\nRUN <<EOF\none\nEOF\n#= 2\n');
    checkCarried(
      'FROM a\nRUN <<EOF\none\nEOF\n',
      'FROM a\nRUN <<EOF\n# why\none\nEOF\n#= was 2: this line changed since the build\n',
    );
    checkCarried(
      'FROM a\nCOPY <<EOF /x\none\nEOF\n',
      "FROM a\nCOPY <<'EOF' /x\none\nEOF\n#= was 2: this line changed since the build\n",
    );
    checkCarried('FROM a\nRUN <<-EOF\n\tone\nEOF\n', 'FROM a\nRUN <<-EOF\n\t\tone\nEOF\n#= 2\n');
    checkCarried(
      'FROM a\nRUN cat <<-EOF\n\tone\nEOF\n',
      'FROM a\nRUN cat <<-EOF\n\t\tone\nEOF\n#= was 2: this line changed since the build\n',
    );
  });

  test('follows stages that move and change their names', () => {
    checkCarried(
      'FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\nFROM c\nCOPY --from=one /x /\nCOPY --from=1 /y /\nRUN 3\n',
      `FROM b AS zwei
#= 3
RUN 2
#= 4
FROM a AS eins
#= 1
RUN 1
#= 2
FROM c
#= 5
COPY --from=1 /x /
#= 6
COPY --from=zwei /y /
#= 7
RUN 3
#= 8
`,
    );
  });

  test('does not take a stage for another that only has its name', () => {
    checkCarried(
      'FROM a AS x\nRUN 1\nFROM x\nRUN 2\n',
      'FROM b AS x\n#= was 1: this line changed since the build\nRUN 1\n#= was 2: line 1 changed since the build\nFROM x\n#= was 3: line 1 changed since the build\nRUN 2\n#= was 4: line 1 changed since the build\n',
    );
    checkCarried(
      'FROM a AS x\nRUN 1\nFROM b\nCOPY --from=x /1 /\n',
      'FROM a AS x\nRUN 1\n#= 2\nFROM a AS y\nRUN 2\n#= new: this line is new since the build\nFROM b\nCOPY --from=y /1 /\n#= was 4: this line changed since the build\n',
    );
  });

  test('knows what a global ARG reaches', () => {
    checkCarried(
      'ARG T=1\nARG U=1\nFROM a:$T\nRUN 1\nFROM b\nARG U\nRUN 2\nFROM c\nRUN 3\n',
      `ARG T=2
#= was 1: this line changed since the build
ARG U="1 2"
#= was 2: this line changed since the build
FROM a:$T
#= was 3: this line changed since the build
RUN 1
#= was 4: line 5 changed since the build
FROM b
#= 5
ARG U
#= was 6: this line changed since the build
RUN 2
#= was 7: line 11 changed since the build
FROM c
#= 8
RUN 3
#= 9
`,
    );
  });

  test('follows ONBUILD to where it fires', () => {
    checkCarried(
      'FROM a AS x\nONBUILD RUN t\nRUN 1\nFROM x\nRUN 2\n',
      `FROM a AS x
#= 1
ONBUILD RUN u
#= was 2: this line changed since the build
RUN 1
#= 3
FROM x
#= was 4: ONBUILD lines of the stage of line 1 changed
RUN 2
#= was 5: ONBUILD lines of the stage of line 1 changed
`,
    );
  });

  test('lets nothing stand under another syntax or escape character', () => {
    checkCarried(
      'FROM a\nRUN 1\n',
      '# syntax=docker/dockerfile:1\nFROM a\n#= was 1: the syntax directive changed since the build\nRUN 1\n#= was 2: the syntax directive changed since the build\n',
    );
  });

  test('takes any texts', () => {
    for (const [a, b] of [
      ['', ''],
      ['', 'FROM a'],
      ['RUN x', 'FROM a\nRUN x'],
      ['FROM a\nRUNN x', 'FROM'],
      ['COPY --from=9 a b', 'FROM a\nCOPY --from=9 --from=0 a b\nRUN --mount=from= x'],
    ] as const) {
      const [one, other] = [parseDockerfile(a), parseDockerfile(b)];
      assert.equal(carryForward(one, other).length, other.instructions.length);
    }
  });

  test('follows few edits in 10,000 lines', () => {
    const lines = [
      'FROM a',
      ...Array.from({ length: 10_000 }, (_, i) => `RUN echo ${i} && \\\n    echo more ${i % 7}`),
    ];
    const before = parseDockerfile(lines.join('\n'));
    const sameAfter = (edit: (all: string[]) => void) => {
      const changed = [...lines];
      edit(changed);
      const carried = carryForward(before, parseDockerfile(changed.join('\n')));
      return carried.filter(({ state }) => state === 'same').length;
    };
    assert.equal(
      sameAfter((all) => all.splice(5_000, 1, 'RUN edited')),
      5_000,
    );
    assert.equal(
      sameAfter((all) => all.splice(10, 1)),
      10,
    );
    assert.equal(
      sameAfter((all) => all.push('RUN new')),
      10_001,
    );
    assert.equal(
      sameAfter((all) => all.splice(20, 0, ...all.splice(9_000, 5))),
      20,
    );
  });
});
