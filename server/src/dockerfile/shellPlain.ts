// The facts of a shell text by the reader that needs no parser (shell.ts): all that it lets through is plain.
import { readShell } from './shell';
import type { ShellFacts } from './shellFacts';
import { commandHazard, nameHazard } from './shellNames';

/** Never throws. A text with more than `&&` lists of pipelines is refused. */
export function plainFacts(text: string): ShellFacts {
  const { hazard, commands, operands } = readShell(text);
  const refusal =
    hazard ??
    nameHazard(text) ??
    commands.map((name) => commandHazard(name, operands)).find((found) => found !== null) ??
    null;
  return {
    refusal,
    leak: null,
    leakPastHead: null,
    operators: new Set(['&&']),
    ends: false,
    errexit: false,
    head: null,
    catches: false,
    plain: true,
    commentAt: null,
    commands,
    operands,
    calls: commands.map((name) => ({ name, words: operands })),
  };
}
