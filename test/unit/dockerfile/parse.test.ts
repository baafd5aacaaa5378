// What is inside one instruction, the stages, and what BuildKit would refuse.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Instruction } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { checkLabels, drawProblems } from '../../support/dockerfileMarkers';

/** The only instruction of a text after `FROM a`. */
function only(text: string): Instruction {
  return parseDockerfile(`FROM a\n${text}`).instructions[1]!;
}

describe('words', () => {
  const of = (text: string) => only(text).words;
  test('COPY and ADD are split at blanks; quotes do not hold a word together', () => {
    assert.deepEqual(of('COPY a  "b" /c'), ['a', 'b', '/c']);
    assert.deepEqual(of('COPY "a b" /c'), ['"a', 'b"', '/c']);
  });
  test('the JSON form gives its strings, blanks, commas and escapes included', () => {
    assert.deepEqual(of('COPY ["a, b", "c d", "\\u0041/"]'), ['a, b', 'c d', 'A/']);
    assert.deepEqual(of('CMD ["a", "b c"]'), ['a', 'b c']);
  });
  test('the shell form of RUN, CMD and ENTRYPOINT has none', () => {
    assert.deepEqual([of('RUN a b'), of('CMD a b'), of('ENTRYPOINT a b')], [[], [], []]);
  });
  test('ENV and LABEL give name=value, quotes processed', () => {
    assert.deepEqual(of('ENV A=1 B="x y" C=z\\ w D=\'$q\''), ['A=1', 'B=x y', 'C=z w', 'D=$q']);
    assert.deepEqual(of('LABEL a.b="c=d"'), ['a.b=c=d']);
  });
  test('the old form of ENV and LABEL takes the rest of the line as the value', () => {
    assert.deepEqual(of('ENV A  b  "c d"'), ['A=b  c d']);
  });
  test('variables stay as written', () => {
    assert.deepEqual(of('COPY $a "${b:-"c"}" /d'), ['$a', '${b:-c}', '/d']);
  });
  test('WORKDIR, USER and STOPSIGNAL take the whole rest', () => {
    assert.deepEqual([of('WORKDIR /a b'), of('USER "x"'), of('STOPSIGNAL 9')], [['/a b'], ['x'], ['9']]);
  });
  test('a heredoc source shows the bare name', () => {
    assert.deepEqual(of('COPY <<"EOF" /x\nEOF'), ['<<EOF', '/x']);
  });
  test('ARG gives one word for each name', () => {
    assert.deepEqual(of('ARG A B="x y"'), ['A', 'B=x y']);
  });
});

describe('the JSON form', () => {
  const of = (text: string) => only(text).json;
  test('an array of strings is the JSON form', () => {
    assert.deepEqual(of('RUN ["a", "b"]'), ['a', 'b']);
    assert.deepEqual(of('RUN [ "a" , "b" ] '), ['a', 'b']);
    assert.deepEqual(of('CMD []'), []);
  });
  test('single quotes, trailing text and an open bracket make it the shell form', () => {
    assert.equal(of("RUN ['a']"), null);
    assert.equal(of('RUN ["a"] b'), null);
    assert.equal(of('RUN ["a"'), null);
    assert.equal(of('RUN [ -f a ] && [ -f b ]'), null);
  });
  test('an array of anything but strings is refused', () => {
    assert.deepEqual(drawProblems('FROM a\nCMD [1]'), ['2 the array of CMD may hold strings only']);
    assert.deepEqual(drawProblems('FROM a\nONBUILD CMD [null]'), [
      '2 the array of CMD may hold strings only',
    ]);
  });
  test('instructions without a JSON form have none', () => {
    assert.equal(of('WORKDIR ["a"]'), null);
  });
  test('HEALTHCHECK has it after CMD', () => {
    assert.deepEqual(of('HEALTHCHECK --interval=5s CMD ["a", "b"]'), ['a', 'b']);
  });
});

describe('flags', () => {
  const of = (text: string) => only(text).flags.map(({ name, value }) => `${name}=${value ?? '(bare)'}`);
  test('leading words with two dashes are flags, later ones are not', () => {
    assert.deepEqual(of('COPY --from=b --link a --c /d'), ['from=b', 'link=(bare)']);
    assert.equal(only('COPY --from=b a --c /d').rest, 'a --c /d');
  });
  test('quotes hold a value together and are taken away; raw keeps them', () => {
    assert.deepEqual(of('COPY --exclude="a b" --from=c x /y'), ['exclude=a b', 'from=c']);
    assert.equal(only('COPY --exclude="a b" x /y').flags[0]!.raw, '--exclude="a b"');
  });
  test('a bare -- ends the flags and is no word', () => {
    assert.deepEqual(of('COPY -- --from=x b'), []);
    assert.deepEqual(only('COPY -- --from=x b').words, ['--from=x', 'b']);
  });
  test('a flag can be continued over lines', () => {
    assert.deepEqual(of('RUN --mount=type=cache,\\\ntarget=/x a'), ['mount=type=cache,target=/x']);
  });
});

describe('positions', () => {
  test('start and keywordEnd hold the keyword as written, end is the end of the last line', () => {
    const text = 'FROM a\n  rUn b \\\n  c  \nRUN d';
    const run = parseDockerfile(text).instructions[1]!;
    assert.equal(text.slice(run.start, run.keywordEnd), 'rUn');
    assert.equal(text.slice(run.start, run.end), 'rUn b \\\n  c  ');
    assert.deepEqual([run.keyword, run.line, run.endLine, run.text], ['RUN', 2, 3, 'rUn b   c']);
  });
  test('a trigger has its own keyword, text and start, and the place of its ONBUILD', () => {
    const text = 'FROM a\nONBUILD \\\n  copy --from=b c /d';
    const onbuild = parseDockerfile(text).instructions[1]!;
    const trigger = onbuild.trigger!;
    assert.equal(onbuild.keyword, 'ONBUILD');
    assert.equal(text.slice(trigger.start, trigger.keywordEnd), 'copy');
    assert.deepEqual(trigger.words, ['c', '/d']);
    assert.deepEqual([trigger.index, trigger.line, trigger.endLine], [1, 2, 3]);
  });
});

describe('stages', () => {
  const describeStage = (text: string) =>
    parseDockerfile(text).stages.map(
      ({ name, base, platform }) => `${name ?? '-'} ${JSON.stringify(base)}${platform ? ` ${platform}` : ''}`,
    );
  test('names are lower-cased; a base is scratch, an earlier stage or an image', () => {
    assert.deepEqual(describeStage('FROM debian:12 AS Build\nFROM build\nFROM scratch AS end'), [
      'build {"kind":"image","reference":"debian:12"}',
      '- {"kind":"stage","stage":0}',
      'end {"kind":"scratch"}',
    ]);
  });
  test('the base is compared as written: another case means an image', () => {
    assert.deepEqual(
      describeStage('FROM a AS Build\nFROM Build')[1],
      '- {"kind":"image","reference":"Build"}',
    );
  });
  test('a later stage of a name shadows the earlier one, and a stage wins over an image of its name', () => {
    assert.deepEqual(describeStage('FROM a AS x\nFROM b AS x\nFROM x AS debian\nFROM debian').slice(2), [
      'debian {"kind":"stage","stage":1}',
      '- {"kind":"stage","stage":2}',
    ]);
  });
  test('a stage cannot stand on one below it, nor on itself', () => {
    assert.deepEqual(
      describeStage('FROM b AS b\nFROM c\nFROM d AS c')[1],
      '- {"kind":"image","reference":"c"}',
    );
  });
  test('variables of the base take the defaults of global ARGs, which may use each other', () => {
    assert.deepEqual(describeStage('ARG V=12\nARG I=debian:$V\nFROM ${I}-slim'), [
      '- {"kind":"image","reference":"debian:12-slim"}',
    ]);
  });
  test('an ARG within a stage does not reach FROM', () => {
    assert.match(describeStage('FROM a\nARG V=1\nFROM b:$V')[1]!, /"unknown","text":"b:\$V"/);
  });
  test('a variable without a value, or one of the platform, leaves the base unknown', () => {
    assert.deepEqual(describeStage('ARG I\nFROM $I\nFROM a-$TARGETARCH\nFROM'), [
      '- {"kind":"unknown","text":"$I","why":"I has no value before the build gives one"}',
      '- {"kind":"unknown","text":"a-$TARGETARCH","why":"TARGETARCH depends on the build"}',
      '- {"kind":"unknown","text":"","why":"FROM names no image"}',
    ]);
  });
  test('a hole that leaves a reference is meant, a default is taken, quotes are processed', () => {
    assert.deepEqual(describeStage('ARG S\nFROM node:20$S\nFROM ${X:-alpine}\nFROM "busybox"'), [
      '- {"kind":"image","reference":"node:20"}',
      '- {"kind":"image","reference":"alpine"}',
      '- {"kind":"image","reference":"busybox"}',
    ]);
  });
  test('the platform is expanded as far as known', () => {
    assert.deepEqual(
      describeStage('ARG P=linux/arm64\nFROM --platform=$P a\nFROM --platform=$BUILDPLATFORM b'),
      ['- {"kind":"image","reference":"a"} linux/arm64', '- {"kind":"image","reference":"b"} $BUILDPLATFORM'],
    );
  });
  test('instructions know their stage, and global ones have none', () => {
    checkLabels(
      `
ARG A
#= null
FROM a
#= 0
RUN b
#= 0
FROM c
#= 1
ONBUILD RUN d
#= 1`,
      (_, { stage }) => String(stage),
    );
    const [first, second] = parseDockerfile('ARG A\nFROM a\nRUN b\nRUN \\\n c\nFROM d').stages;
    assert.deepEqual([first!.from, first!.instructions, first!.line, first!.endLine], [1, [2, 3], 2, 5]);
    assert.deepEqual([second!.from, second!.instructions, second!.line, second!.endLine], [4, [], 6, 6]);
  });
  test('dockerfile-ast, which reads the first 100, and our own words, which read the rest, agree', () => {
    const froms = [
      'FROM a AS b1',
      'from  --platform=linux/arm64 a/b:1.2@sha256:00 as C-d_e.f',
      'FROM --platform=$P ${I:-a} AS x',
      'FROM localhost:5000/a:b\tas\tc',
      'FROM a',
      'FROM a b',
      'FROM a AS b c',
      'FROM',
    ];
    const draw = (lines: string[]) => describeStage(lines.join('\n')).slice(-froms.length);
    const filler = Array.from({ length: 100 }, () => 'FROM a');
    assert.deepEqual(draw(froms), draw([...filler, ...froms]));
  });
});
