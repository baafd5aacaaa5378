// Which line made which layer, on real builders. The Dockerfiles in mapping/cases.ts say it themselves: `#= path` below a
// line names a file that only this line's layer holds (`path=text`: with this content), so that the truth is read from
// the layers' own tars. `#= (layer)` is a layer without a file of its own: the one above the line before.
// `#= classic: …` is for that builder's rules alone. A line without a mark makes no layer.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { detectBuilders } from '../../server/src/build/detect';
import type { BuilderKind, BuildRecord, BuildRules, FoundBuilder } from '../../server/src/build/model';
import { type BuildChoice, defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { cacheTotals, mapLayers } from '../../server/src/mapping/mapLayers';
import type { Mapping } from '../../server/src/mapping/model';
import type { Host } from '../../server/src/primitives/host';
import {
  baseLayout,
  type Daemon,
  daemonsMissing,
  dockerCommand,
  importBase,
  run,
  startBuildkitd,
  startDockerd,
} from '../support/daemons';
import { type MappingCase, mappingCases } from './mapping/cases';
import { type OpenedImage, openLayout, openSaved, type Registry, startRegistry } from './mapping/images';

const missing = daemonsMissing();
const skip =
  missing.length > 0 && process.env.CI !== 'true' ? `not on this machine: ${missing.join(', ')}` : false;

interface Setup {
  name: string;
  kind: BuilderKind;
  group: 'buildx' | 'engine';
  rules: BuildRules;
  env: Record<string, string>;
  /** How bases come to BuildKit: pulled, or as named contexts, whose FROM has no step of its own. */
  bases: 'engine' | 'registry' | 'contexts';
}

const setups: Setup[] = [
  {
    name: 'buildx with current BuildKit, bases pulled',
    kind: 'buildx',
    group: 'buildx',
    rules: 'buildkit',
    env: {},
    bases: 'registry',
  },
  {
    name: 'buildx with current BuildKit, bases as named contexts',
    kind: 'buildx',
    group: 'buildx',
    rules: 'buildkit',
    env: {},
    bases: 'contexts',
  },
  {
    name: 'buildx with Docker Engine',
    kind: 'buildx',
    group: 'engine',
    rules: 'buildkit',
    env: {},
    bases: 'engine',
  },
  {
    name: "docker with the Engine's BuildKit",
    kind: 'docker',
    group: 'engine',
    rules: 'buildkit',
    env: { DOCKER_BUILDKIT: '1' },
    bases: 'engine',
  },
  {
    name: 'the classic builder',
    kind: 'docker',
    group: 'engine',
    rules: 'classic',
    env: {},
    bases: 'engine',
  },
];

/** A builder at work, with what is needed to build on it and to read what it built. */
interface Bench {
  setup: Setup;
  folder: string;
  daemon: Daemon;
  host: Host;
  builder: FoundBuilder;
  registry: Registry | null;
  build(
    dockerfile: string,
    choice: BuildChoice,
    bases: readonly string[],
    extraArguments?: readonly string[],
  ): Promise<BuildRecord>;
  /** Makes what was built last usable as a base. */
  keepAsBase(name: string, record: BuildRecord): Promise<void>;
  open(record: BuildRecord): Promise<OpenedImage>;
}

for (const setup of setups) {
  describe(setup.name, { skip }, () => {
    let bench: Bench;
    before(async () => {
      bench = await startBench(setup);
    });
    after(async () => {
      await bench?.registry?.stop();
      await bench?.daemon.stop();
      if (bench) fs.rmSync(bench.folder, { recursive: true, force: true });
    });

    for (const one of mappingCases) {
      if (one.only && !one.only.includes(setup.group)) continue;
      if (one.notClassic && setup.rules === 'classic') continue;
      test(one.name, () => checkMapping(bench, one));
    }

    test('a build that fails', () => checkFailure(bench));
  });
}

/** Builds a case and compares what is said of its lines with what is in its layers, from each source of evidence. */
async function checkMapping(bench: Bench, one: MappingCase) {
  const { setup } = bench;
  const bases = Object.keys(one.bases ?? {});
  let baseLayers = 1;
  for (const [name, dockerfile] of Object.entries(one.bases ?? {})) {
    const built = await bench.build(dockerfile, defaultChoice, []);
    assert.equal(built.outcome, 'built', JSON.stringify(built.failure));
    await bench.keepAsBase(name, built);
    baseLayers = (await bench.open(built)).layers.length;
  }
  const choice: BuildChoice = { target: one.target ?? null, platform: null, buildArgs: one.buildArgs ?? {} };
  const record = await bench.build(one.dockerfile, choice, bases, one.extraArguments);
  assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
  const image = await bench.open(record);
  if (/^FROM scratch$/m.test(one.dockerfile)) baseLayers = 0;
  const truth = truthOf(record.text, image, setup.rules, baseLayers);
  const full = recordedWith(record, image);
  const dockerfile = parseDockerfile(record.text);
  const map = (from: BuildRecord | null, of: OpenedImage = image) => mapLayers(dockerfile, from, of, choice);

  const mapping = map(full);
  compare('all evidence', mapping, truth, one.dockerfile);
  assert.deepEqual(mapping.unmapped, []);
  assert.deepEqual(mapping.disagreements, []);
  assert.deepEqual(
    mapping.baseLayers,
    Array.from({ length: baseLayers }, (_, index) => index),
  );
  const left = (one.stepsLeave?.lines ?? []).filter(() => !full.provenance);
  const strongest = full.provenance ? 'provenance' : setup.rules === 'classic' ? 'history' : 'steps';
  for (const line of mapping.lines) {
    if (line.layers.length > 0 && !left.includes(textOf(record, line.instruction)))
      assert.equal(line.evidence, strongest, `evidence of ${textOf(record, line.instruction)}`);
  }

  compare('steps and history', map({ ...full, provenance: null }), truth, one.dockerfile);
  if (full.provenance) {
    const alone = map({ ...full, steps: [] }, { ...image, history: [] });
    compare('provenance alone', alone, truth, one.dockerfile);
    const places = { ...image, layers: image.layers.map((layer) => ({ ...layer, blobDigest: null })) };
    compare(
      'provenance by places',
      map({ ...full, steps: [] }, { ...places, history: [] }),
      truth,
      one.dockerfile,
    );
  }
  if (setup.rules === 'buildkit') {
    compare(
      'steps alone',
      map({ ...full, provenance: null }, { ...image, history: [] }),
      truth,
      one.dockerfile,
      one.stepsLeave?.lines,
    );
  }
  const history = map(null);
  compare('history alone', history, truth, one.dockerfile, one.historyLeaves?.lines);

  // The same again comes from the cache, and makes the same layers.
  const again = await bench.build(one.dockerfile, choice, bases, one.extraArguments);
  const second = mapLayers(dockerfile, recordedWith(again, image), image, choice);
  const { cacheable, cached } = cacheTotals(second);
  assert.equal(cached, cacheable, `second build: ${describeCache(second, record)}`);
  const known = mapping.lines.filter((line) => line.cache === 'miss' || line.cache === 'hit').length;
  assert.equal(
    cacheable,
    known,
    `first: ${describeCache(mapping, record)}\nsecond: ${describeCache(second, record)}`,
  );
  const unknown = mapping.lines.filter(
    (line) =>
      line.cache === 'unknown' && line.why === null && !left.includes(textOf(record, line.instruction)),
  );
  assert.deepEqual(
    unknown.map((line) => textOf(record, line.instruction)),
    [],
  );
}

/** Of a build that fails: what came from the cache, what ran, where it failed, and what was never reached. */
async function checkFailure(bench: Bench) {
  const beginning = 'FROM base AS tried\nLABEL a=b\nRUN echo first >> /tried\n';
  const first = await bench.build(`${beginning}RUN true\n`, defaultChoice, []);
  assert.equal(first.outcome, 'built', JSON.stringify(first.failure));
  const text = `${beginning}RUN echo second && \\\n    exit 3\nRUN echo never\nCOPY package.txt /\n`;
  const record = await bench.build(text, defaultChoice, []);
  assert.equal(record.outcome, 'failed');
  const mapping = mapLayers(parseDockerfile(record.text), record, null, defaultChoice);
  const metadata = bench.setup.rules === 'classic' ? 'hit' : 'not-cacheable';
  assert.deepEqual(
    mapping.lines.map(({ cache }) => cache),
    ['not-cacheable', metadata, 'hit', 'miss', 'unknown', 'unknown'],
  );
  assert.deepEqual(
    mapping.lines.flatMap(({ error }, index) => (error === null ? [] : index)),
    [3],
  );
  assert.ok(mapping.lines.every(({ layers, evidence }) => layers.length === 0 && evidence === 'none'));
}

/** For each instruction of the text the layers that the marks below it name. */
function truthOf(text: string, image: OpenedImage, rules: BuildRules, baseLayers: number): number[][] {
  const { instructions } = parseDockerfile(text);
  const lines = text.split('\n');
  let last = baseLayers - 1;
  return instructions.map(({ endLine }) => {
    const layers: number[] = [];
    for (let at = endLine; lines[at]?.startsWith('#= '); at++) {
      let mark = lines[at]!.slice(3).trimEnd();
      const only = /^(buildkit|classic): /.exec(mark);
      if (only && only[1] !== rules) continue;
      mark = mark.slice(only?.[0].length ?? 0);
      const holders = mark === '(layer)' ? [last + 1] : holdersOf(mark, image);
      assert.equal(holders.length, 1, `layers that hold ${mark}: ${holders.join()}`);
      last = holders[0]!;
      layers.push(last);
    }
    return layers;
  });
}

function holdersOf(mark: string, image: OpenedImage): number[] {
  const [file = '', content] = mark.split('=');
  return image.layers
    .filter(
      ({ files }) =>
        files.has(file) && (content === undefined || files.get(file) === content.replaceAll('\\n', '\n')),
    )
    .map(({ index }) => index);
}

/** `unknownAllowed`: lines, as text, that may have no layers where the truth has some. */
function compare(
  source: string,
  mapping: Mapping,
  truth: number[][],
  text: string,
  unknownAllowed: readonly string[] = [],
) {
  const { instructions } = parseDockerfile(text);
  const told = mapping.lines.map(({ layers }, index) => {
    const line = instructions[index]!.text.split('\n')[0];
    const mayBeUnknown = layers.length === 0 && unknownAllowed.includes(line!);
    return `${line} => ${mayBeUnknown ? truth[index]!.join() : layers.join()}`;
  });
  const expected = truth.map(
    (layers, index) => `${instructions[index]!.text.split('\n')[0]} => ${layers.join()}`,
  );
  assert.deepEqual(
    told,
    expected,
    `${source}: ${JSON.stringify([mapping.disagreements, mapping.unmapped, mapping.lines.flatMap(({ why }) => why ?? [])])}`,
  );
}

function textOf(record: BuildRecord, instruction: number): string {
  return parseDockerfile(record.text).instructions[instruction]!.text;
}

function describeCache(mapping: Mapping, record: BuildRecord): string {
  return mapping.lines.map((line) => `${textOf(record, line.instruction)}: ${line.cache}`).join('; ');
}

/** The record with its image, as the measure leaves it. */
function recordedWith(record: BuildRecord, image: OpenedImage): BuildRecord {
  return {
    ...record,
    image: {
      reference: record.imageReference ?? '',
      id: image.layers[0]!.diffId,
      platform: 'linux/amd64',
      history: image.history,
      layers: image.layers.map(({ index, diffId, blobDigest }) => ({
        index,
        diffId,
        chainId: diffId,
        blobDigest,
        compressedBytes: null,
        unpackedBytes: null,
        engineBytes: null,
        added: null,
        modified: null,
        removed: null,
        wastedBytes: null,
      })),
      visibleBytes: null,
      waste: [],
      problems: [],
    },
  };
}

async function startBench(setup: Setup): Promise<Bench> {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-mapping-'));
  const context = path.join(folder, 'context');
  fs.mkdirSync(context);
  fs.writeFileSync(path.join(context, 'package.txt'), 'package\n');
  fs.writeFileSync(path.join(context, 'app.txt'), 'app\n');
  fs.writeFileSync(path.join(context, 'with blank.txt'), 'blank\n');
  fs.writeFileSync(path.join(folder, 'inside.txt'), 'inside\n');
  for (const flags of ['-cf', '-czf']) {
    const archive = path.join(context, flags === '-cf' ? 'files.tar' : 'files.tar.gz');
    const packed = await run('tar', ['-C', folder, flags, archive, 'inside.txt']);
    assert.equal(packed.code, 0, packed.stderr);
  }

  const layouts = new Map<string, string>();
  const registry = setup.bases === 'registry' ? await startRegistry() : null;
  const daemon = setup.group === 'engine' ? await startDockerd() : await startBuildkitd();
  if (setup.bases === 'engine') await importBase(daemon, 'base');
  else {
    const layout = path.join(folder, 'bases', 'base');
    fs.mkdirSync(layout, { recursive: true });
    baseLayout(layout);
    layouts.set('base', layout);
    registry?.add('base', layout);
  }
  const host = createNodeHost({ ...process.env, ...daemon.env, ...setup.env });
  const signal = new AbortController().signal;
  const found = await detectBuilders(host, { prefer: setup.kind, programs: {}, signal });
  const builder = found[0]!;
  assert.equal(builder.identity.rules, setup.rules);
  assert.equal(builder.unusable, null);

  const contextOf = (name: string) => {
    const layout = layouts.get(name)!;
    const index = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8'));
    return `${name}=oci-layout://${layout}@${index.manifests[0].digest}`;
  };
  return {
    setup,
    folder,
    daemon,
    host,
    builder,
    registry,
    async build(dockerfile, choice, bases, extraArguments = []) {
      // A base that is pulled has the registry in its name, wherever it is named.
      const names = ['base', ...bases];
      const text = registry
        ? dockerfile.replace(
            new RegExp(`(FROM |--from=)(${names.join('|')})(?=\\s|$)`, 'gm'),
            (_, before, name) => `${before}${registry.prefix}${name}:1`,
          )
        : dockerfile;
      const file = path.join(context, 'Dockerfile');
      fs.writeFileSync(file, text);
      const keep = path.join(folder, 'keep');
      return builder.build(
        host,
        {
          dockerfile: file,
          text,
          context,
          choice,
          tag: null,
          noCache: false,
          keep,
          extraArguments: [
            ...(setup.bases === 'engine' ? ['--network', 'none'] : []),
            ...(setup.bases === 'contexts'
              ? names.flatMap((name) => ['--build-context', contextOf(name)])
              : []),
            ...extraArguments,
          ],
        },
        {},
        signal,
      );
    },
    async keepAsBase(name, record) {
      if (setup.bases === 'engine') {
        const tag = ['tag', record.imageReference!.replace('docker-daemon:', ''), name];
        const tagged = await run(dockerCommand(daemon.env), tag, { env: daemon.env });
        assert.equal(tagged.code, 0, tagged.stderr);
        return;
      }
      const layout = path.join(folder, 'bases', name);
      fs.cpSync(record.imageReference!.replace('oci:', ''), layout, { recursive: true });
      layouts.set(name, layout);
      registry?.add(name, layout);
    },
    async open(record) {
      const reference = record.imageReference!;
      return reference.startsWith('oci:')
        ? openLayout(reference.slice('oci:'.length))
        : openSaved(
            dockerCommand(daemon.env),
            daemon.env,
            reference.replace('docker-daemon:', ''),
            path.join(folder, 'saved'),
          );
    },
  };
}
