// The variables that FROM sees: global ARGs and the platform arguments (dockerfile2llb/platform.go, buildMetaArgs in
// convert.go). What depends on the machine that builds is marked as unknown, never guessed.
import { lex } from './lex';
import type { BuildChoice, Dockerfile, Instruction } from './model';
import { wordPieces } from './words';

/** Values by name; null for a variable that the build has and Strata cannot know. */
export type Values = ReadonlyMap<string, string | null>;

export interface Expanded {
  value: string;
  /** Variables that left a hole. */
  missing: string[];
  /** False when the value depends on a variable that is not known here. */
  certain: boolean;
  /** Why BuildKit would refuse the text; the value is the text as written then. */
  error: string | null;
}

/** One word expanded. `complete`: a name that has no value here has none in the build either. */
export function expandPiece(
  text: string,
  find: (name: string) => string | null | undefined,
  complete: boolean,
  escapeChar: string,
  plainQuotes = false,
): Expanded {
  if (isPlain(text, escapeChar)) return { value: text, missing: [], certain: true, error: null };
  const result = lex(text, { lookup: (name) => find(name) ?? undefined, escape: escapeChar, plainQuotes });
  const unsure = [...result.absent].some((name) => !complete || find(name) === null);
  return {
    value: result.error === null ? result.value : text,
    missing: [...result.missing],
    certain: result.error === null && !unsure,
    error: result.error,
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
  for (const instruction of dockerfile.instructions) {
    if (instruction.stage !== null || instruction.index >= upTo) break;
    if (instruction.keyword === 'ARG') declareGlobal(instruction, dockerfile.escape, choice, values);
  }
  return values;
}

function declareGlobal(
  { rest }: Instruction,
  escapeChar: string,
  { buildArgs }: BuildChoice,
  values: Map<string, string | null>,
): void {
  for (const [name = '', text] of wordPieces('ARG', rest, null, escapeChar)) {
    const given = buildArgument(buildArgs, name);
    if (given !== undefined) values.set(name, given);
    else if (text !== undefined) {
      const { value, certain } = expandPiece(text, (other) => values.get(other), true, escapeChar);
      values.set(name, certain ? value : null);
    }
  }
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
