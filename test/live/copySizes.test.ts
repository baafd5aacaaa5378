// COPY and ADD sizes against a real BuildKit: contexts out of seeds are built, and each layer is measured to the byte.
// CI takes a fixed sample; STRATA_DIFFERENTIAL=all takes all, STRATA_CASES and STRATA_SEED others.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ArchiveFinding, archiveBytes } from '../../server/src/context/archive';
import { walkContext } from '../../server/src/context/walk';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { predictSize } from '../../server/src/forecast/sizes';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { copyLine, dice, ignoreText, makeContext } from '../support/copyCases';
import {
  type BuildkitDaemon,
  daemonsMissing,
  dockerCommand,
  run,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { indexOfTar } from '../support/layerIndexes';
import { seededRandom } from '../support/random';

const skip = skipReason(daemonsMissing());
const all = process.env.STRATA_DIFFERENTIAL === 'all';
const firstSeed = Number(process.env.STRATA_SEED ?? 1);
const contexts = all ? 320 : Number(process.env.STRATA_CASES ?? 60);
const linesOfEach = 14;

interface Tally {
  exact: number;
  wrong: string[];
  /** By reason, names and numbers taken out. */
  unknown: Map<string, number>;
}

describe('COPY and ADD sizes as BuildKit makes them', { skip }, () => {
  let daemon: BuildkitDaemon;
  let folder = '';
  const host = createNodeHost();
  before(async () => {
    daemon = await startBuildkitd();
    folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-sizes-'));
  });
  after(async () => {
    fs.rmSync(folder, { recursive: true, force: true });
    await daemon?.stop();
  });

  /** Unpacked bytes of each layer, or what the builder said. */
  async function build(context: string, text: string): Promise<number[] | string> {
    const out = path.join(path.dirname(context), 'image');
    fs.rmSync(out, { recursive: true, force: true });
    const file = path.join(path.dirname(context), 'Dockerfile');
    fs.writeFileSync(file, text);
    const output = `type=oci,dest=${out},tar=false,compression=uncompressed`;
    const args = ['buildx', 'build', '--file', file, '--provenance=false', '--output', output, context];
    const built = await run(dockerCommand(daemon.env), args, { env: daemon.env });
    if (built.code !== 0) return built.stderr;
    const blob = (digest: string) => fs.readFileSync(path.join(out, 'blobs', ...digest.split(':')));
    const { manifests } = JSON.parse(fs.readFileSync(path.join(out, 'index.json'), 'utf8'));
    const { layers } = JSON.parse(String(blob(manifests[0].digest)));
    return layers.map(({ digest }: { digest: string }) => indexOfTar(blob(digest)).unpackedBytes);
  }

  async function compare(seed: number, tally: Tally): Promise<void> {
    const roll = dice(seededRandom(seed));
    const home = fs.mkdtempSync(path.join(folder, `${seed}-`));
    const context = path.join(home, 'context');
    fs.mkdirSync(context);
    const made = makeContext(context, roll);
    if (roll.chance(0.4)) fs.writeFileSync(path.join(context, '.dockerignore'), ignoreText(roll));
    const dockerfile = path.join(home, 'Dockerfile');
    const snapshot = await walkContext(host, { root: context, dockerfile, rules: 'buildkit' });
    const archives = new Map<string, ArchiveFinding>();
    for (const { type, path: name } of snapshot.entries) {
      if (type === 'file') archives.set(name, await archiveBytes(host, path.join(context, name)));
    }
    const facts = { snapshot, archives };
    const written = Array.from({ length: linesOfEach }, (_, number) => copyLine(made, number, roll));
    const { known, refused } = forecast(written, facts, tally);
    const layers = await build(context, ['FROM scratch', ...known.map(({ line }) => line), ''].join('\n'));
    if (typeof layers === 'string') {
      tally.wrong.push(
        `seed ${seed}: the build failed: ${layers.split('\n').slice(-6).join('\n')}\n${known.map(({ line, bytes }) => `${line} = ${bytes}`).join('\n')}`,
      );
    } else {
      known.forEach(({ line, bytes }, index) => {
        if (layers[index] === bytes) tally.exact++;
        else tally.wrong.push(`seed ${seed}: ${line}: ${bytes} forecast, ${layers[index]} built`);
      });
    }
    // What is said to fail has to fail; one of each context, for each costs a build.
    const [line] = refused;
    if (line !== undefined && seed % 3 === 0) {
      const built = await build(context, `FROM scratch\n${line}\n`);
      if (typeof built !== 'string') tally.wrong.push(`seed ${seed}: ${line} was built, ${built} bytes`);
    }
    fs.rmSync(home, { recursive: true, force: true });
  }

  test(`${contexts} contexts, ${linesOfEach} lines each: to the byte, or unknown with a reason`, async (t) => {
    const tally: Tally = { exact: 0, wrong: [], unknown: new Map() };
    for (let seed = firstSeed; seed < firstSeed + contexts; seed++) await compare(seed, tally);
    const unknown = [...tally.unknown.values()].reduce((sum, count) => sum + count, 0);
    t.diagnostic(`${tally.exact} exact, ${unknown} unknown, ${tally.wrong.length} wrong`);
    for (const [why, count] of [...tally.unknown].sort((a, b) => b[1] - a[1]))
      t.diagnostic(`${count} ${why}`);
    assert.deepEqual(tally.wrong, []);
    assert.ok(tally.exact > 5 * contexts, `only ${tally.exact} sizes could be told`);
  });
});

const fails = /is not in the build context|leads? nowhere|cannot be read|a folder is where|a file is where/;

function forecast(lines: string[], facts: Parameters<typeof predictSize>[3], tally: Tally) {
  const dockerfile = parseDockerfile(`FROM scratch\n${lines.join('\n')}\n`);
  const known: { line: string; bytes: number }[] = [];
  const refused: string[] = [];
  lines.forEach((line, index) => {
    const { bytes, why } = predictSize(dockerfile, dockerfile.instructions[index + 1]!, defaultChoice, facts);
    if (bytes !== null) {
      known.push({ line, bytes });
      return;
    }
    const reason = (why ?? '')
      .replace(/^.*?(?= is not in| may be| is unpacked)/, '…')
      .replace(
        /(?<=where |pattern |links? of |link |whether |send ).*?(?= leads? | is | cannot | goes| links|$)/g,
        '…',
      );
    tally.unknown.set(reason, (tally.unknown.get(reason) ?? 0) + 1);
    if (fails.test(why ?? '')) refused.push(line);
  });
  return { known, refused };
}
