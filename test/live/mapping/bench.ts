// A real builder at work for the mapping tests: its daemon, its bases, and the image that it built.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { detectBuilders } from '../../../server/src/build/detect';
import type { BuildRecord, FoundBuilder } from '../../../server/src/build/model';
import type { BuildChoice } from '../../../server/src/dockerfile/model';
import { createNodeHost } from '../../../server/src/host/nodeHost';
import type { Host } from '../../../server/src/primitives/host';
import { startCurrentEngine } from '../../support/currentEngine';
import {
  baseLayout,
  type Daemon,
  dockerCommand,
  importBase,
  run,
  startBuildkitd,
  startDockerd,
} from '../../support/daemons';
import { podmanAsDaemon } from '../../support/podman';
import { type Downloads, startDownloads } from './downloads';
import { type OpenedImage, openLayout, openSaved, type Registry, startRegistry } from './images';
import type { Setup } from './setups';

/** A builder at work, with what is needed to build on it and to read what it built. */
export interface Bench {
  setup: Setup;
  folder: string;
  daemon: Daemon;
  host: Host;
  builder: FoundBuilder;
  registry: Registry | null;
  downloads: Downloads;
  /** How a base image is called in what is built. */
  nameOf(base: string): string;
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

/** Starts the daemon, brings the base image to it and finds the builder. */
export async function startBench(setup: Setup): Promise<Bench> {
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

  const downloads = await startDownloads();
  const layouts = new Map<string, string>();
  const registry = setup.bases === 'registry' ? await startRegistry() : null;
  const daemon = await startEngine(setup);
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

  const nameOf = (base: string) => (registry ? `${registry.prefix}${base}:1` : base);
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
    downloads,
    nameOf,
    async build(dockerfile, choice, bases, extraArguments = []) {
      // A base that is pulled has the registry in its name, wherever it is named.
      const names = ['base', ...bases];
      const addressed = dockerfile.replaceAll('{downloads}', downloads.address);
      const text = registry
        ? addressed.replace(
            new RegExp(`(FROM |--from=)(${names.join('|')})(?=\\s|$)`, 'gm'),
            (_, before, name) => `${before}${nameOf(name)}`,
          )
        : addressed;
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
            ...setup.arguments,
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
        const tag = ['tag', nameIn(record), name];
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
        : openSaved(dockerCommand(daemon.env), daemon.env, nameIn(record), path.join(folder, 'saved'));
    },
  };
}

async function startEngine({ daemon }: Setup): Promise<Daemon> {
  if (daemon === 'podman') return podmanAsDaemon();
  if (daemon === 'current dockerd') return startCurrentEngine();
  return daemon === 'dockerd' ? startDockerd() : startBuildkitd();
}

/** What its engine calls the image. */
function nameIn({ imageReference }: BuildRecord): string {
  return imageReference!.replace(/^(?:docker-daemon|containers-storage):/, '');
}
