// Sizes of what is copied from stages and images whose files are known: exact, between two bounds, or the reason why not.
import { test } from 'node:test';
import type { FileTree } from '../../../server/src/context/fileTree';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { predictSize } from '../../../server/src/forecast/sizes';
import { layerFiles } from '../../../server/src/layers/layerFiles';
import { atOnce } from '../../../server/src/layers/steps';
import { checkLabels } from '../../support/dockerfileMarkers';
import type { LayerLiteral } from '../../support/imageFixture';
import { layerIndexes } from '../../support/layerIndexes';

async function filesOf(layers: LayerLiteral[]): Promise<FileTree> {
  return atOnce(layerFiles(await layerIndexes(layers)));
}

/** @param below what lies below each of the lines; absent when that is not known */
async function checkSizes(marked: string, stage: LayerLiteral[], below?: LayerLiteral[]): Promise<void> {
  const files = await filesOf(stage);
  const under = below ? await filesOf(below) : null;
  const facts = { snapshot: null, archives: new Map(), filesOf: () => files, filesBelow: () => under };
  checkLabels(marked, (dockerfile, instruction) => {
    const { bytes, least, most, why } = predictSize(dockerfile, instruction, defaultChoice, facts);
    return bytes !== null ? `${bytes}` : most !== null ? `${least} to ${most}: ${why}` : `${why}`;
  });
}

const stage: LayerLiteral[] = [
  { 'out/a': 'one', 'out/b/c': 'three', 'etc/passwd': 'root', link: { type: 'symlink', link: 'out' } },
];

test('onto what is known, or on nothing at all, they are exact', async () => {
  const lines = `
COPY --from=build /out /x/
#= 8
COPY --from=build link /y/
#= 8
COPY --from=build /out/a /out/b/c /z/
#= 8
COPY --from=build /nothing /w
#= nothing is not in the stage it copies from`;
  await checkSizes(`FROM a AS build\nFROM b${lines}`, stage, [{ 'bin/sh': 'sh' }]);
  await checkSizes(`FROM a AS build\nFROM scratch${lines}`, stage);
});

test('onto what is not known they have bounds', async () => {
  const why = 'what lies there already is not known, and the same file may not be stored again';
  await checkSizes(`FROM a AS build\nFROM b\nCOPY --from=build /out /x/\n#= 0 to 8: ${why}`, stage);
  await checkSizes(
    `FROM a AS build\nFROM scratch\nRUN x\nCOPY --from=build /out /x/\n#= 0 to 8: ${why}`,
    stage,
  );
});

test('the same file below may not be stored again, whatever link leads there', async () => {
  const why = 'some of it lies there already and may not be stored again';
  await checkSizes(
    `FROM a AS build
FROM b
COPY --from=build /out /way/
#= 5 to 8: ${why}
COPY --from=build /out /else/
#= 8`,
    stage,
    [{ 'real/a': 'one', way: { type: 'symlink', link: 'real' } }],
  );
});

test('names that may be one file have bounds', async () => {
  const why = 'files in it may be hard links of one another, and stored once';
  await checkSizes(
    `FROM a AS build
FROM b
COPY --from=build /w /x/
#= 5 to 10: ${why}
COPY --from=build /v /x/
#= 3 to 6: ${why}
COPY --from=build /w/f /x/
#= 5`,
    [{ 'w/f': 'three', 'v/a': 'one', 'v/b': { type: 'hardlink', link: 'v/a' } }, { 'w/again': 'three' }],
    [{}],
  );
});

test('without the files they are not known', () =>
  checkLabels(
    'FROM a AS build\nFROM b\nCOPY --from=build /x /y\n#= what the stage of line 1 makes is known only after it ran\nCOPY --from=img /x /y\n#= the files of img are not known here',
    (dockerfile, instruction) => `${predictSize(dockerfile, instruction, defaultChoice).why}`,
  ));
