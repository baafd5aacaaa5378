// Layers with a table of contents, as BuildKit (eStargz) and podman (zstd:chunked) really push them: what the table
// tells is what the layer holds, no layer is fetched for it, and of a file its own parts alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNodeHost } from '../../server/src/host/nodeHost';
import type { Image } from '../../server/src/image/model';
import { openImage } from '../../server/src/image/open';
import { measureImage } from '../../server/src/layers/measureImage';
import type { LayerIndex } from '../../server/src/layers/model';
import { nameReader } from '../../server/src/layers/nameTable';
import { readStateFile } from '../../server/src/layers/readFile';
import type { Host } from '../../server/src/primitives/host';
import { type BuildkitDaemon, daemonsMissing, skipReason, startBuildkitd } from '../support/daemons';
import { type Podman, podmanMissing, startPodman } from '../support/podman';
import { registryMissing, startRegistry, type TestRegistry } from '../support/registry';

const missing = [...daemonsMissing(), ...registryMissing(), ...podmanMissing()];
const options = {
  timeout: 300_000,
  skip: skipReason(missing),
};

const dockerfile = `FROM scratch
COPY --chmod=640 a.txt link dir /base/
COPY --chown=7:9 dir/ /other/
`;

describe('a table of contents', options, () => {
  let work: string;
  let registry: TestRegistry;
  let buildkit: BuildkitDaemon;
  let podman: Podman;

  before(async () => {
    work = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-listing-'));
    podman = startPodman();
    [registry, buildkit] = await Promise.all([startRegistry(), startBuildkitd()]);
    fs.mkdirSync(path.join(work, 'dir/inner'), { recursive: true });
    fs.writeFileSync(path.join(work, 'Dockerfile'), dockerfile);
    fs.writeFileSync(path.join(work, 'a.txt'), 'a'.repeat(70_000));
    fs.writeFileSync(path.join(work, 'dir/inner/ü and "more"'), 'content');
    fs.writeFileSync(path.join(work, 'dir/big'), randomBytes(300_000));
    fs.writeFileSync(path.join(work, 'dir/empty'), '');
    // Several chunks, of 4 MiB in eStargz.
    fs.writeFileSync(path.join(work, 'dir/long'), randomBytes(9_000_000));
    fs.symlinkSync('a.txt', path.join(work, 'link'));
    fs.symlinkSync('../a.txt', path.join(work, 'dir/inner/link'));
  });
  after(async () => {
    podman?.stop();
    await Promise.all([registry?.stop(), buildkit?.stop()]);
    fs.rmSync(work, { recursive: true, force: true });
  });

  test('of eStargz layers tells what they hold', async () => {
    build('estargz.tar', 'compression=estargz,force-compression=true');
    copy(['oci-archive:estargz.tar'], 'estargz');
    await compare(`docker://${registry.host}/estargz:1`);
  });

  test('of zstd:chunked layers tells what they hold', async () => {
    // Podman takes over blobs that are packed already.
    build('plain.tar', 'compression=uncompressed,force-compression=true');
    const loaded = run('podman', ['load', '--input', 'plain.tar'], podman.env);
    const name = /Loaded image: *(\S+)/.exec(loaded)?.[1] ?? '';
    const format = ['--format', 'oci', '--compression-format', 'zstd:chunked', '--tls-verify=false'];
    run('podman', ['push', '--quiet', ...format, name, `docker://${registry.host}/chunked:1`], podman.env);
    await compare(`docker://${registry.host}/chunked:1`);
  });

  async function compare(reference: string): Promise<void> {
    const { host, fetched } = countingHost();
    const image = await openImage(host, reference);
    const listed = await measureImage(host, image, { listings: true, read: 'kept' });
    const stored = image.layers.reduce((sum, { compressedBytes }) => sum + compressedBytes!, 0);
    assert.equal(fetched.whole, 0, 'a layer was fetched');
    assert.ok(fetched.ranges >= image.layers.length && stored > 0);
    const read = await measureImage(host, image);
    assert.equal(fetched.whole, image.layers.length);
    assert.deepEqual(listed.measured.problems, []);
    assert.deepEqual(listed.measured.layers, read.measured.layers);
    assert.deepEqual(listed.indexes.map(rows), read.indexes.map(rows));
    assert.equal(read.measured.layers[0]!.unpackedBytes, 2 * 70_000 + 300_007 + 9_000_000);
    await readFiles(image, host, listed.indexes as LayerIndex[], fetched);
  }

  /** Each by its own parts of the layer, which the registry's answers are counted for. */
  async function readFiles(image: Image, host: Host, indexes: LayerIndex[], fetched: Fetched): Promise<void> {
    const top = image.layers.length - 1;
    for (const [file, source] of [
      ['base/a.txt', 'a.txt'],
      ['base/link', 'a.txt'],
      ['base/big', 'dir/big'],
      ['base/inner/ü and "more"', 'dir/inner/ü and "more"'],
      ['other/big', 'dir/big'],
      ['other/empty', 'dir/empty'],
      ['base/long', 'dir/long'],
    ] as const) {
      Object.assign(fetched, { whole: 0, ranges: 0, bytes: 0 });
      const bytes = await readStateFile(host, image.layers, indexes, top, file);
      if (bytes === null) assert.equal(file, 'base/link');
      else assert.ok(fs.readFileSync(path.join(work, source)).equals(bytes), file);
      const { size } = fs.statSync(path.join(work, source));
      assert.equal(fetched.whole, 0, `${file} took a whole layer`);
      assert.ok(fetched.bytes < size * 1.01 + 80_000, `${file}: ${fetched.bytes} bytes for ${size}`);
    }
  }

  function build(file: string, how: string): void {
    const output = `type=oci,dest=${file},name=x:1,oci-mediatypes=true,${how}`;
    run('docker', ['buildx', 'build', '--provenance=false', '--output', output, '.'], buildkit.env);
  }

  function copy(from: string[], repository: string): void {
    const flags = ['--insecure-policy', 'copy', '--preserve-digests', '--dest-tls-verify=false'];
    run('skopeo', [...flags, ...from, `docker://${registry.host}/${repository}:1`], {});
  }

  function run(program: string, args: string[], env: Record<string, string>): string {
    const ran = spawnSync(program, args, { cwd: work, env: { ...process.env, ...env }, encoding: 'utf8' });
    assert.equal(ran.status, 0, `${program} ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  }
});

interface Fetched {
  /** Layers that were fetched as such. */
  whole: number;
  /** Parts of layers, and their bytes. */
  ranges: number;
  bytes: number;
}

function countingHost(): { host: Host; fetched: Fetched } {
  const host = createNodeHost({ PATH: process.env.PATH });
  const fetched = { whole: 0, ranges: 0, bytes: 0 };
  const request: Host['network']['request'] = async (url, asked) => {
    const answer = await host.network.request(url, asked);
    const isBlob = url.includes('/blobs/') && !/json/.test(answer.headers.get('content-type') ?? '');
    const length = Number(answer.headers.get('content-length') ?? 0);
    if (answer.status === 206) {
      fetched.ranges++;
      fetched.bytes += length;
    } else if (isBlob && length > 5000) fetched.whole++;
    return answer;
  };
  return { fetched, host: { ...host, network: { request } } };
}

/** What both must agree on: all but where bodies lie. */
function rows(index: LayerIndex | null): string[] {
  assert.ok(index);
  const name = nameReader(index.names);
  const pathOf = (row: number): string =>
    index.parent[row]! < 0
      ? name(index.name[row]!)
      : `${pathOf(index.parent[row]!)}/${name(index.name[row]!)}`;
  return Array.from({ length: index.count }, (_, row) => {
    const numbers = [index.type, index.size, index.mode, index.uid, index.gid].map((column) => column[row]);
    return [pathOf(row), ...numbers, Math.floor(index.mtime[row]!), name(index.link[row]!)].join(' ');
  }).sort();
}
