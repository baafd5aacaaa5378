// Whole images, cold and kept, in every form, beside what the machine's own tools and Node take for the same bytes in
// the same run. `--large` adds a million entries. Images: dataImages.ts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BenchImage, fewFiles, has, manyFiles, type OciLayout } from './dataImages';
import { editorFigures } from './imagesEditor';
import { type InsideFigures, inside } from './imagesInside';
import { beside, besideHead, interleaved, median, peakMemory, printTable, run } from './measure';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');
const cli = path.join(dist, 'cli.js');
const self = process.argv[1]!;
const large = process.argv.includes('--large');
const megabyte = 1_000_000;

interface Runtime {
  name: string;
  program: string;
}

/** Where scripts/tools.mjs has put a tool; null when it is not installed. */
function installed(tool: string): string | null {
  const args = [path.join(root, 'scripts/tools.mjs'), '--installed', tool];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return stdout.trim() || null;
}

function runtimes(): Runtime[] {
  const all = [installed('node24'), process.execPath].filter((program) => program !== null);
  return [...new Set(all)].map((program) => ({
    program,
    name: `Node ${spawnSync(program, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout.trim()}`,
  }));
}

function strata({ program }: Runtime, file: string, store: string | null = null): void {
  const args = [cli, 'layers', file, '--no-progress', '--format', 'json'];
  run(
    program,
    store === null ? [...args, '--no-store'] : args,
    store === null ? {} : { STRATA_CACHE: store },
  );
}

function ask<T>({ program }: Runtime, what: string, ...words: string[]): T {
  const args = ['--expose-gc', self, '--inside', what, ...words];
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${what} ${words.join(' ')} failed:\n${stderr}`);
  return JSON.parse(stdout) as T;
}

function tarList(files: readonly string[]): void {
  for (const file of files) run('tar', ['-tf', file]);
}

function nodeStart({ program }: Runtime): void {
  run(program, ['-e', '0']);
}

function sizeName(image: BenchImage): string {
  return `${image.entries.toLocaleString('en')} entries`;
}

function roundsOf(image: BenchImage): number {
  return image.entries < 50_000 ? 15 : image.entries < 500_000 ? 9 : 5;
}

function wholeImages(images: readonly BenchImage[], few: BenchImage['archive'], nodes: Runtime[]): void {
  const rows = images.flatMap((image) => {
    const candidates = {
      tar: () => tarList(image.layers),
      ...Object.fromEntries(nodes.map((node) => [node.name, () => strata(node, image.archive)])),
    };
    const ms = interleaved(roundsOf(image), candidates);
    return nodes.map(({ name }) =>
      beside(`${sizeName(image)}, ${name}`, ms[name]!, 'tar -tf of each layer', ms.tar!),
    );
  });
  for (const node of nodes) {
    const ms = interleaved(15, { strata: () => strata(node, few), start: () => nodeStart(node) });
    rows.push(beside(`3 files of 250 MB, ${node.name}`, ms.strata!, 'start of Node', ms.start!));
  }
  printTable('Uncompressed docker-archive, whole process, nothing kept, ms', besideHead, rows);
}

function compressedImages(image: BenchImage, node: Runtime): void {
  const rows: (string | number)[][] = [];
  const layout = (format: 'gzip' | 'zstd', { folder, blobs }: OciLayout, withNode: boolean) => {
    const tools = format === 'zstd' ? ['zstd', '-dc'] : has('igzip') ? ['igzip', '-dc'] : ['gzip', '-dc'];
    const candidates: Record<string, () => void> = {
      strata: () => strata(node, `oci:${folder}`),
      tool: () => {
        for (const blob of blobs) run(tools[0]!, [...tools.slice(1), blob]);
      },
    };
    if (withNode) {
      candidates.inflate = () => run(node.program, [self, '--inside', 'inflate', format, ...blobs]);
    }
    const ms = interleaved(5, candidates);
    const what = `${format}, ${sizeName(image)}, ${node.name}`;
    if (withNode) rows.push(beside(what, ms.strata!, 'unpacking alone in Node, one thread', ms.inflate!));
    rows.push(beside(what, ms.strata!, `${tools.join(' ')} of each layer`, ms.tool!));
    const threads = ask<Record<string, number>>(node, 'threads', `oci:${folder}`, dist, '5');
    rows.push(beside(`${format}, inside the process, 2 threads`, threads.two!, '1 thread', threads.one!));
  };
  if (image.gzip) layout('gzip', image.gzip, true);
  if (image.zstd) layout('zstd', image.zstd, !node.name.endsWith(' 20'));
  else rows.push(['zstd', 'zstd is not installed', '', '', '']);
  const plain = ask<Record<string, number>>(node, 'threads', image.archive, dist, '7');
  rows.push(beside('uncompressed, inside the process, 2 threads', plain.two!, '1 thread', plain.one!));
  printTable('OCI layouts, whole process, nothing kept, ms', besideHead, rows);
}

/** The archive is saved again to the same place: a link stands for it, so that nothing is copied. */
function keptIndexes(images: readonly BenchImage[], node: Runtime): void {
  const rows: (string | number)[][] = [];
  for (const image of images) {
    const folder = mkdtempSync(path.join(tmpdir(), 'strata-bench-'));
    const store = path.join(folder, 'store');
    const saved = path.join(folder, 'image.tar');
    const save = (file: string) => {
      rmSync(saved, { force: true });
      symlinkSync(file, saved);
    };
    const kept = () => readdirSync(store, { recursive: true }).map((name) => path.join(store, String(name)));
    save(image.archive);
    strata(node, saved, store);
    const first = new Set(kept());
    const indexed = [...first].filter((name) => name.endsWith('.idx')).length;
    if (indexed !== image.layers.length)
      throw new Error(`${indexed} of ${image.layers.length} layers are kept.`);
    const ms = interleaved(roundsOf(image), {
      start: () => nodeStart(node),
      same: () => strata(node, saved, store),
      tar: () => tarList([image.changedLayer]),
      changed: () => {
        save(image.changed);
        strata(node, saved, store);
        const fresh = kept().filter((name) => !first.has(name));
        // The counts of the stack are kept beside the indexes.
        const added = fresh.filter((name) => name.endsWith('.idx'));
        if (added.length !== 1) throw new Error(`${added.length} layers were indexed instead of one.`);
        for (const name of fresh) rmSync(name);
        save(image.archive);
      },
    });
    const name = `${sizeName(image)}, ${node.name}`;
    rows.push(
      beside(`nothing changed, ${name}`, ms.same!, 'start of Node', ms.start!),
      beside(
        `one layer of ${image.layers.length} changed, ${name}`,
        ms.changed!,
        'start of Node and tar -tf of it',
        ms.start! + ms.tar!,
      ),
    );
    rmSync(folder, { recursive: true, force: true });
  }
  printTable('Indexes kept from the last time, whole process, ms', besideHead, rows);
}

async function memory(images: readonly BenchImage[], node: Runtime): Promise<void> {
  const bytes: (string | number)[][] = [];
  const times: (string | number)[][] = [];
  for (const image of images) {
    const name = sizeName(image);
    const bare = await peakMemory(node.program, ['-e', 'setTimeout(() => {}, 100)']);
    const args = [cli, 'layers', image.archive, '--no-store', '--no-progress', '--format', 'json'];
    const peaks: number[] = [];
    for (let round = 0; round < 3; round++) peaks.push(await peakMemory(node.program, args));
    const rounds = String(image.entries < 500_000 ? 9 : 3);
    const figures = ask<InsideFigures>(node, 'figures', image.archive, dist, rounds);
    const { entries, memoryBytes, objectBytes, diskBytes, times: ms } = figures;
    bytes.push(
      beside(`in memory, bytes an entry, ${name}`, memoryBytes / entries, 'objects', objectBytes / entries),
      beside(
        `on disk, bytes an entry, ${name}`,
        diskBytes / entries,
        'objects in memory',
        objectBytes / entries,
      ),
      beside(`peak resident, MB, ${name}`, median(peaks) / megabyte, 'Node alone', bare / megabyte),
    );
    times.push(
      beside(`load of the kept indexes, ${name}`, ms.load!, 'reading the files', ms.readFiles!),
      beside(`totals of all directories, ${name}`, ms.totals!, 'a Map of paths', ms.plainTotals!),
      beside(`diff of two states, ${name}`, ms.diff!, 'a Map of paths', ms.plainDiff!),
      beside(`diff of the layer of changes, ${name}`, ms.diffLayer!, 'a Map of paths', ms.plainDiffLayer!),
      beside(`waste, ${name}`, ms.waste!, 'a Map of paths, totals alone', ms.plainWaste!),
    );
  }
  printTable(`Memory, ${node.name}`, besideHead, bytes);
  printTable(`Questions asked of an image in memory, ${node.name}, ms`, besideHead, times);
}

/** It takes minutes where there are many files. */
const diveLimitMs = 60_000;

async function besideDive(images: readonly BenchImage[], node: Runtime): Promise<void> {
  const dive = installed('dive');
  const rows: (string | number)[][] = [];
  for (const image of images) {
    if (dive === null) {
      rows.push([sizeName(image), '', 'dive', 'not installed', '']);
      continue;
    }
    const args = ['--source', 'docker-archive', image.archive];
    const ours = [cli, 'layers', image.archive, '--no-store', '--no-progress', '--format', 'json'];
    const peak = await peakMemory(node.program, ours);
    const started = performance.now();
    const theirs = await peakMemory(dive, args, { CI: 'true' }, diveLimitMs);
    const once = performance.now() - started;
    if (once >= diveLimitMs) {
      const ms = interleaved(3, { strata: () => strata(node, image.archive) });
      rows.push([`${sizeName(image)}, ms`, ms.strata!, 'dive, ended before it was done', diveLimitMs, '']);
      continue;
    }
    // It ends with 1 when its own rules find too much waste.
    const runDive = () => spawnSync(dive, args, { env: { ...process.env, CI: 'true' }, stdio: 'ignore' });
    const strataOnce = { strata: () => strata(node, image.archive) };
    const ms =
      once < 5_000
        ? interleaved(7, { ...strataOnce, dive: runDive })
        : { ...interleaved(3, strataOnce), dive: once };
    rows.push(
      beside(`${sizeName(image)}, ms`, ms.strata!, 'dive', ms.dive!),
      beside(`${sizeName(image)}, peak resident, MB`, peak / megabyte, 'dive', theirs / megabyte),
    );
  }
  printTable(`Beside dive, uncompressed docker-archive, ${node.name}`, besideHead, rows);
}

async function editor(images: readonly BenchImage[]): Promise<void> {
  const bare = await editorFigures(null, dist);
  const rows: (string | number)[][] = [];
  for (const image of images) {
    const name = sizeName(image);
    const { residentBytes, hintsMs, diffMs } = await editorFigures(image.archive, dist);
    rows.push(
      beside(`resident, MB, ${name}`, residentBytes / megabyte, 'never built', bare.residentBytes / megabyte),
      beside(`keystroke to hints, ms, ${name}`, hintsMs, 'never built', bare.hintsMs),
      [`first diff of the layer of changes, ms, ${name}`, diffMs, '', '', ''],
    );
  }
  printTable(`Language server with the image open, Node ${process.versions.node}`, besideHead, rows);
}

async function main(): Promise<void> {
  const nodes = runtimes();
  const node = nodes[0]!;
  const images = [await manyFiles(10_000, root, true), await manyFiles(100_000, root, true)];
  if (large) images.push(await manyFiles(1_000_000, root, false));
  const few = await fewFiles();
  wholeImages(images, few.archive, nodes);
  compressedImages(images[1]!, node);
  keptIndexes(images, node);
  await memory(images, node);
  await editor(images);
  await besideDive(images, node);
}

const start = process.argv[2] === '--inside' ? inside(process.argv.slice(3)) : main();
start.then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
