// Medians, percentiles and tables for the benchmarks.

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
