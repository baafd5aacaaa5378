// The history texts that a chain of instructions can have, line by line: one pass that keeps track of what a text
// depends on (variables, ARGs, shell, paths). What only the base image or the build knows stays open.
import type { BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';
import { wordPieces } from '../dockerfile/words';
import type { Chain, ChainItem } from './chain';
import { type HistoryScope, textsOf } from './historyText';
import { openPattern } from './openPattern';
import type { TextPattern } from './textPattern';

/** For each item of the chain the forms that its history entry can have. */
export function historyTexts(
  dockerfile: Dockerfile,
  chain: Chain,
  choice: BuildChoice,
  rules: BuildRules,
): TextPattern[][] {
  // Below scratch there is nothing that the text does not tell.
  const isWhole = chain.root?.base.kind === 'scratch';
  const values = new Map<string, TextPattern>();
  const envNames = new Set<string>();
  const declared: { name: string; stage: number }[] = [];
  let shell: readonly string[] | null = isWhole ? ['/bin/sh', '-c'] : null;

  return chain.items.map((item) => {
    const { instruction, stage } = item;
    const { keyword, rest, json } = instruction;
    const pieces = wordPieces(keyword, rest, json, dockerfile.escape);
    const words = wordsOf(dockerfile, item, pieces, choice);
    if (keyword === 'ENV' || keyword === 'ARG') {
      for (const [at, word] of words.entries()) {
        const name = pieces[at]?.[0] ?? '';
        const value = valueIn(word, name);
        if (value) values.set(name, value);
        if (keyword === 'ENV') envNames.add(name);
        else declared.push({ name, stage });
      }
    }
    if (keyword === 'SHELL') shell = json ?? shell;
    const scope: HistoryScope = {
      words,
      rawWords: pieces.map((piece) => piece.join('=')),
      open: (text) => openPattern(text, dockerfile.escape),
      flag: (name) => flagOf(instruction, name, dockerfile.escape),
      args: () =>
        declared.map((arg) => ({
          name: arg.name,
          value: values.get(arg.name) ?? (isWhole ? null : [null]),
          inStage: arg.stage === stage,
        })),
      isEnv: (name) => envNames.has(name) || (isWhole ? false : null),
      shell,
      workdir: item.workdir?.path ?? [null],
      rawBodies: rawBodies(dockerfile, instruction),
    };
    return textsOf(instruction, scope, rules);
  });
}

/** Words as patterns: those that hang on nothing unknown are literal. */
function wordsOf(
  dockerfile: Dockerfile,
  { instruction, isTrigger }: ChainItem,
  pieces: string[][],
  choice: BuildChoice,
): TextPattern[] {
  const { keyword } = instruction;
  if (keyword === 'RUN' || pieces.length === 0) return [];
  // A trigger's words belong to the stage in which it fires, of which variables.ts tells nothing.
  const expansion = isTrigger ? null : expandInstructionWords(dockerfile, instruction, choice);
  if (expansion?.certain && expansion.words.length === pieces.length) {
    return expansion.words.map((word) => [word]);
  }
  return pieces.map(([name = '', value]): TextPattern => {
    // Given a value or not: an argument of the build, a global or the platform decides.
    if (keyword === 'ARG')
      return value === undefined || isTrigger
        ? [`${name}=`, null]
        : [`${name}=`, ...openPattern(value, dockerfile.escape)];
    const first = openPattern(name, dockerfile.escape);
    return value === undefined ? first : [...first, '=', ...openPattern(value, dockerfile.escape)];
  });
}

/** What follows `name=`; null for a name alone. */
function valueIn(word: TextPattern, name: string): TextPattern | null {
  const [first, ...others] = word;
  return first?.startsWith(`${name}=`) ? [first.slice(name.length + 1), ...others] : null;
}

function flagOf({ flags }: Instruction, name: string, escapeChar: string): TextPattern | null {
  const flag = flags.findLast((one) => one.name === name);
  return flag ? openPattern(flag.value ?? '', escapeChar) : null;
}

/** As they stand in the file: a document that the shell reads keeps its tabs, also after `<<-`. */
function rawBodies({ text, lineStarts }: Dockerfile, { heredocs }: Instruction): string[] {
  return heredocs.map(({ body, chomp, line, endLine }) =>
    chomp ? text.slice(lineStarts[line - 1], lineStarts[endLine - 1]) : body,
  );
}
