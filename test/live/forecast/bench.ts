// A real builder at work for the tests of the forecast: its daemon, its two base images, and builds that keep what the
// forecast needs.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { forecastLines } from '../../../server/src/analysis/forecastInputs';
import { detectBuilders } from '../../../server/src/build/detect';
import type { BuilderKind, BuildRecord, BuildRules } from '../../../server/src/build/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { createNodeHost } from '../../../server/src/host/nodeHost';
import { withCacheInputs } from '../../../server/src/measure/cacheInputs';
import type { ContextRequest } from '../../../server/src/measure/contextContents';
import { forecastNow } from '../../../server/src/measure/forecastNow';
import type { Host } from '../../../server/src/primitives/host';
import {
  baseLayout,
  dockerCommand,
  importBase,
  run,
  startBuildkitd,
  startDockerd,
} from '../../support/daemons';
import { podmanAsDaemon } from '../../support/podman';
import type { Project } from './edits';

export interface ForecastSetup {
  name: string;
  kind: BuilderKind;
  rules: BuildRules;
  /** Edits of each case in a short run, and in the whole one; 0: not in the short one. */
  edits: number;
  allEdits: number;
}

export const forecastSetups: ForecastSetup[] = [
  { name: 'BuildKit', kind: 'buildx', rules: 'buildkit', edits: 4, allEdits: 40 },
  { name: 'the classic builder', kind: 'docker', rules: 'classic', edits: 3, allEdits: 20 },
  { name: 'podman', kind: 'podman', rules: 'buildah', edits: 0, allEdits: 20 },
];

export interface ForecastBench {
  setup: ForecastSetup;
  folder: string;
  host: Host;
  requestOf(project: Project): ContextRequest & { noCache: boolean };
  /** What the next build will do, by instruction, as `strata forecast` and the editor tell it. */
  forecast(project: Project, records: readonly BuildRecord[]): ReturnType<typeof forecastLinesNow>;
  /** `records`: the builds before. */
  build(project: Project, records: readonly BuildRecord[]): Promise<BuildRecord>;
  /** Empties the cache, so that the builds of one case alone are in it. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

async function forecastLinesNow(
  host: Host,
  {
    dockerfile,
    path: file,
    context,
    choice,
    extraArguments,
    noCache,
  }: ReturnType<ForecastBench['requestOf']>,
  records: readonly BuildRecord[],
  signal: AbortSignal,
) {
  const asked = { dockerfile, file, context, choice, extraArguments, records, signal };
  return forecastLines(dockerfile, choice, await forecastNow(host, asked), noCache);
}

export async function startForecastBench(setup: ForecastSetup): Promise<ForecastBench> {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-forecast-'));
  const isBuildx = setup.kind === 'buildx';
  const isPodman = setup.kind === 'podman';
  const daemon = isBuildx ? await startBuildkitd() : isPodman ? podmanAsDaemon() : await startDockerd();
  const extraArguments: string[] = [];
  if (isBuildx) {
    for (const name of ['base', 'other']) {
      const layout = path.join(folder, `layout-${name}`);
      fs.mkdirSync(layout);
      const { context } = baseLayout(layout);
      if (name === 'other') changeConfig(layout);
      const digest = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests[0].digest;
      extraArguments.push('--build-context', `${name}=${context.replace(/@.*/, `@${digest}`)}`);
    }
  } else {
    await importBase(daemon, 'base');
    // podman runs RUN without namespaces here, which needs no cgroups of its own.
    const words = isPodman ? ['--network', 'host', '--isolation', 'chroot'] : ['--network', 'none'];
    const input = 'FROM base\nRUN echo other > /other\n';
    const args = ['build', ...words, '-t', 'other', '-'];
    const built = await run(dockerCommand(daemon.env), args, { env: daemon.env, input });
    assert.equal(built.code, 0, built.stderr);
    extraArguments.push(...words);
  }
  const host = createNodeHost({ ...process.env, ...daemon.env });
  const signal = new AbortController().signal;
  const found = await detectBuilders(host, { prefer: setup.kind, programs: {}, signal });
  const builder = found[0]!;
  assert.equal(builder.identity.rules, setup.rules);
  assert.equal(builder.unusable, null);

  const requestOf = ({ text, choice, noCache, folder: context }: Project) => ({
    dockerfile: parseDockerfile(text),
    path: path.join(context, 'Dockerfile'),
    context,
    choice,
    rules: builder.identity.rules,
    extraArguments,
    noCache,
  });
  return {
    setup,
    folder,
    host,
    requestOf,
    forecast: (project, records) => forecastLinesNow(host, requestOf(project), records, signal),
    build(project, records) {
      const { text, choice, noCache, folder: context } = project;
      const dockerfile = path.join(context, 'Dockerfile');
      fs.writeFileSync(dockerfile, text);
      const keep = path.join(folder, 'keep', path.basename(context));
      const request = { dockerfile, text, context, choice, tag: null, noCache, keep, extraArguments };
      const asked = { ...requestOf(project), builder: builder.identity, records };
      return withCacheInputs(host, asked, () => builder.build(host, request, {}, signal));
    },
    async forget() {
      const command = isBuildx ? ['buildx', 'prune', '--all', '--force'] : ['image', 'prune', '--force'];
      if (!isBuildx) {
        const listed = await run(dockerCommand(daemon.env), ['images', '-q', 'strata.local/*'], {
          env: daemon.env,
        });
        const ids = listed.stdout.split('\n').filter(Boolean);
        if (ids.length > 0) await run(dockerCommand(daemon.env), ['rmi', '-f', ...ids], { env: daemon.env });
      }
      const pruned = await run(dockerCommand(daemon.env), command, { env: daemon.env });
      assert.equal(pruned.code, 0, pruned.stderr);
    },
    async stop() {
      await daemon.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same layers with another variable: another image, which hits nonetheless where variables do not count. */
function changeConfig(layout: string): void {
  const index = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8'));
  const blob = (digest: string) => path.join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));
  const manifest = JSON.parse(fs.readFileSync(blob(index.manifests[0].digest), 'utf8'));
  const config = JSON.parse(fs.readFileSync(blob(manifest.config.digest), 'utf8'));
  config.config.Env.push('OTHER=1');
  const put = (value: unknown) => {
    const text = JSON.stringify(value);
    const digest = `sha256:${sha256(text)}`;
    fs.writeFileSync(blob(digest), text);
    return { digest, size: Buffer.byteLength(text) };
  };
  Object.assign(manifest.config, put(config));
  Object.assign(index.manifests[0], put(manifest));
  fs.writeFileSync(path.join(layout, 'index.json'), JSON.stringify(index));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
