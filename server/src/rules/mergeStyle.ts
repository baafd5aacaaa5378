// How the lines of a merged RUN begin: as the continuation lines of the RUNs themselves do, else as those of the file.
import type { Dockerfile, Instruction } from '../dockerfile/model';

export interface JoinStyle {
  indent: string;
  /** `a && \` rather than `&& b` on the next line. */
  trails: boolean;
}

const standard: JoinStyle = { indent: '    ', trails: false };

export function joinStyle({ text, instructions }: Dockerfile, runs: readonly Instruction[]): JoinStyle {
  const others = instructions.filter(({ keyword, heredocs }) => keyword === 'RUN' && heredocs.length === 0);
  for (const run of [...runs, ...others]) {
    const found = run.heredocs.length === 0 ? styleOf(text.slice(run.start, run.end)) : null;
    if (found) return found;
  }
  return standard;
}

function styleOf(source: string): JoinStyle | null {
  const leads = /\n([ \t]+)&&[ \t]/.exec(source);
  if (leads) return { indent: leads[1]!, trails: false };
  const trails = /(&&|;)[ \t]*[\\`][ \t]*\r?\n([ \t]+)(?=[^\s#])/.exec(source);
  return trails ? { indent: trails[2]!, trails: trails[1] === '&&' } : null;
}
