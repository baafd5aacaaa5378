// The forecast of the cache against real builders: random edits of Dockerfiles, contexts and choices, each forecast first
// and built then. No line may be forecast 'cached' that runs, none 'reruns' that comes from the cache.
//   STRATA_DIFFERENTIAL=all   500 edits and more; STRATA_SEED=n  another row of edits; a failure names its seed
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import type { BuildRecord } from '../../server/src/build/model';
import { daemonsMissing, skipReason } from '../support/daemons';
import { type ForecastBench, forecastSetups, startForecastBench } from './forecast/bench';
import { type ForecastCase, forecastCases } from './forecast/cases';
import { editProject, type Project, randomOf } from './forecast/edits';

const skip = skipReason(daemonsMissing());
const isWhole = process.env.STRATA_DIFFERENTIAL === 'all';
const firstSeed = Number(process.env.STRATA_SEED ?? 1);

interface Counts {
  edits: number;
  cachedRight: number;
  rerunsRight: number;
  depends: number;
  unknown: number;
  wrong: string[];
}

for (const setup of forecastSetups) {
  if (!isWhole && setup.edits === 0) continue;
  describe(`the cache forecast on ${setup.name}`, { skip }, () => {
    let bench: ForecastBench;
    const counts: Counts = { edits: 0, cachedRight: 0, rerunsRight: 0, depends: 0, unknown: 0, wrong: [] };
    before(async () => {
      bench = await startForecastBench(setup);
    });
    after(async () => {
      await bench?.stop();
      const { wrong, ...right } = counts;
      console.log(`${setup.name}: ${JSON.stringify({ ...right, wrong: wrong.length })}`);
    });
    forecastCases.forEach((one, number) => {
      if (one.buildkitOnly && setup.rules !== 'buildkit') return;
      test(one.name, async () => {
        const earlier = counts.wrong.length;
        await checkForecasts(bench, one, firstSeed * 1_000 + number, counts);
        assert.equal(counts.wrong.slice(earlier).join('\n\n'), '');
      });
    });
  });
}

async function checkForecasts(
  bench: ForecastBench,
  one: ForecastCase,
  seed: number,
  counts: Counts,
): Promise<void> {
  const { folder, setup } = bench;
  await bench.forget();
  const project: Project = {
    folder: fs.mkdtempSync(path.join(folder, 'context-')),
    text: one.dockerfile,
    choice: { target: null, platform: null, buildArgs: {} },
    noCache: false,
    texts: [one.dockerfile],
    contents: new Map(),
  };
  for (const [name, text] of Object.entries(one.files)) {
    const file = path.join(project.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    fs.chmodSync(file, 0o644);
    project.contents.set(name, [text]);
  }
  const random = randomOf(seed);
  const records: BuildRecord[] = [await bench.build(project, [])];
  assert.equal(records[0]!.outcome, 'built', JSON.stringify(records[0]!.failure));
  const done: string[] = [];
  for (let edit = 0; edit < (isWhole ? setup.allEdits : setup.edits); edit++) {
    done.push(editProject(project, random).join('; '));
    const forecast = await bench.forecast(project, records);
    const record = await bench.build(project, records);
    records.push(record);
    counts.edits++;
    compare(forecast, record, counts, (line, told, truth) =>
      [
        `${setup.name}, ${one.name}, seed ${seed}, edit ${edit + 1}: ${line}: forecast ${told}, but ${truth}`,
        ...done.map((text, at) => `    ${at + 1}. ${text}`),
        ...project.text.split('\n').map((text, at) => `    ${String(at + 1).padStart(3)} ${text}`),
      ].join('\n'),
    );
  }
}

function compare(
  forecast: Awaited<ReturnType<ForecastBench['forecast']>>,
  record: BuildRecord,
  counts: Counts,
  describeCase: (line: string, told: string, truth: string) => string,
): void {
  const [built] = pastBuilds([record]);
  for (const line of forecast) {
    if (!line) continue;
    const outcomes = (['step', 'merge'] as const).map((part) => built!.outcome(line.instruction, part));
    const truth = outcomes.includes('ran') ? 'ran' : outcomes[0] === 'hit' ? 'hit' : null;
    if (truth === null) continue;
    const instruction = built!.dockerfile.instructions[line.instruction]!;
    const isRight = truth === 'hit' ? line.cache === 'cached' : line.cache === 'reruns';
    if (line.cache === 'depends' || line.cache === 'unknown') {
      counts[line.cache]++;
      if (process.env.STRATA_VERBOSE) {
        console.log(`${instruction.text} => ${line.cache}: ${line.because} (${truth})`);
      }
    } else if (isRight) {
      counts[truth === 'hit' ? 'cachedRight' : 'rerunsRight']++;
      if (process.env.STRATA_VERBOSE && truth === 'ran') {
        console.log(`${instruction.text} => reruns: ${line.because}`);
      }
    } else {
      const told = `${line.cache} ${line.because}`;
      counts.wrong.push(describeCase(`line ${instruction.line} ${instruction.text}`, told, truth));
    }
  }
}
