// What is told to be shared, against a real BuildKit: two Dockerfiles are built one after the other on an empty cache; each
// step told to be shared is a hit in the second build, and the step where they part runs.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { allGroups } from '../../server/src/forecast/stageSharing';
import { workspaceStages } from '../../server/src/measure/workspaceStages';
import { daemonsMissing, skipReason } from '../support/daemons';
import { type ForecastBench, forecastSetups, startForecastBench } from './forecast/bench';

interface Case {
  name: string;
  /** The second one is built after the first. */
  texts: [string, string];
  /** Lines of the second that are told to be shared. */
  shared: number[];
  /** The line of the second where they part for sure; null for none. */
  parts: number | null;
}

const cases: Case[] = [
  {
    name: 'what makes no step parts nothing',
    texts: [
      'FROM base\nLABEL a=1\nRUN echo one > /one\nRUN echo a > /a\n',
      'FROM base AS x\nRUN \\\n  # why\n echo one > /one\nEXPOSE 80\nRUN echo b > /b\nCMD ["x"]\n',
    ],
    shared: [2],
    parts: 6,
  },
  {
    name: 'variables above a RUN part it',
    texts: ['FROM base\nENV A=1\nRUN echo one > /one\n', 'FROM base\nENV A=2\nRUN echo one > /one\n'],
    shared: [],
    parts: 3,
  },
  {
    name: 'a relative WORKDIR may be the same as an absolute one: the base image tells',
    texts: [
      'FROM base\nARG V=1\nWORKDIR /w\nRUN echo $V > v\n',
      'ARG G=1\nFROM base\nARG V=1\nWORKDIR w\nRUN echo $V > v\n',
    ],
    shared: [],
    parts: null,
  },
  {
    name: 'files of the same folder',
    texts: [
      'FROM base\nCOPY a /a\nRUN echo one > /one\n',
      'FROM base\nCOPY a /a\nRUN echo one > /one\nRUN echo b > /b\n',
    ],
    shared: [2, 3],
    parts: null,
  },
  {
    name: 'what is copied from a stage',
    texts: [
      'FROM base AS s\nRUN echo s > /s\nFROM base\nRUN echo one > /one\nCOPY --from=s /s /s\n',
      'FROM base AS t\nRUN echo s > /s\nFROM base\nRUN echo one > /one\nCOPY --from=t /s /s\nRUN echo b > /b\n',
    ],
    shared: [2, 4, 5],
    parts: null,
  },
  {
    name: 'a linked copy stands on what is below it',
    texts: [
      'FROM base\nCOPY --link a /a\nRUN echo one > /one\n',
      'FROM base\nCOPY --link a /a\nRUN echo two > /two\n',
    ],
    shared: [2],
    parts: 3,
  },
];

describe('what stages share', { skip: skipReason(daemonsMissing()) }, () => {
  let bench: ForecastBench;
  before(async () => {
    bench = await startForecastBench(forecastSetups.find(({ rules }) => rules === 'buildkit')!);
  });
  after(() => bench?.stop());

  for (const [number, { name, texts, shared, parts }] of cases.entries()) {
    test(name, async () => {
      await bench.forget();
      const folder = path.join(bench.folder, `case${number}`);
      fs.mkdirSync(folder);
      fs.writeFileSync(path.join(folder, 'a'), 'a');
      const files = ['Dockerfile', 'second.Dockerfile'].map((file) => path.join(folder, file));
      for (const [at, file] of files.entries()) fs.writeFileSync(file, texts[at]!);
      const found = await workspaceStages(bench.host, { folders: [folder], records: null });
      const groups = allGroups(found.sharing.groups);
      const second = found.files.findIndex((one) => one.path === files[1]);
      const lineOf = (at: number) => found.files[second]!.dockerfile.instructions[at]!.line;
      const told = groups.flatMap(({ steps }) =>
        steps.flatMap(({ places }) =>
          places.length < 2
            ? []
            : places.filter((place) => place.file === second).map((one) => one.instruction),
        ),
      );
      const parting = groups
        .flatMap(({ apart }) => apart)
        .filter(({ place, why }) => place.file === second && why === 'step')
        .map(({ place }) => place.instruction);
      if (parts !== null) assert.deepEqual(parting.map(lineOf), [parts]);
      if (shared.length > 0) assert.deepEqual(told.map(lineOf).sort(), shared);

      const project = { folder, choice: defaultChoice, noCache: false, texts: [], contents: new Map() };
      const first = await bench.build({ ...project, text: texts[0] }, []);
      assert.equal(first.outcome, 'built', JSON.stringify(first.failure));
      const record = await bench.build({ ...project, text: texts[1] }, []);
      assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
      const [build] = pastBuilds([record]);
      for (const at of told) assert.equal(build!.outcome(at, 'step'), 'hit', `line ${lineOf(at)} is shared`);
      for (const at of parting) assert.equal(build!.outcome(at, 'step'), 'ran', `line ${lineOf(at)} parts`);
      if (process.env.STRATA_TELL) {
        const outcomes = found.files[second]!.dockerfile.instructions.map(
          ({ index, line }) => `${line} ${build!.outcome(index, 'step')}`,
        );
        console.log(name, outcomes.join(', '), 'told', told.map(lineOf), parting.map(lineOf));
      }
    });
  }
});
