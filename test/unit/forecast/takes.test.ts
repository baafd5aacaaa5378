// Sizes of COPY and ADD with the files at hand: exact, or the reason why not.
import { describe, test } from 'node:test';
import type { ArchiveFinding } from '../../../server/src/context/archive';
import { type BuildChoice, defaultChoice } from '../../../server/src/dockerfile/model';
import { predictSize } from '../../../server/src/forecast/sizes';
import type { ContextFacts } from '../../../server/src/forecast/takes';
import { contextFixture } from '../../support/contextFixture';
import { checkLabels } from '../../support/dockerfileMarkers';

const snapshot = contextFixture({ 'a.txt': 1, 'src/b.ts': 2, 'src/c.log': 4, 't.tgz': 8 });
const archives = new Map<string, ArchiveFinding>([['t.tgz', { kind: 'archive', bytes: 100, why: null }]]);

function check(
  marked: string,
  facts: ContextFacts | null = { snapshot, archives },
  choice: Partial<BuildChoice> = {},
): void {
  checkLabels(marked, (dockerfile, instruction) => {
    const { bytes, why } = predictSize(dockerfile, instruction, { ...defaultChoice, ...choice }, facts);
    return `${bytes ?? why}`;
  });
}

describe('sizes with the build context', () => {
  test('of files, folders, patterns and heredocs together', () => {
    check(`
FROM scratch
ARG D=src
COPY a.txt $D /1/
#= 7
COPY --chmod=755 --chown=1:1 --link src/*.ts /2/
#= 2
COPY --exclude=*.log src /3/
#= 2
COPY --parents src/*.log /4/
#= 4
COPY a.txt <<E /5/
hello
E
#= 7
COPY ["src", "/6/"]
#= 6`);
  });
  test('of archives that ADD unpacks, and COPY does not', () => {
    check(
      'FROM scratch\nADD t.tgz /1/\n#= 100\nCOPY t.tgz /2/\n#= 8\nADD --unpack=false t.tgz /3/\n#= 8\nADD a.txt /4/\n#= a.txt may be an archive that ADD unpacks',
    );
  });
  test('follow the build arguments', () => {
    check(
      'FROM scratch\nARG F=a.txt\nCOPY $F /x\n#= 2',
      { snapshot, archives },
      { buildArgs: { F: 'src/b.ts' } },
    );
  });
});

describe('sizes that are not known say why', () => {
  test('without the files', () => {
    check('FROM scratch\nCOPY a /x\n#= the build context was not looked at', null);
  });
  test('of URLs, repositories, stages, images and commands', () => {
    check(`
FROM node AS build
RUN make
#= what a command writes is known only after it ran
FROM scratch
ADD https://example.com/a /x
#= what the URL gives is known only when it is fetched
ADD git@example.com:a.git /x
#= what the repository gives is known only when it is fetched
COPY --from=build /x /x
#= what the stage of line 1 makes is known only after it ran
COPY --from=nginx /x /x
#= the files of nginx are not known here
COPY nothing /x
#= nothing is not in the build context`);
  });
  test('of a destination that only the build knows', () => {
    check('FROM node\nCOPY a.txt $HOME\n#= the destination holds a variable that only the build knows');
  });
});

describe('sizes of what is copied from a stage or an image', () => {
  const files = contextFixture({ 'out/app': 50, 'out/lib.so': 70, current: '=> out' });
  const known: ContextFacts = {
    snapshot,
    archives,
    filesOf: (tree) => (tree.kind === 'stage' ? files : null),
  };
  test('are exact when its files are known', () => {
    check(
      'FROM node AS build\nFROM scratch\nCOPY --from=build /out /1/\n#= 120\nCOPY --from=0 /current/app /2/\n#= 50\nCOPY --from=build /none /3/\n#= none is not in the stage it copies from',
      known,
    );
  });
});
