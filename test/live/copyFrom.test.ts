// What COPY takes from stages and images against a real BuildKit: a stage is built and measured, lines that copy from it are
// forecast out of the kept indexes, then built, and each layer is measured to the byte.
//   STRATA_DIFFERENTIAL=all takes more stages; STRATA_SEED=n others
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import type { BuildRecord } from '../../server/src/build/model';
import { createHashes } from '../../server/src/context/hashes';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { cacheHistory } from '../../server/src/forecast/cacheHistory';
import { type PredictedSize, predictSize } from '../../server/src/forecast/sizes';
import { openImage } from '../../server/src/image/open';
import { measureImage } from '../../server/src/layers/measureImage';
import { type IndexStore, openIndexStore } from '../../server/src/layers/store';
import { mapLayers } from '../../server/src/mapping/mapLayers';
import { ContextState } from '../../server/src/measure/contextState';
import { copyFromLine, type Dice, dice, makeContext, stageCommands } from '../support/copyCases';
import { daemonsMissing, skipReason } from '../support/daemons';
import { seededRandom } from '../support/random';
import { type ForecastBench, forecastSetups, startForecastBench } from './forecast/bench';
import type { Project } from './forecast/edits';

const skip = skipReason(daemonsMissing());
const firstSeed = Number(process.env.STRATA_SEED ?? 1);
const stages = process.env.STRATA_DIFFERENTIAL === 'all' ? 60 : Number(process.env.STRATA_CASES ?? 6);
const linesOfEach = 8;

interface Tally {
  exact: number;
  between: number;
  wrong: string[];
  unknown: Map<string, number>;
}

describe('what COPY takes from stages and images', { skip }, () => {
  let bench: ForecastBench;
  const store: IndexStore = openIndexStore({} as never, null);
  before(async () => {
    bench = await startForecastBench(forecastSetups.find(({ rules }) => rules === 'buildkit')!);
  });
  after(() => bench?.stop());

  /** A build with its image measured, the indexes of its layers kept. */
  async function build(
    project: Project,
    records: readonly BuildRecord[],
    onRefused: (line: string) => void = () => {},
  ): Promise<BuildRecord> {
    const record = await bench.build(project, records);
    const { failure } = record;
    const refused = failure?.line ? project.text.split('\n')[failure.line - 1]! : '';
    // Lines that copy to one place may get into each other's way, which no line knows alone.
    if (failure && /"\/(?:w|etc|bin)?\/?"\]$/.test(refused)) {
      project.text = project.text.replace(`${refused}\n`, '');
      onRefused(refused);
      return build(project, records, onRefused);
    }
    assert.equal(record.outcome, 'built', `${project.text}\n${JSON.stringify(record.failure)}`);
    const image = await openImage(bench.host, record.imageReference!);
    try {
      const { measured } = await measureImage(bench.host, image, { store, trust: 'verified' });
      return { ...record, image: measured };
    } finally {
      await image.close();
    }
  }

  async function forecast(
    project: Project,
    records: readonly BuildRecord[],
  ): Promise<Map<number, PredictedSize>> {
    const dockerfile = parseDockerfile(project.text);
    const { extraArguments, choice } = bench.requestOf(project);
    const file = path.join(project.folder, 'Dockerfile');
    fs.writeFileSync(file, project.text);
    const place = { file, root: project.folder, hashes: createHashes(bench.host), store };
    const state = new ContextState(bench.host, place);
    const history = cacheHistory(pastBuilds(records));
    const question = { dockerfile, choice, history, extraArguments };
    const { signal } = new AbortController();
    await state.walk(history.rules, signal);
    await state.read(question, signal);
    const { files } = state.inputs(question);
    const copies = dockerfile.instructions.filter(({ flags }) => flags.some(({ name }) => name === 'from'));
    return new Map(copies.map((line) => [line.index, predictSize(dockerfile, line, choice, files)]));
  }

  function compare(sizes: Map<number, PredictedSize>, record: BuildRecord, seed: number, tally: Tally): void {
    const dockerfile = parseDockerfile(record.text);
    const { lines } = mapLayers(dockerfile, record, record.image, record.choice);
    for (const [index, { bytes, least, most, why }] of sizes) {
      const [layer] = lines[index]!.layers;
      const built = layer === undefined ? null : record.image!.layers[layer]!.unpackedBytes;
      const told = `seed ${seed}: ${dockerfile.instructions[index]!.text}: built ${built}, forecast`;
      if (bytes !== null) {
        if (bytes === built) tally.exact++;
        else tally.wrong.push(`${told} ${bytes}\n${record.text}`);
      } else if (least !== null && most !== null) {
        if (built !== null && least <= built && built <= most) tally.between++;
        else tally.wrong.push(`${told} ${least} to ${most}\n${record.text}`);
      } else {
        const reason = (why ?? '').replace(
          /^.*?(?= is not in| may be)|(?<=where |links? of |whether |of ).*?(?= leads? | is | cannot | goes| are|$)/g,
          '…',
        );
        tally.unknown.set(reason, (tally.unknown.get(reason) ?? 0) + 1);
      }
    }
  }

  async function checkStage(seed: number, tally: Tally): Promise<void> {
    const roll = dice(seededRandom(seed));
    await bench.forget();
    const folder = fs.mkdtempSync(path.join(bench.folder, 'context-'));
    const made = makeContext(folder, roll).map((one) => `w/${one}`);
    // Each text is another one, which the stage would take along.
    fs.writeFileSync(path.join(folder, '.dockerignore'), 'Dockerfile\n.dockerignore\n');
    const commands = stageCommands(roll);
    const tools = `FROM base AS tools\nCOPY . /w/\n${commands.join('\n')}\n`;
    const choice = { target: null, platform: null, buildArgs: {} };
    const project: Project = { folder, text: tools, choice, noCache: false, texts: [], contents: new Map() };
    const records = [await build(project, [])];
    const base = roll.pick(['scratch', 'scratch', 'base', 'tools', 'other']);
    let text = `${tools}FROM ${base}\n${roll.chance(0.4) ? 'WORKDIR /w\n' : ''}`;
    // What is refused here would end the build of all: it is left out, as copySizes.test.ts looks at it.
    for (let round = 0; round < 2; round++) {
      const lines = newLines(made, round * linesOfEach, roll);
      const fits = await fitting(text, lines);
      project.text = `${text}${fits.join('')}`;
      let record = await build(project, records);
      const sizes = await forecast(project, records);
      if (record.text !== `${text}${fits.join('')}`) record = await build(project, records);
      records.unshift(record);
      compare(sizes, record, seed, tally);
      text = project.text;
    }

    async function fitting(before: string, lines: string[]): Promise<string[]> {
      project.text = `${before}${lines.join('')}`;
      const sizes = [...(await forecast(project, records)).values()].slice(-lines.length);
      const kept: string[] = [];
      for (const [at, line] of lines.entries()) {
        const { bytes, most, why } = sizes[at]!;
        if (bytes !== null || most !== null) {
          kept.push(line);
          continue;
        }
        const reason = (why ?? '').replace(/\S*[/.]\S*/g, '…');
        tally.unknown.set(reason, (tally.unknown.get(reason) ?? 0) + 1);
      }
      return kept;
    }
  }

  test(`${stages} stages, ${2 * linesOfEach} lines each: to the byte, between bounds, or unknown`, async (t) => {
    const tally: Tally = { exact: 0, between: 0, wrong: [], unknown: new Map() };
    for (let seed = firstSeed; seed < firstSeed + stages; seed++) await checkStage(seed, tally);
    const unknown = [...tally.unknown.values()].reduce((sum, count) => sum + count, 0);
    const { exact, between, wrong } = tally;
    t.diagnostic(`${exact} exact, ${between} between bounds, ${unknown} unknown, ${wrong.length} wrong`);
    for (const [why, count] of [...tally.unknown].sort((a, b) => b[1] - a[1]))
      t.diagnostic(`${count} ${why}`);
    assert.equal(wrong.join('\n\n'), '');
    assert.ok(exact > 2 * stages, `only ${exact} sizes could be told`);
  });
});

function newLines(made: readonly string[], first: number, roll: Dice): string[] {
  return Array.from({ length: linesOfEach }, (_, at) => {
    const from = roll.pick(['tools', 'tools', 'tools', '0', 'base']);
    return `${copyFromLine(from, made, first + at, roll)}\n`;
  });
}
