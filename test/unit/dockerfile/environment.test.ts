// The variables in force at a line. The cases were checked against what BuildKit 0.34 hands to the process of a RUN.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { environmentAt, expandInstructionWords } from '../../../server/src/dockerfile/variables';
import { checkLabels } from '../../support/dockerfileMarkers';

const choose = (choice: Partial<BuildChoice>): BuildChoice => ({ ...defaultChoice, ...choice });

/** Labels are the known variables before the instruction, PATH left out. */
function checkEnvironment(marked: string, choice: BuildChoice = defaultChoice): void {
  checkLabels(marked, (dockerfile, { index }) =>
    [...environmentAt(dockerfile, index, choice)]
      .filter(([name]) => name !== 'PATH' && !/^(TARGET|BUILD)/.test(name))
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(' '),
  );
}

/** Labels are the words of the instruction as the build sees them, `?` after them when they are not certain. */
function checkWords(marked: string, choice: BuildChoice = defaultChoice): void {
  checkLabels(marked, (dockerfile, instruction) => {
    const { words, certain, error } = expandInstructionWords(dockerfile, instruction, choice);
    return `${words.join('|')}${certain ? '' : ' ?'}${error ? ` ${error}` : ''}`;
  });
}

describe('ARG', () => {
  test('a global ARG reaches FROM only, and a stage that declares it again', () => {
    checkEnvironment(`
ARG A=1
#=
ARG B=2
#= A=1
FROM debian
#= A=1 B=2
RUN x
#=
ARG A
RUN x
#= A=1
FROM debian
RUN x
#=`);
  });
  test('declared again with a default, the default counts', () => {
    checkEnvironment('ARG A=1\nFROM a\nARG A=2\nRUN x\n#= A=2');
  });
  test('a build argument counts more than any default, where the ARG is declared', () => {
    checkEnvironment('ARG A=1\nFROM a\nRUN x\n#=\nARG A=2\nRUN x\n#= A=9', choose({ buildArgs: { A: '9' } }));
  });
  test('a build argument that no ARG declares reaches nothing, whatever its name', () => {
    checkEnvironment('FROM a\nARG toString\nRUN x\n#=', choose({ buildArgs: { B: '1' } }));
  });
  test('one without any value sets nothing', () => {
    checkEnvironment('FROM a\nARG A\nRUN x\n#=');
  });
  test('several in one line see each other, from left to right', () => {
    checkEnvironment('FROM scratch\nARG A=1 B=${A}2\nRUN x\n#= A=1 B=12');
  });
});

describe('ENV', () => {
  test('all values of one line come from before it', () => {
    checkEnvironment('FROM a\nENV A=1\nENV A=2 B=$A\nRUN x\n#= A=2 B=1');
  });
  test('the later of ENV and ARG counts', () => {
    checkEnvironment('FROM a\nARG A=1\nENV A=2\nRUN x\n#= A=2', choose({ buildArgs: { A: '9' } }));
    checkEnvironment('FROM a\nENV A=2\nARG A=1\nRUN x\n#= A=1');
  });
  test('quotes are processed and the old form takes the rest of the line', () => {
    checkEnvironment('FROM a\nENV A="x y" B=\'$A\'\nENV C  d "e"\nRUN x\n#= A=x y B=$A C=d e');
  });
  test('a value that hangs on the image is not known', () => {
    checkEnvironment('FROM debian\nENV A=$HOME/x B=1\nRUN x\n#= B=1');
    checkEnvironment('FROM scratch\nENV A=$HOME/x\nRUN x\n#= A=/x');
  });
});

describe('stages', () => {
  test('a stage on a stage has its ENV and its ARG', () => {
    checkEnvironment('FROM a AS b\nENV A=1\nARG B=2\nFROM b\nRUN x\n#= A=1 B=2\nFROM c\nRUN x\n#=');
  });
  test('an ENV that an ARG covered comes back in the next stage', () => {
    checkEnvironment('FROM scratch AS b\nENV A=1\nARG A=2\nRUN x\n#= A=2\nFROM b\nRUN x\n#= A=1');
  });
  test('ONBUILD triggers fire before the first line of the stage above them, and only there', () => {
    checkEnvironment(`
FROM scratch AS a
ONBUILD ENV A=1
ONBUILD ARG B=$A
RUN x
#=
FROM a AS b
RUN x
#= A=1 B=1
FROM b
RUN x
#= A=1 B=1`);
  });
  test('which stage a base is can hang on a build argument', () => {
    const text = 'ARG BASE=one\nFROM a AS one\nENV A=1\nFROM a AS two\nENV A=2\nFROM $BASE\nRUN x\n#= A=';
    checkEnvironment(`${text}1`);
    checkEnvironment(`${text}2`, choose({ buildArgs: { BASE: 'two' } }));
  });
});

describe('the platform', () => {
  const known = (platform: string | null, names: string[]) => {
    const text = `FROM scratch\nARG ${names.join(' ')}\nRUN x`;
    const environment = environmentAt(parseDockerfile(text), 2, choose({ platform }));
    return names.map((name) => environment.get(name) ?? null);
  };
  test('its arguments are known when it is chosen, in their canonical form', () => {
    const names = ['TARGETPLATFORM', 'TARGETOS', 'TARGETARCH', 'TARGETVARIANT'];
    assert.deepEqual(known('linux/amd64', names), ['linux/amd64', 'linux', 'amd64', '']);
    assert.deepEqual(known('linux/arm/v7', names), ['linux/arm/v7', 'linux', 'arm', 'v7']);
    assert.deepEqual(known('linux/arm64/v8', names), ['linux/arm64', 'linux', 'arm64', '']);
    assert.deepEqual(known('linux/aarch64', names), ['linux/arm64', 'linux', 'arm64', '']);
  });
  test('without a choice, and of the machine that builds, nothing is known', () => {
    assert.deepEqual(known(null, ['TARGETARCH']), [null]);
    assert.deepEqual(known('linux/amd64', ['BUILDPLATFORM', 'BUILDARCH']), [null, null]);
  });
  test('TARGETSTAGE is the target, else the name of the last stage, else default', () => {
    assert.deepEqual(known(null, ['TARGETSTAGE']), ['default']);
    const text = 'FROM a AS b\nARG TARGETSTAGE\nRUN x\nFROM c AS end';
    const of = (target: string | null) =>
      environmentAt(parseDockerfile(text), 2, choose({ target })).get('TARGETSTAGE');
    assert.deepEqual([of(null), of('b')], ['end', 'b']);
  });
});

describe('words of an instruction', () => {
  test('are expanded where BuildKit does it, and nowhere else', () => {
    checkWords(`
FROM scratch
ENV A=1
#= A=1
COPY --from=x $A "/q$A"
#= 1|/q1
WORKDIR /w/$A
#= /w/1
LABEL $A=$A
#= 1=1
EXPOSE 8$A
#= 81
MAINTAINER $A
#= $A
CMD ["$A"]
#= $A
RUN $A
#=
COPY ["$A", "/b"]
#= 1|/b`);
  });
  test('what hangs on the image is not certain', () => {
    checkWords('FROM debian\nWORKDIR $HOME/x\n#= /x ?\nUSER ${U:-root}\n#= root ?\nWORKDIR /y\n#= /y');
  });
  test('an ARG shows the value that it takes', () => {
    checkWords(
      'ARG G=g\nFROM a\nARG A=1 G B\n#= A=1|G=g|B',
      choose({ buildArgs: { B: undefined as never } }),
    );
    checkWords('FROM a\nARG A=1 TARGETARCH\n#= A=2|TARGETARCH ?', choose({ buildArgs: { A: '2' } }));
  });
  test('FROM is expanded with the global arguments', () => {
    checkWords('ARG V=1\nFROM a:$V AS b\n#= a:1|AS|b');
  });
  test('words that cannot be read stay as written, with the reason', () => {
    checkWords('FROM scratch\nWORKDIR "a\n#= "a ? the closing " is missing');
  });
  test('an ARG of a stage below is not certain where the image may have an ENV of its name', () => {
    checkWords('FROM debian AS a\nARG A=1\nUSER $A\n#= 1\nFROM a\nUSER $A\n#= 1 ?\nARG A=1\nUSER $A\n#= 1');
    checkWords('FROM scratch AS a\nARG A=1\nFROM a\nUSER $A\n#= 1');
  });
  test('variables that grow without bound are given up', () => {
    const text = `FROM scratch\nENV a=xxxx\n${'ENV a=$a$a\n'.repeat(60)}USER $a`;
    const dockerfile = parseDockerfile(text);
    const { certain } = expandInstructionWords(dockerfile, dockerfile.instructions.at(-1)!, defaultChoice);
    assert.equal(certain, false);
  });
});
