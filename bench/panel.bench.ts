// The explorer on a layer of many files: what the language server takes for each question at 100,000 and 1,000,000
// changes, and how the diff panel's page moves in a real browser while that server answers it. `--no-page` leaves the
// browser out, `--no-server` the questions, `--small` the million, `--large` the hundred thousand.
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { printTable } from './measure';
import { panelData } from './panelData';
import { pageFigures } from './panelPage';
import { type ServerFigures, serverFigures } from './panelServer';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');
const counts = [100_000, 1_000_000].filter(
  (count) => !process.argv.includes(count > 100_000 ? '--small' : '--large'),
);

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-bench-'));
  try {
    for (const count of counts) {
      const data = await panelData(count, path.join(folder, String(count)), root);
      const about = `${data.entries.toLocaleString('en')} entries`;
      if (!process.argv.includes('--no-server')) tellServer(about, await serverFigures(data, dist));
      if (process.argv.includes('--no-page')) continue;
      const page = await pageFigures(data, root, dist);
      if (!page) {
        console.log('\nNo Chromium: install one, or name it in CHROMIUM.');
        continue;
      }
      printTable(
        `The panel's page, ${about}, ms (load ${load()})`,
        [
          'what',
          'frame p50',
          'frame p95',
          'frame max',
          'frames over 50',
          'longest task',
          'its CPU',
          'until shown',
        ],
        page.moves.map((move) => [
          ...[
            move.what,
            move.p50,
            move.p95,
            move.max,
            move.over50,
            move.longestTask,
            move.taskCpu,
            move.shownMs,
          ],
        ]),
      );
      printTable(
        `Memory of the page, ${about}`,
        ['when', 'JavaScript heap, MB', 'DOM nodes'],
        page.memory.map(({ when, heap, nodes }) => [when, megabytes(heap), nodes]),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tellServer(about: string, server: ServerFigures): void {
  printTable(
    `Questions to the server, ${about}, ms (Node ${process.version}, load ${load()})`,
    ['question', 'answer', 'CPU of the server', 'hints meanwhile, longest'],
    server.questions.map(({ what, ms, cpuMs, hintsMs }) => [what, ms, cpuMs, hintsMs]),
  );
  printTable(
    `Resident memory of the server, ${about}, MB`,
    ['Dockerfile open', 'diff made', 'after all questions', 'at most'],
    [[server.opened, server.diffed, server.after, server.peak].map(megabytes)],
  );
}

function megabytes(bytes: number): number {
  return bytes / 1e6;
}

function load(): string {
  return loadavg()[0]!.toFixed(1);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
