// Compose files that include and extend others, read by Strata and by the real docker compose where it is there, else by
// bake, which has compose's library within: the same contexts, targets, arguments, named contexts, keys and secrets, and
// something is said of projects that they refuse.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { declaredBuilds } from '../../server/src/measure/declared/declaredBuilds';
import { readYamlValue } from '../../server/src/measure/readYaml';
import { clientFolders, daemonsMissing, run, skipReason } from '../support/daemons';
import { installedTool } from '../support/programs';
import { writeFiles } from '../support/writeFiles';

const build = (more: string) => `build: { dockerfile: $DOCKERFILE, ${more} }`;

/** What bake loses, for it does not know the project's folder: paths of what is included by what is included. */
const composeAlone = new Set(['include', 'a service twice', 'extends of other files']);

/** Each a project of its own; `$DOCKERFILE` is absolute, so that all builds are of one file. */
const projects: Record<string, Record<string, string>> = {
  'extends of the same file': {
    'compose.yaml': `services:
  base: { ${build('context: ., target: prod, args: [A=1, B=2], platforms: [linux/amd64]')} }
  app: { extends: base, build: { args: { B: 3, C: c } } }
  long: { extends: { service: app }, build: { target: dev, context: ./long } }
`,
  },
  'extends of other files': {
    'compose.yaml': `services:
  app: { extends: { service: web, file: common/web.yaml }, build: { args: [A=app] } }
  bare: { extends: { service: bare, file: common/web.yaml } }
`,
    'common/web.yaml': `services:
  web: { extends: { service: base, file: ../deep/base.yaml }, build: { additional_contexts: { lib: ./lib } } }
  bare: { ${build('target: bare')} }
`,
    'deep/base.yaml': `services:
  base: { ${build('context: ctx, args: { A: a, V: $V }, additional_contexts: [b=.], ssh: [k=key]')} }
`,
    '.env': 'V=project\n',
    'deep/.env': 'V=own\n',
  },
  'what one file says over another': {
    'compose.yaml': `services: { app: { ${build('context: ., args: [A=1]')} }, text: { build: . } }`,
    'compose.override.yaml': `services:
  app: { build: { args: { A: 2, B: 3 }, cache_from: [x/y] } }
  text: { ${build('target: t')} }
`,
  },
  include: {
    'compose.yaml': `include:
  - sub/compose.yaml
  - { path: [x/a.yaml, x/b.yaml], project_directory: y, env_file: x.env }
services: { own: { ${build('context: .')} } }
`,
    'sub/compose.yaml': `include: [deep/compose.yaml]
services:
  sub: { ${build('secrets: [tok], additional_contexts: { up: .. }')} }
  out: { ${build('context: ..')} }
secrets: { tok: { file: tok.txt } }
`,
    'sub/deep/compose.yaml': `services: { deep: { ${build('context: c, args: { V: $V, W: $W }')} } }`,
    'sub/deep/.env': 'V=deep\nW=deep\n',
    'x/a.yaml': `services: { x: { ${build('context: c, args: [A=1, "V=$V"]')} } }`,
    'x/b.yaml': 'services: { x: { build: { args: [A=2] } } }',
    'x.env': 'V=named\n',
    'y/c/kept': '',
    '.env': 'W=project\n',
  },
  'include and extends': {
    'compose.yaml': 'include: [sub/compose.yaml]\n',
    'compose.override.yaml': 'services: { app: { build: { args: [A=over] } } }',
    'sub/compose.yaml': 'services: { app: { extends: { service: base, file: ../base.yaml } } }',
    'base.yaml': `services: { base: { ${build('context: ., args: [A=base]')} } }`,
  },
};

/** Those that compose refuses. */
const refused: Record<string, Record<string, string>> = {
  'a circle of extends': {
    'compose.yaml': `services: { a: { extends: b, ${build('context: .')} }, b: { extends: a, ${build('context: .')} } }`,
  },
  'a base that is not there': { 'compose.yaml': `services: { a: { extends: b, ${build('context: .')} } }` },
  'a file that is not there': {
    'compose.yaml': `services: { a: { extends: { service: b, file: b.yaml }, ${build('context: .')} } }`,
  },
  'a circle of includes': {
    'compose.yaml': `include: [b.yaml]\nservices: { a: { ${build('context: .')} } }`,
    'b.yaml': 'include: [compose.yaml]\n',
  },
  'a service twice': {
    'compose.yaml': `include: [b.yaml]\nservices: { a: { ${build('context: .')} } }`,
    'b.yaml': `services: { a: { ${build('context: ., target: x')} } }`,
  },
  'an included file that is not there': {
    'compose.yaml': `include: [b.yaml]\nservices: { a: { ${build('context: .')} } }`,
  },
};

interface ComposeBuild {
  context: string;
  target?: string;
  args?: Record<string, string>;
  additional_contexts?: Record<string, string>;
  ssh?: string[];
  secrets?: { source: string }[];
  platforms?: string[];
}

interface Target {
  context: string;
  target?: string;
  args?: Record<string, string>;
  contexts?: Record<string, string>;
  ssh?: { id: string; paths?: string[] }[];
  secret?: { id: string; src?: string }[];
  platforms?: string[];
}

describe('compose files', { skip: skipReason(daemonsMissing()) }, () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-compose-'));
  const client = path.join(folder, 'client');
  fs.mkdirSync(client);
  const env = clientFolders(client);
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function projectOf(name: string, files: Record<string, string>): string {
    const place = path.join(folder, name.replaceAll(' ', '-'));
    const beside = { Dockerfile: 'FROM scratch\n', 'sub/tok.txt': 'x', 'deep/key': 'x' };
    writeFiles(place, Object.entries({ ...files, ...beside }));
    return place;
  }

  /** As docker compose tells them; null when it refuses. */
  async function byCompose(program: string, place: string): Promise<string[] | null> {
    const told = { ...env, DOCKERFILE: path.join(place, 'Dockerfile') };
    // Not as JSON: an ssh key with a path breaks that [2.40.3].
    const ran = await run(program, ['--profile', '*', 'config'], { cwd: place, env: told });
    if (ran.code !== 0) return null;
    const { services, secrets = {} } = readYamlValue(ran.stdout).value as {
      services: Record<string, { build: ComposeBuild }>;
      secrets?: Record<string, { file: string }>;
    };
    return Object.entries(services).map(([name, { build: one }]) => {
      const ssh = (one.ssh ?? []).map((key) => key.replace(': ', '='));
      const own = (one.secrets ?? []).map(({ source }) => `${source}:${secrets[source]!.file}`);
      const { context, target = null, args = {}, additional_contexts: named = {}, platforms = [] } = one;
      return line(name, context, target, args, Object.entries(named), ssh, own, platforms);
    });
  }

  /** As bake resolves them; null when it refuses. */
  async function byBake(place: string, files: Record<string, string>): Promise<string[] | null> {
    const given = ['compose.yaml', 'compose.override.yaml'].filter((name) => name in files);
    const args = ['buildx', 'bake', '--print', ...given.flatMap((name) => ['--file', name])];
    const told = { ...env, DOCKERFILE: path.join(place, 'Dockerfile') };
    const ran = await run('docker', args, { cwd: place, env: told });
    if (ran.code !== 0) return null;
    const { target } = JSON.parse(ran.stdout) as { target: Record<string, Target> };
    return Object.entries(target).map(([name, one]) => {
      const ssh = (one.ssh ?? []).map(({ id, paths = [] }) => [id, ...paths].join('='));
      const secrets = (one.secret ?? []).map(({ id, src = '' }) => `${id}:${path.resolve(place, src)}`);
      const contexts = Object.entries(one.contexts ?? {}).map(([id, at]) => [id, path.resolve(place, at)]);
      const { args: given = {}, platforms = [], target: stage = null } = one;
      return line(name, path.resolve(place, one.context), stage, given, contexts, ssh, secrets, platforms);
    });
  }

  async function byStrata(place: string) {
    const dockerfile = path.join(place, 'Dockerfile');
    const host = createNodeHost({ ...process.env, ...env, DOCKERFILE: dockerfile });
    const signal = new AbortController().signal;
    // Without trust no program is asked.
    const request = { dockerfile, workspaceFolders: [place], trusted: false, programs: {}, signal };
    const { builds, problems } = await declaredBuilds(host, request);
    const own = builds.filter(({ source }) => source === 'compose');
    const lines = own.map((one) => {
      const secrets = one.secrets.map(({ id, src }) => `${id}:${src}`);
      const contexts = Object.entries(one.namedContexts);
      const { context, target, buildArgs, ssh, platforms } = one;
      return line(one.name, context, target, buildArgs, contexts, [...ssh], secrets, [...platforms]);
    });
    return { lines, told: [...problems, ...own.flatMap((one) => one.problems)] };
  }

  const compose = installedTool('compose');
  const toldOf = (place: string, files: Record<string, string>) =>
    compose ? byCompose(compose, place) : byBake(place, files);
  const skipOf = (name: string) =>
    !compose && composeAlone.has(name)
      ? 'docker compose is not installed: node scripts/tools.mjs compose'
      : false;

  for (const [name, files] of Object.entries(projects))
    test(name, { skip: skipOf(name) }, async () => {
      const place = projectOf(name, files);
      const told = await toldOf(place, files);
      assert.ok(told, 'compose takes it');
      const { lines, told: problems } = await byStrata(place);
      assert.deepEqual(lines.sort(), told.sort());
      assert.deepEqual(problems, []);
    });

  for (const [name, files] of Object.entries(refused))
    test(`${name} is refused by compose, and said by Strata`, { skip: skipOf(name) }, async () => {
      const place = projectOf(name, files);
      assert.equal(await toldOf(place, files), null);
      const { told } = await byStrata(place);
      assert.notDeepEqual(told, []);
    });
});

function line(
  name: string,
  context: string,
  target: string | null,
  args: Readonly<Record<string, string>>,
  contexts: readonly (readonly string[])[],
  ...lists: string[][]
): string {
  return JSON.stringify([
    name,
    context,
    target,
    Object.entries(args).sort(),
    [...contexts].sort(),
    ...lists.map((list) => list.sort()),
  ]);
}
