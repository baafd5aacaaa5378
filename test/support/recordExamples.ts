// Records the builds that the examples carry, with a real BuildKit through the real command line. Each is the second of
// two builds of which the first differed in one file, so that some lines come from the cache and others ran.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RecordedBuild } from '../../server/src/build/recordedBuild';
import { baseLayout, dockerCommand, run, startBuildkitd } from './daemons';

const root = process.env.STRATA_ROOT ?? process.cwd();

/** base64 characters */
const largestContents = 100_000;

interface Example {
  name: string;
  /** Image name in FROM. */
  base: string;
  /** File that differed in the first build. */
  changed: string;
  note: string;
}

const examples: Example[] = [
  {
    name: 'layers',
    base: 'busybox:1.36',
    changed: 'docs/overlay.txt',
    note: "A recorded build. Its base busybox:1.36 was Debian's busybox-static in an image of one layer.",
  },
  {
    name: 'article',
    base: 'registry.access.redhat.com/ubi8/ubi:8.1',
    changed: 'index.php',
    note: 'A recorded build on a stand-in for the base image: busybox with a script named yum that writes a few files. The sizes are those of the stand-in.',
  },
];

async function main(): Promise<void> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'strata-examples-'));
  const daemon = await startBuildkitd();
  const env = { ...daemon.env, STRATA_CACHE: path.join(scratch, 'cache') };
  try {
    const busybox = baseLayout(path.join(scratch, 'busybox')).context;
    const standIn = path.join(scratch, 'stand-in');
    await checked(dockerCommand(daemon.env), [
      ...['buildx', 'build', '--build-context', `busybox:1.36=${busybox}`],
      ...['--output', `type=oci,tar=false,dest=${standIn}`, path.join(root, 'examples/article/stand-in')],
    ]);
    const bases: Record<string, string> = {
      layers: busybox,
      article: `oci-layout://${standIn}`,
    };
    for (const example of examples) {
      const folder = path.join(scratch, example.name);
      cpSync(path.join(root, 'examples', example.name), folder, { recursive: true });
      const build = [
        ...[path.join(root, 'dist/cli.js'), 'build', path.join(folder, 'Dockerfile'), '--builder', 'buildx'],
        `--builder-arg=--build-context=${example.base}=${bases[example.name]}`,
      ];
      const original = path.join(root, 'examples', example.name, example.changed);
      writeFileSync(path.join(folder, example.changed), 'an earlier version\n');
      await checked(process.execPath, build);
      cpSync(original, path.join(folder, example.changed));
      console.log(await checked(process.execPath, [...build, '--record', '--note', example.note]));
      const recorded = '.strata/Dockerfile.json';
      const record = withoutNoise(readFileSync(path.join(folder, recorded), 'utf8'));
      writeFileSync(path.join(root, 'examples', example.name, recorded), record);
    }
  } finally {
    await daemon.stop();
    rmSync(scratch, { recursive: true, force: true });
  }

  async function checked(program: string, args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(program, args, { env });
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}\nended with ${code}\n${stderr}`);
    return stdout;
  }
}

/**
 * A record without the contents of layers that hardly compress, which here is what dd wrote: the extension's package
 * carries an example, and nobody opens noise. The layer's list of files stays.
 */
function withoutNoise(record: string): string {
  const build = JSON.parse(record) as RecordedBuild;
  for (const layer of build.layers) {
    if (layer.tar !== null && layer.tar.length > largestContents) layer.tar = null;
  }
  return `${JSON.stringify(build)}\n`;
}

void main();
