// Content keys against a real BuildKit: a context is built, changed and built again, time after time. A COPY comes from the
// cache exactly when its key was there before. STRATA_DIFFERENTIAL=all takes more contexts.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ArchiveFinding, archiveBytes } from '../../server/src/context/archive';
import { contentKey, contentParts, selectAll } from '../../server/src/context/contentKey';
import type { ContextSnapshot } from '../../server/src/context/model';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { contextSources } from '../../server/src/forecast/contextSources';
import { takeOf } from '../../server/src/forecast/takes';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { type Digest, sha256 } from '../../server/src/primitives/digest';
import { changeContext } from '../support/contextChanges';
import { readContext } from '../support/contextFixture';
import { copyLine, dice, makeContext } from '../support/copyCases';
import {
  type BuildkitDaemon,
  daemonsMissing,
  dockerCommand,
  run,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { seededRandom } from '../support/random';

const skip = skipReason(daemonsMissing());
const contexts = process.env.STRATA_DIFFERENTIAL === 'all' ? 60 : 6;
const firstSeed = Number(process.env.STRATA_SEED ?? 1);
const changesOfEach = 8;
const linesOfEach = 12;

describe('content keys as BuildKit has them', { skip }, () => {
  let daemon: BuildkitDaemon;
  let folder = '';
  const host = createNodeHost();
  before(async () => {
    daemon = await startBuildkitd();
    folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-keys-'));
  });
  after(async () => {
    fs.rmSync(folder, { recursive: true, force: true });
    await daemon?.stop();
  });

  /** The key of each line; undefined where the line would fail or its key is not known. */
  async function keysOf(
    context: string,
    lines: string[],
    modes: Map<string, number>,
  ): Promise<(Digest | undefined)[]> {
    const snapshot = asBuilderHasIt(readContext(context), modes);
    const archives = new Map<string, ArchiveFinding>();
    const digests = new Map<string, Digest | null>();
    for (const { type, path: name } of snapshot.entries) {
      if (type !== 'file') continue;
      archives.set(name, await archiveBytes(host, path.join(context, name)));
      digests.set(name, sha256(fs.readFileSync(path.join(context, name))));
    }
    const dockerfile = parseDockerfile(`FROM scratch\n${lines.join('\n')}\n`);
    const sources = contextSources(dockerfile, defaultChoice, [], 'buildkit');
    return lines.map((_, index) => {
      const instruction = dockerfile.instructions[index + 1]!;
      const taken = takeOf(dockerfile, instruction, defaultChoice, snapshot, archives);
      const asked = sources.find((source) => source.instruction === instruction.index) ?? { selectors: [] };
      const selected = taken.bytes === null ? null : selectAll(snapshot, asked);
      const parts = selected && contentParts(selected, digests);
      return parts === null ? undefined : contentKey(parts);
    });
  }

  /** The numbers of the lines that came from the cache. Each line is a stage of its own. */
  async function build(context: string, lines: Map<number, string>): Promise<Set<number>> {
    const stages = [...lines].map(([number, line]) => `FROM scratch AS s${number}\n${line}\n`);
    const last = [...lines.keys()].map((number) => `COPY --from=s${number} / /${number}/\n`);
    const file = path.join(path.dirname(context), 'Dockerfile');
    fs.writeFileSync(file, `${stages.join('')}FROM scratch\n${last.join('')}`);
    const args = [
      'buildx',
      'build',
      '--progress=plain',
      '--file',
      file,
      '--output',
      'type=cacheonly',
      context,
    ];
    const { code, stderr } = await run(dockerCommand(daemon.env), args, { env: daemon.env });
    assert.equal(code, 0, stderr);
    const vertices = new Map<string, number>();
    for (const [, vertex, number] of stderr.matchAll(/^(#\d+) \[s(\d+) \d+\/\d+\] (?:COPY|ADD)/gm)) {
      vertices.set(vertex!, Number(number));
    }
    assert.equal(vertices.size, lines.size, stderr);
    return new Set(
      [...stderr.matchAll(/^(#\d+) CACHED$/gm)].flatMap(([, vertex]) => vertices.get(vertex!) ?? []),
    );
  }

  async function compare(seed: number): Promise<{ hits: number; misses: number; wrong: string[] }> {
    const roll = dice(seededRandom(seed));
    const home = fs.mkdtempSync(path.join(folder, `${seed}-`));
    const context = path.join(home, 'context');
    fs.mkdirSync(context);
    const made = makeContext(context, roll);
    // A linked copy is a group of steps that the plain progress does not name. Lines of other seeds must not be found in the cache.
    const lines = Array.from({ length: linesOfEach }, (_, number) =>
      copyLine(made, seed * 100 + number, roll),
    ).filter((line) => !/<<|--link/.test(line));
    const seen = lines.map(() => new Set<Digest>());
    const tally = { hits: 0, misses: 0, wrong: [] as string[] };
    const modes = new Map<string, number>();
    let change = 'the first build';
    for (let round = 0; round <= changesOfEach; round++) {
      const keys = await keysOf(context, lines, modes);
      const able = new Map(lines.flatMap((line, number) => (keys[number] ? [[number, line] as const] : [])));
      const cached = able.size > 0 ? await build(context, able) : new Set<number>();
      for (const number of able.keys()) {
        const expected = seen[number]!.has(keys[number]!);
        if (cached.has(number)) tally.hits++;
        else tally.misses++;
        if (expected !== cached.has(number)) {
          tally.wrong.push(`seed ${seed}, ${change}: ${lines[number]} ${expected ? 'reran' : 'was cached'}`);
        }
        seen[number]!.add(keys[number]!);
      }
      change = changeContext(context, roll);
    }
    fs.rmSync(home, { recursive: true, force: true });
    return tally;
  }

  test(`${contexts} contexts, ${changesOfEach} changes each: equal keys are hits, others misses`, async (t) => {
    const total = { hits: 0, misses: 0, wrong: [] as string[] };
    for (let seed = firstSeed; seed < firstSeed + contexts; seed++) {
      const { hits, misses, wrong } = await compare(seed);
      total.hits += hits;
      total.misses += misses;
      total.wrong.push(...wrong);
    }
    t.diagnostic(`${total.hits} hits, ${total.misses} misses, ${total.wrong.length} wrong`);
    assert.deepEqual(total.wrong, []);
    assert.ok(total.hits > 10 * contexts && total.misses > 5 * contexts);
  });
});

/** A folder keeps the mode that it had when the builder got it first: BuildKit does not notice a new one. */
function asBuilderHasIt(snapshot: ContextSnapshot, modes: Map<string, number>): ContextSnapshot {
  const folders = snapshot.entries.filter(({ type }) => type === 'directory');
  const before = new Map(modes);
  modes.clear();
  for (const folder of folders) {
    folder.mode = before.get(folder.path) ?? folder.mode;
    modes.set(folder.path, folder.mode);
  }
  return snapshot;
}
