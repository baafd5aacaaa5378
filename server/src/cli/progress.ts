// Progress on standard error: one line that is redrawn on a terminal; nothing elsewhere, so that logs stay readable.
import type { Cli } from './cli';

export interface ProgressLine {
  show(text: string): void;
  /** Removes the line. */
  clear(): void;
}

const every = 100;

export function progressLine(cli: Cli, wanted: boolean): ProgressLine {
  if (!wanted || !cli.terminal) return { show: () => {}, clear: () => {} };
  let shown = '';
  let last = 0;
  return {
    show(text) {
      const now = cli.host.now();
      if (now - last < every) return;
      last = now;
      const line = text.slice(0, Math.max(20, cli.columns - 1));
      cli.err(`\r${line.padEnd(shown.length)}`);
      shown = line;
    },
    clear() {
      if (shown) cli.err(`\r${' '.repeat(shown.length)}\r`);
      shown = '';
    },
  };
}
