// The variables that FROM sees: global ARGs and the platform arguments (dockerfile2llb/platform.go, buildMetaArgs in
// convert.go). What depends on the machine that builds is marked as unknown, never guessed.
import { lex } from './lex';
import { type Budget, newBudget } from './lexer';
import type { BuildChoice, Dockerfile, Instruction } from './model';
import { wordPieces } from './words';

/** Values by name; null for a variable that the build has and Strata cannot know. */
export type Values = ReadonlyMap<string, string | null>;

/** Where an expansion takes its values from. */
export interface ValueSource {
  /** Null: the build has a value that is not known here. */
  find(name: string): string | null | undefined;
  /** A name without a value here has none in the build. */
  complete: boolean;
  /** True for a value that the image below may replace. */
  doubts?(name: string): boolean;
  /** Of all that is expanded for one file and choice. */
  budget: Budget;
}

export interface Expanded {
  value: string;
  /** Variables that left a hole. */
  missing: string[];
  /** False when the value depends on a variable that is not known here. */
  known: boolean;
  /** Known, and nothing outside of the file can change it. */
  certain: boolean;
  /** Why BuildKit would refuse the text; the value is the text as written then. */
  error: string | null;
}

/** A text that holds nothing to expand. */
export function asIs(value: string): Expanded {
  return { value, missing: [], known: true, certain: true, error: null };
}

/** One word expanded. */
export function expandPiece(
  text: string,
  source: ValueSource,
  escapeChar: string,
  plainQuotes = false,
): Expanded {
  if (isPlain(text, escapeChar)) return asIs(text);
  let doubted = false;
  const lookup = (name: string) => {
    doubted ||= source.doubts?.(name) ?? false;
    return source.find(name) ?? undefined;
  };
  const { value, missing, absent, error } = lex(text, {
    lookup,
    escape: escapeChar,
    plainQuotes,
    budget: source.budget,
  });
  const known = error === null && [...absent].every((name) => source.complete && source.find(name) !== null);
  return {
    value: error === null ? value : text,
    missing: [...missing],
    known,
    certain: known && !doubted,
    error,
  };
}

/** True when nothing in the text is special to the lexer. */
export function isPlain(text: string, escapeChar: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '$' || character === "'" || character === '"' || character === escapeChar) return false;
  }
  return text.charCodeAt(0) !== 0xfeff;
}

/** The variables that every FROM sees. `upTo`: only the ARGs before that instruction. */
export function globalValues(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  upTo: number = Number.POSITIVE_INFINITY,
): Map<string, string | null> {
  const values = platformValues(dockerfile, choice);
  const source = sourceOf(values, newBudget());
  for (const instruction of dockerfile.instructions) {
    if (instruction.stage !== null || instruction.index >= upTo) break;
    if (instruction.keyword === 'ARG') declareGlobal(instruction, dockerfile.escape, choice, values, source);
  }
  return values;
}

function declareGlobal(
  { rest }: Instruction,
  escapeChar: string,
  { buildArgs }: BuildChoice,
  values: Map<string, string | null>,
  source: ValueSource,
): void {
  for (const [name = '', text] of wordPieces('ARG', rest, null, escapeChar)) {
    const given = buildArgument(buildArgs, name);
    if (given !== undefined) values.set(name, given);
    else if (text !== undefined) {
      const { value, known } = expandPiece(text, source, escapeChar);
      values.set(name, known ? value : null);
    }
  }
}

/** Global scope: what is not there is nowhere. */
export function sourceOf(values: Values, budget: Budget): ValueSource {
  return { find: (name) => values.get(name), complete: true, budget };
}

/** Own properties only: a build argument may be called `constructor`. */
export function buildArgument(buildArgs: BuildChoice['buildArgs'], name: string): string | undefined {
  return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
}

function platformValues(
  dockerfile: Dockerfile,
  { target, platform, buildArgs }: BuildChoice,
): Map<string, string | null> {
  const [os, architecture, variant] = platform ? platformParts(platform) : [null, null, null];
  const whole = os && architecture ? [os, architecture, variant].filter(Boolean).join('/') : null;
  const values = new Map<string, string | null>([
    ['BUILDPLATFORM', null],
    ['BUILDOS', null],
    ['BUILDOSVERSION', null],
    ['BUILDARCH', null],
    ['BUILDVARIANT', null],
    ['TARGETPLATFORM', whole],
    ['TARGETOS', os],
    ['TARGETOSVERSION', os && os !== 'windows' ? '' : null],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant],
    ['TARGETSTAGE', target || dockerfile.stages.at(-1)?.name || 'default'],
  ]);
  for (const name of values.keys()) {
    const given = buildArgument(buildArgs, name);
    if (given !== undefined) values.set(name, given);
  }
  return values;
}

/** `linux/arm/v7` in the canonical names of containerd's platforms package; null for a part that is not given. */
function platformParts(platform: string): [string | null, string | null, string | null] {
  const [os = '', architecture, variant = ''] = platform.toLowerCase().split('/');
  if (!architecture) return [os || null, null, null];
  switch (architecture) {
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return [os, 'amd64', variant === 'v1' ? '' : variant];
    case 'aarch64':
    case 'arm64':
      return [os, 'arm64', /^v?8(\.0)?$/.test(variant) ? '' : variant];
    case 'armhf':
      return [os, 'arm', 'v7'];
    case 'armel':
      return [os, 'arm', 'v6'];
    case 'arm':
      return [os, 'arm', variant === '' || variant === '7' ? 'v7' : variant.replace(/^(?=\d)/, 'v')];
    case 'i386':
      return [os, '386', ''];
    default:
      return [os, architecture, variant];
  }
}
