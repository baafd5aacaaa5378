// What a FROM stands on: scratch, an earlier stage, an image, or something that only the build will tell
// (dockerfile2llb/convert.go, buildDispatchStates and addState). Whether that image exists is not asked.
import { type Expanded, expandPiece, globalValues, sourceOf, type ValueSource, type Values } from './globals';
import { lex } from './lex';
import { newBudget } from './lexer';
import { perChoice } from './memo';
import type { BuildChoice, Dockerfile, StageBase } from './model';
import { blankWords } from './words';

/** The base of each stage, in order. */
export const stageBases: (dockerfile: Dockerfile, choice: BuildChoice) => readonly StageBase[] = perChoice(
  (dockerfile, choice) => {
    const globals = globalValues(dockerfile, choice);
    const source = sourceOf(globals, newBudget());
    const named = new Map<string, number>();
    return dockerfile.stages.map((stage) => {
      const [word] = blankWords(dockerfile.instructions[stage.from]!.rest);
      const base = readBase(word, globals, source, named, dockerfile.escape);
      if (stage.name !== null) named.set(stage.name, stage.index);
      return base;
    });
  },
);

/** `--platform` of a FROM with what is known of its variables put in; unknown ones stay as written. */
export function readPlatform(text: string, globals: Values, escapeChar: string): string {
  return withKnown(text, globals, escapeChar);
}

function readBase(
  word: string | undefined,
  globals: Values,
  source: ValueSource,
  named: ReadonlyMap<string, number>,
  escapeChar: string,
): StageBase {
  if (word === undefined) return { kind: 'unknown', text: '', why: 'FROM names no image' };
  const expanded = expandPiece(word, source, escapeChar);
  const why = whyUnknown(word, expanded, globals);
  if (why !== null) return { kind: 'unknown', text: withKnown(word, globals, escapeChar), why };
  const { value } = expanded;
  // Names of stages are kept in lower case and the base is compared as it is: `FROM Build` never means `AS build`.
  const stage = named.get(value);
  if (stage !== undefined) return { kind: 'stage', stage };
  return value === 'scratch' ? { kind: 'scratch' } : { kind: 'image', reference: value };
}

function whyUnknown(
  word: string,
  { value, missing, certain, error }: Expanded,
  globals: Values,
): string | null {
  if (error !== null) return error;
  if (!certain) {
    const name = [...word.matchAll(/\$\{?(\w+)/g)]
      .map((match) => match[1]!)
      .find((one) => globals.get(one) === null);
    return `${name ?? 'a variable'} depends on the build`;
  }
  // A hole may be meant (`node:20$SUFFIX`); one that leaves no reference is not.
  if (value === '' || (missing.length > 0 && /^[:/@.-]|[:/@.-]$|:@|\/\/|\/:/.test(value))) {
    return missing.length > 0
      ? `${missing.join(' and ')} has no value before the build gives one`
      : 'FROM names no image';
  }
  return null;
}

function withKnown(text: string, values: Values, escapeChar: string): string {
  const result = lex(text, {
    lookup: (name) => values.get(name) ?? undefined,
    escape: escapeChar,
    keepUnset: true,
  });
  return result.error === null ? result.value : text;
}
