// From a declared build, and what a person asks beside it, to the request of one builder. What the person says wins; what
// the builder cannot do is refused before anything is started, never left out in silence.
import type { BuilderIdentity } from '../../build/model';
import { requestFlags } from '../../build/requestFlags';
import type { BuildChoice } from '../../dockerfile/model';
import { formatPlatform, hostPlatform } from '../../image/platform';
import { StrataError } from '../../primitives/errors';
import type { Host } from '../../primitives/host';
import type { DeclaredBuild, DeclaredSource } from './model';

/** Null: as declared. */
export interface AskedBeside {
  context: string | null;
  target: string | null;
  platform: string | null;
  /** Put over the declared ones, name by name. */
  buildArgs: Readonly<Record<string, string>>;
  /** Come last. */
  extraArguments: readonly string[];
}

/** Known before a builder is. */
export interface ChosenBuild {
  context: string;
  choice: BuildChoice;
}

export function choiceOf(host: Host, build: DeclaredBuild, asked: AskedBeside): ChosenBuild {
  return {
    context: asked.context ?? build.context,
    choice: {
      target: asked.target ?? build.target,
      platform: asked.platform ?? platformOf(host, build.platforms),
      buildArgs: { ...build.buildArgs, ...asked.buildArgs },
    },
  };
}

/** One is measured: this machine's where it is among them, else the first. */
function platformOf(host: Host, platforms: readonly string[]): string | null {
  const own = formatPlatform(hostPlatform(host));
  return platforms.includes(own) ? own : (platforms[0] ?? null);
}

/**
 * The further words for a builder, and what a person should know of them.
 * @throws StrataError 'unsupported'
 */
export function wordsFor(
  build: DeclaredBuild,
  asked: AskedBeside,
  builder: Pick<BuilderIdentity, 'kind' | 'rules'>,
): { extraArguments: string[]; remarks: string[] } {
  const { words, refusals, remarks } = requestFlags(build, builder);
  if (refusals.length > 0) {
    throw new StrataError('unsupported', refusals.join(' '), 'Choose another builder, or another build.');
  }
  const several =
    build.platforms.length > 1 && asked.platform === null
      ? [`It is declared for ${build.platforms.join(', ')}; one of them is built and measured.`]
      : [];
  return { extraArguments: [...words, ...asked.extraArguments], remarks: [...several, ...remarks] };
}

/** How a declared build is named on the command line and remembered: `compose:web`. */
export function declaredName({ source, name }: Pick<DeclaredBuild, 'source' | 'name'>): string {
  return source === 'default' ? 'default' : `${source}:${name}`;
}

const sources: readonly DeclaredSource[] = ['compose', 'bake', 'devcontainer', 'task', 'default'];

/** `compose:web`, or the source alone; null for what names no source. */
export function readDeclaredName(text: string): { source: DeclaredSource; name: string | null } | null {
  const at = text.indexOf(':');
  const word = at < 0 ? text : text.slice(0, at);
  const source = sources.find((one) => one === word);
  return source ? { source, name: at < 0 ? null : text.slice(at + 1) } : null;
}
