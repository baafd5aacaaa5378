// A build context of 100,000 files: walking, hashing, and bringing both up to date, each beside find with the same pruning
// and sha256sum of the same files; then the forecast of a Dockerfile with 30 lines that takes all of it: the first one, after
// a keystroke, after a changed file, each in CPU time of this process as well. `--files=N` takes another number.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analyzeParsed } from '../server/src/analysis/analyze';
import { nothingKnown } from '../server/src/analysis/knowledge';
import { createHashes } from '../server/src/context/hashes';
import { rescan, walkContext } from '../server/src/context/walk';
import { defaultChoice } from '../server/src/dockerfile/model';
import { parseDockerfile } from '../server/src/dockerfile/parse';
import { type CacheHistory, cacheHistory } from '../server/src/forecast/cacheHistory';
import { createNodeHost } from '../server/src/host/nodeHost';
import { ContextState } from '../server/src/measure/contextState';
import { pastBuild } from '../test/support/drawnForecast';
import { beside, besideHead, interleavedAsync, median, printTable } from './measure';

const wanted = Number(process.argv.find((word) => word.startsWith('--files='))?.slice(8) ?? 100_000);
const rounds = 5;
const perFolder = 50;
const ignore = '**/node_modules\n**/*.log\n.git\n*.md\n!README.md\n**/dist/\n/build\n.env*\n**/.DS_Store\n';

/** Source files as they are, and beside them what the ignore file takes out: half as many files again. */
function writeTree(root: string): void {
  for (let folder = 0; folder < wanted / perFolder; folder++) {
    const at = path.join(root, `src${folder % 40}`, `package${folder}`);
    for (const name of ['lib', 'node_modules/x', 'dist']) mkdirSync(path.join(at, name), { recursive: true });
    for (let n = 0; n < perFolder; n++) {
      writeFileSync(path.join(at, 'lib', `file${n}.ts`), 'x'.repeat(200 + (((folder * 50 + n) * 37) % 4000)));
    }
    for (let n = 0; n < perFolder / 4; n++) {
      writeFileSync(path.join(at, 'node_modules/x', `${n}.js`), 'x');
      writeFileSync(path.join(at, 'lib', `${n}.log`), 'x');
    }
  }
  writeFileSync(path.join(root, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  writeFileSync(path.join(root, '.dockerignore'), ignore);
}

function shell(script: string, root: string): void {
  const { status } = spawnSync('sh', ['-c', script, 'sh', root], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
}

/** Of a Dockerfile that people write: the whole context is taken twice, some of it by patterns. */
const lines = [
  'FROM base',
  ...Array.from({ length: 12 }, (_, at) => `RUN step ${at} --with some --more words`),
  'COPY src0 src1 /some/',
  'COPY src*/package*/lib/*.ts /patterns/',
  'COPY --exclude=**/file1.ts . /app/',
  ...Array.from({ length: 12 }, (_, at) => `ENV NAME${at}=value`),
  'COPY . /all/',
  'RUN last',
];
const text = `${lines.join('\n')}\n`;

/** ms of the clock and of this process's CPU, the median of some runs. */
async function cost(act: () => unknown): Promise<{ ms: number; cpuMs: number }> {
  const times: { ms: number; cpuMs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const cpu = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(cpu);
    times.push({ ms: performance.now() - started, cpuMs: (user + system) / 1000 });
  }
  return { ms: median(times.map(({ ms }) => ms)), cpuMs: median(times.map(({ cpuMs }) => cpuMs)) };
}

async function forecasts(root: string, findAndSumsMs: number): Promise<void> {
  const host = createNodeHost();
  const { signal } = new AbortController();
  const history: CacheHistory = cacheHistory([pastBuild({ text })]);
  const question = (own: string) => {
    const dockerfile = parseDockerfile(own);
    return { dockerfile, choice: defaultChoice, history, extraArguments: [] };
  };
  const state = () =>
    new ContextState(host, { file: path.join(root, 'Dockerfile'), root, hashes: createHashes(host) });
  const analysed = (from: ContextState, own: string) => {
    const asked = question(own);
    return analyzeParsed(asked.dockerfile, nothingKnown, { forecast: from.inputs(asked) });
  };
  const first = async () => {
    const made = state();
    await made.walk('buildkit', signal);
    await made.read(question(text), signal);
    analysed(made, text);
    return made;
  };
  const firstCost = await cost(first);
  const held = await first();
  let strokes = 0;
  const stroke = await cost(() => analysed(held, text.replace('RUN last', `RUN last${++strokes}`)));
  const changed = path.join(root, 'src0/package0/lib/file0.ts');
  const change = await cost(async () => {
    writeFileSync(changed, `changed again ${++strokes}`);
    await held.update([changed], signal);
    analysed(held, text);
  });
  const read = await cost(async () => {
    writeFileSync(changed, `changed and read ${++strokes}`);
    await held.update([changed], signal);
    await held.read(question(text), signal);
    analysed(held, text);
  });
  printTable(
    'The forecast of 30 lines, four of which take it',
    ['what', 'ms', 'CPU, ms', 'beside'],
    [
      [
        'the first',
        firstCost.ms,
        firstCost.cpuMs,
        `${(firstCost.ms / findAndSumsMs).toFixed(2)} of find and sha256sum`,
      ],
      ['after a keystroke', stroke.ms, stroke.cpuMs, 'aim 20'],
      ['after a changed file, sizes', change.ms, change.cpuMs, 'aim 100'],
      ['after a changed file, cache', read.ms, read.cpuMs, 'behind it'],
    ],
  );
}

const prune = 'find "$1" \\( -name node_modules -o -name dist -o -name .git \\) -prune -o';

async function main(): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'strata-context-'));
  try {
    writeTree(root);
    const host = createNodeHost();
    const request = { root, dockerfile: path.join(root, 'Dockerfile'), rules: 'buildkit' } as const;
    globalThis.gc?.();
    const empty = process.memoryUsage().heapUsed;
    const snapshot = await walkContext(host, request);
    globalThis.gc?.();
    const walked = process.memoryUsage().heapUsed;
    const hashes = createHashes(host);
    await hashes.digestsOf(root, snapshot.entries);
    globalThis.gc?.();
    const hashed = process.memoryUsage().heapUsed;

    let slowest = 0;
    let changes = 0;
    const changed = 'src0/package0/lib/file0.ts';
    const ms = await interleavedAsync(rounds, {
      find: async () => shell(`${prune} -printf "%p %s %m %T@\\n"`, root),
      walk: () => walkContext(host, request),
      sums: async () => shell(`${prune} -type f ! -name "*.log" -print0 | xargs -0 sha256sum`, root),
      hash: () => createHashes(host).digestsOf(root, snapshot.entries),
      known: () => hashes.digestsOf(root, snapshot.entries),
      change: async () => {
        writeFileSync(path.join(root, changed), `changed ${++changes}`);
        const now = await rescan(host, snapshot, [changed]);
        await hashes.digestsOf(root, now.entries);
      },
      blocked: async () => {
        let last = performance.now();
        const look = setInterval(() => {
          slowest = Math.max(slowest, performance.now() - last);
          last = performance.now();
        }, 0);
        await walkContext(host, request);
        clearInterval(look);
      },
    });
    const count = snapshot.entries.length;
    printTable(`A build context of ${count.toLocaleString('en')} entries`, besideHead, [
      beside('walk, ms', ms.walk!, 'find -printf, same pruning', ms.find!),
      beside('hash of all, ms', ms.hash!, 'find and sha256sum', ms.sums!),
      beside('walk and hash, ms', ms.walk! + ms.hash!, 'both', ms.find! + ms.sums!),
    ]);
    printTable(
      'Afterwards',
      ['what', 'figure'],
      [
        ['all digests again, nothing changed, ms', ms.known!],
        ['one file changed: rescan and digests, ms', ms.change!],
        ['longest that the event loop waited during walks, ms', slowest],
        ['memory of the snapshot, bytes for each entry', Math.round((walked - empty) / count)],
        ['memory of the digests, bytes for each entry', Math.round((hashed - walked) / count)],
      ],
    );
    await forecasts(root, ms.find! + ms.sums!);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

void main();
