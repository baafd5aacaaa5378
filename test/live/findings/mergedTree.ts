// The merged file system of an image, by means that are not Strata's: each layer unpacked by tar on top of the others in
// a folder, whiteouts applied by hand (OCI image spec, layer.md), and the folder drawn. Needs root, for owners.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from '../../support/daemons';

/** `app/x -rwxr-xr-x 1000:1000 12 sha256…` for each path, in order; times are left out. */
export async function mergedTree(layout: string): Promise<string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-merged-'));
  try {
    const root = path.join(folder, 'root');
    fs.mkdirSync(root);
    for (const tar of layerTars(layout)) {
      const file = path.join(folder, 'layer.tar');
      fs.writeFileSync(file, tar);
      await apply(file, root);
    }
    return draw(root, '');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function layerTars(layout: string): Buffer[] {
  const blob = (digest: string) => fs.readFileSync(path.join(layout, 'blobs', ...digest.split(':')));
  const read = (digest: string) => JSON.parse(blob(digest).toString('utf8'));
  let manifest = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8'));
  while (manifest.manifests) manifest = read(manifest.manifests[0].digest);
  return manifest.layers.map(({ digest }: { digest: string }) => {
    const bytes = blob(digest);
    return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
  });
}

async function apply(tar: string, root: string): Promise<void> {
  const listed = await run('tar', ['-tf', tar]);
  if (listed.code !== 0) throw new Error(listed.stderr);
  for (const name of listed.stdout.split('\n')) {
    const base = path.basename(name);
    const directory = path.join(root, path.dirname(name));
    if (base === '.wh..wh..opq') {
      for (const old of fs.existsSync(directory) ? fs.readdirSync(directory) : [])
        fs.rmSync(path.join(directory, old), { recursive: true });
    } else if (base.startsWith('.wh.'))
      fs.rmSync(path.join(directory, base.slice('.wh.'.length)), { recursive: true, force: true });
  }
  const flags = ['--numeric-owner', '--exclude=.wh.*', '--keep-directory-symlink'];
  const unpacked = await run('tar', ['-C', root, ...flags, '-xpf', tar]);
  if (unpacked.code !== 0) throw new Error(unpacked.stderr);
}

function draw(root: string, at: string): string[] {
  return fs
    .readdirSync(path.join(root, at))
    .sort()
    .flatMap((name) => {
      const relative = path.join(at, name);
      const file = path.join(root, relative);
      const { mode, uid, gid, size, nlink } = fs.lstatSync(file);
      const what = fs.lstatSync(file).isSymbolicLink()
        ? `-> ${fs.readlinkSync(file)}`
        : fs.lstatSync(file).isFile()
          ? `${size} ${createHash('sha256').update(fs.readFileSync(file)).digest('hex')} ${nlink}`
          : '/';
      const line = `${relative} ${mode.toString(8)} ${uid}:${gid} ${what}`;
      return fs.lstatSync(file).isDirectory() ? [line, ...draw(root, relative)] : [line];
    });
}
