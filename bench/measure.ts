// Medians, percentiles, tables, and whole processes for the benchmarks.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** ms that a call takes. */
export function timed(call: () => unknown): number {
  const started = performance.now();
  call();
  return performance.now() - started;
}

export async function timedAsync(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await call();
  return performance.now() - started;
}

/** Runs the candidates in turn, round by round, so that noise of the machine falls on all; median ms of each. */
export function interleaved(
  rounds: number,
  candidates: Record<string, () => unknown>,
): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (const [, call] of Object.entries(candidates)) call();
  for (let round = 0; round < rounds; round++) {
    for (const [name, call] of Object.entries(candidates)) {
      times[name] ??= [];
      times[name].push(timed(call));
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

/** As `interleaved`, for what waits. */
export async function interleavedAsync(
  rounds: number,
  candidates: Record<string, () => Promise<unknown>>,
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const [name, call] of Object.entries(candidates)) {
      const ms = await timedAsync(call);
      if (round < 0) times[name] = [];
      else times[name]!.push(ms);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

/** Runs a program to its end, its output dropped. Throws an Error when it fails. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const;
  const { status, signal, stderr, error } = spawnSync(program, args, {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) {
    throw new Error(
      `${program} ${args.join(' ')} ended with ${error?.message ?? status ?? signal}:\n${stderr}`,
    );
  }
}

/**
 * Largest resident memory of a program while it runs, bytes; NaN where /proc does not tell. Looked at every few ms, so
 * that what is taken in the last moment is missed. The children's own figure (ru_maxrss) counts the parent's memory.
 */
export function peakMemory(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  /** ms after which it is ended. */
  timeout = 600_000,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore', timeout });
    let peak = Number.NaN;
    const look = setInterval(() => {
      const bytes = residentPeak(child.pid!);
      if (!Number.isNaN(bytes)) peak = bytes;
    }, 2);
    child.once('error', reject);
    child.once('exit', () => {
      clearInterval(look);
      resolve(peak);
    });
  });
}

/** Largest resident memory so far of a running process, bytes; NaN where /proc does not tell. */
export function residentPeak(pid: number | 'self'): number {
  return statusBytes(pid, 'VmHWM');
}

/** Resident memory now of a running process, bytes; NaN where /proc does not tell. */
export function resident(pid: number | 'self'): number {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number | 'self', key: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const line = status.split('\n').find((one) => one.startsWith(`${key}:`));
    return line === undefined ? Number.NaN : Number.parseInt(line.slice(key.length + 1), 10) * 1024;
  } catch {
    return Number.NaN;
  }
}

/** A figure beside its reference: the cells of a row, with the ratio as the last. */
export function beside(
  what: string,
  figure: number,
  reference: string,
  referenceFigure: number,
): (string | number)[] {
  return [what, figure, reference, referenceFigure, figure / referenceFigure];
}

export const besideHead = ['what', 'Strata', 'reference', 'its figure', 'ratio'];

/** A Markdown table. */
export function printTable(title: string, head: string[], rows: (string | number)[][]): void {
  const text = (cell: string | number) => (typeof cell === 'number' ? formatNumber(cell) : cell);
  console.log(`\n### ${title}\n`);
  console.log(`| ${head.join(' | ')} |`);
  console.log(`| ${head.map((_, column) => (column === 0 ? '---' : '---:')).join(' | ')} |`);
  for (const row of rows) console.log(`| ${row.map(text).join(' | ')} |`);
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** A Dockerfile of about `lines` lines with everything that costs: continuations, variables, heredocs, stages. */
export function syntheticDockerfile(lines: number): string {
  const out = ['# syntax=docker/dockerfile:1', 'ARG VERSION=1.2', 'FROM debian:${VERSION} AS base'];
  let n = 0;
  while (out.length < lines) {
    n++;
    switch (n % 8) {
      case 0:
        out.push(`FROM base AS stage${n}`, `WORKDIR /app/${n}`);
        break;
      case 1:
        out.push(
          `RUN apt-get update \\`,
          `    && apt-get install -y --no-install-recommends pkg${n} \\`,
          '    && rm -rf /var/lib/apt/lists/*',
        );
        break;
      case 2:
        out.push(`ENV KEY${n}=value${n} OTHER${n}="\${KEY${Math.max(1, n - 8)}:-none} x"`);
        break;
      case 3:
        out.push(`COPY --chown=app:app src${n}/ package-${n}.json /app/${n}/`);
        break;
      case 4:
        out.push(`RUN <<EOF`, `echo step ${n}`, 'make install', 'EOF');
        break;
      case 5:
        out.push(`# step ${n}`, `RUN make target${n}`);
        break;
      case 6:
        out.push(`LABEL step.${n}="done"`, '');
        break;
      default:
        out.push(`ARG BUILD${n}=x`, `RUN ["/bin/tool", "--number", "${n}"]`);
    }
  }
  return `${out.slice(0, lines).join('\n')}\n`;
}
