// buildx's driver docker-container on an engine of the tests: BuildKit in a container, of an image that is made here of
// the buildkitd of scripts/tools.mjs and of the system's runc.
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Daemon, dockerCommand, run } from './daemons';
import { newFolder } from './launch';
import { installedTool, need } from './programs';

/** What buildx starts unless it is told another image [0.38]; with it there, nothing is pulled. */
const image = 'moby/buildkit:buildx-stable-1';

/** The engine with such a builder as buildx's current one; stopping it stops both. */
export async function startContainerBuilder(engine: Daemon): Promise<Daemon> {
  const { env } = engine;
  const docker = async (args: string[], input?: Buffer): Promise<string> => {
    const ran = await run(dockerCommand(env), args, { env, ...(input && { input }) });
    if (ran.code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`);
    return ran.stdout.trim();
  };
  const changes = ['ENTRYPOINT ["buildkitd"]', 'ENV PATH=/usr/bin:/bin', 'VOLUME /var/lib/buildkit'];
  await docker(['import', ...changes.flatMap((change) => ['--change', change]), '-', image], await rootfs());
  const name = `strata-${randomBytes(4).toString('hex')}`;
  const create = ['buildx', 'create', '--name', name, '--driver', 'docker-container'];
  // Of the engine's networks there is only this one.
  await docker([...create, '--driver-opt', 'network=host', '--bootstrap']);
  const pid = Number(await docker(['inspect', '--format', '{{.State.Pid}}', `buildx_buildkit_${name}0`]));
  return {
    env: { ...env, BUILDX_BUILDER: name },
    async stop() {
      await engine.stop();
      // An engine that was killed leaves its containers running.
      if (
        fs.existsSync(`/proc/${pid}/cmdline`) &&
        /buildkitd/.test(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      )
        process.kill(pid, 'SIGKILL');
    },
  };
}

/** A tar of /usr/bin with buildkitd, buildctl and runc, and the libraries that runc is linked with. */
async function rootfs(): Promise<Buffer> {
  const tools = installedTool('buildkit');
  if (!tools) throw new Error('BuildKit is not installed: node scripts/tools.mjs buildkit');
  const root = newFolder('buildkit-image');
  try {
    const put = (from: string, to: string) => {
      fs.mkdirSync(path.join(root, path.dirname(to)), { recursive: true });
      fs.copyFileSync(from, path.join(root, to));
    };
    for (const name of ['buildkitd', 'buildctl']) put(path.join(tools, name), `usr/bin/${name}`);
    put(need('runc'), 'usr/bin/runc');
    const { stdout } = await run('ldd', [need('runc')]);
    for (const [library] of stdout.matchAll(/\/\S+/g)) put(library, library.slice(1));
    for (const name of ['tmp', 'run', 'var']) fs.mkdirSync(path.join(root, name));
    // Beside the root itself: what run() gives back is text.
    const packed = path.join(root, '..', `${path.basename(root)}.tar`);
    const made = await run('tar', ['-C', root, '-cf', packed, '.']);
    if (made.code !== 0) throw new Error(`tar ended with ${made.code}: ${made.stderr}`);
    const bytes = fs.readFileSync(packed);
    fs.rmSync(packed);
    return bytes;
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}
