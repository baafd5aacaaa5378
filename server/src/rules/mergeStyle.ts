// How the lines of a merged RUN begin: as the continuation lines of the RUNs themselves do, else as those of the file.
import { perDockerfile } from '../dockerfile/memo';
import type { Dockerfile, Instruction } from '../dockerfile/model';

export interface JoinStyle {
  indent: string;
  /** `a && \` rather than `&& b` on the next line. */
  trails: boolean;
}

const standard: JoinStyle = { indent: '    ', trails: false };

export function joinStyle(dockerfile: Dockerfile, runs: readonly Instruction[]): JoinStyle {
  for (const run of runs) {
    const found = styleOf(dockerfile, run);
    if (found) return found;
  }
  return fileStyle(dockerfile);
}

const fileStyle = perDockerfile((dockerfile) => {
  for (const run of dockerfile.instructions) {
    const found = run.keyword === 'RUN' ? styleOf(dockerfile, run) : null;
    if (found) return found;
  }
  return standard;
});

function styleOf({ text }: Dockerfile, run: Instruction): JoinStyle | null {
  if (run.heredocs.length > 0 || run.line === run.endLine) return null;
  const source = text.slice(run.start, run.end);
  const leads = /\n([ \t]+)&&[ \t]/.exec(source);
  if (leads) return { indent: leads[1]!, trails: false };
  const trails = /(&&|;)[ \t]*[\\`][ \t]*\r?\n([ \t]+)(?=[^\s#])/.exec(source);
  return trails ? { indent: trails[2]!, trails: trails[1] === '&&' } : null;
}
