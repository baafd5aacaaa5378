// Builds sequences of RUN steps with a real BuildKit and tells how each ended and which files it left: many stages in one
// build where all should succeed, a build of its own where one fails.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type BuildkitDaemon, run } from './daemons';
import { openTar } from './tarListing';

/** How a sequence of steps ended. */
export interface Outcome {
  /** Exit code of the failing step; 0 when all went well. */
  status: number;
  /** `path type mode owner link sha256` of each file below the root, mtimes left out; empty when a step failed. */
  files: string[];
}

export interface Builder {
  daemon: BuildkitDaemon;
  /** `--build-context` of the image `base`. */
  base: string;
  /** An empty folder for contexts and results. */
  folder: string;
  /** Instructions of a stage `start` that all sequences stand on. */
  start: string;
  /** Context with what `start` adds. */
  context: string;
}

let builds = 0;

/** Outcomes of bodies, in order. */
export async function outcomes(builder: Builder, bodies: readonly string[]): Promise<Outcome[]> {
  const together = await collect(builder, bodies);
  if (together) return together;
  const result: Outcome[] = [];
  for (const body of bodies) {
    const status = await statusOf(builder, body);
    result.push(status === 0 ? (await collect(builder, [body]))![0]! : { status, files: [] });
  }
  return result;
}

const stage = (body: string, i: number) => `FROM start AS s${i}\nWORKDIR /w\n${body}\n`;

/** The file systems of all bodies by one build; null when a step of them fails. */
async function collect(builder: Builder, bodies: readonly string[]): Promise<Outcome[] | null> {
  const mounts = bodies.map((_, i) => `--mount=type=bind,from=s${i},target=/in/${i}`).join(' ');
  // All but the programs that no sequence touches: they are in each of them.
  const names = '$(ls -A | grep -vxE "bin|lib|lib64") $(ls -d bin/* | grep -vE "/(busybox|bash|dash)$")';
  const tar = `cd /in/$i && tar -cf /out/$i.tar ${names}`;
  const pack = `FROM base AS pack\nRUN ${mounts} mkdir /out && for i in $(ls /in); do ${tar}; done\n`;
  const last = 'FROM scratch\nCOPY --from=pack /out /\n';
  const text = `FROM base AS start\n${builder.start}\n${bodies.map(stage).join('')}${pack}${last}`;
  const output = path.join(builder.folder, `out-${++builds}`);
  const built = await buildText(builder, text, ['--output', `type=local,dest=${output}`]);
  // Only a step of a sequence may fail.
  if (/\[pack \d+\/\d+\]|\[stage-/.test(/^ERROR: .*|^ > \[.*$/m.exec(built.stderr)?.[0] ?? ''))
    throw new Error(built.stderr);
  if (built.code !== 0) return null;
  const result = bodies.map((_, i) => ({
    status: 0,
    files: openTar(fs.readFileSync(path.join(output, `${i}.tar`))),
  }));
  fs.rmSync(output, { recursive: true, force: true });
  return result;
}

/** Exit code of the step that fails; 0 when none does. */
async function statusOf(builder: Builder, body: string): Promise<number> {
  const built = await buildText(builder, `FROM base AS start\n${builder.start}\n${stage(body, 0)}`, []);
  const code = /did not complete successfully: exit code: (\d+)/.exec(built.stderr)?.[1];
  if (built.code === 0) return 0;
  if (!code) throw new Error(`no step of this failed:\n${body}\n${built.stderr}`);
  return Number(code);
}

async function buildText(builder: Builder, text: string, more: string[]) {
  const file = path.join(builder.folder, `Dockerfile-${++builds}`);
  fs.writeFileSync(file, text);
  const contexts = ['--build-context', `base=${builder.base}`];
  const args = [
    'build',
    '--progress',
    'plain',
    '--provenance=false',
    '-f',
    file,
    ...contexts,
    ...more,
    builder.context,
  ];
  return run('docker', ['buildx', ...args], { env: builder.daemon.env });
}
