// What a build takes beside target, platform and build arguments, in the words of each builder: secrets, ssh, named
// contexts, caches. Decides what a builder cannot be told: what the result hangs on is a refusal, a cache only a remark.
import type { BuilderIdentity } from './model';

export interface SecretSource {
  id: string;
  /** Path of the file that holds it; null when it comes from the environment. Its value is never read. */
  src: string | null;
  /** Name of the variable that holds it. */
  env: string | null;
}

export interface BuildExtras {
  secrets: readonly SecretSource[];
  /** `default`, `id=path`. */
  ssh: readonly string[];
  /** Folder, URL, `docker-image://…`, `oci-layout://…`, `target:…`, by name. */
  namedContexts: Readonly<Record<string, string>>;
  /** As `--cache-from` and `--cache-to` of buildx take them: a reference, or `type=registry,ref=…`. */
  cacheFrom: readonly string[];
  cacheTo: readonly string[];
  /** Further words, as they are. */
  extraArguments: readonly string[];
}

export const noExtras: BuildExtras = {
  secrets: [],
  ssh: [],
  namedContexts: {},
  cacheFrom: [],
  cacheTo: [],
  extraArguments: [],
};

export interface RequestFlags {
  words: string[];
  /** Why this builder cannot build it as asked, a sentence each. */
  refusals: string[];
  /** What is left out without changing the result, a sentence each. */
  remarks: string[];
}

export function requestFlags(
  extras: BuildExtras,
  { kind, rules }: Pick<BuilderIdentity, 'kind' | 'rules'>,
): RequestFlags {
  const flags: RequestFlags = { words: [], refusals: [], remarks: [] };
  const name =
    rules === 'classic' ? 'The classic builder' : kind === 'docker' ? 'docker without buildx' : kind;
  const add = (flag: string, value: string) => flags.words.push(flag, value);
  for (const secret of extras.secrets) {
    if (rules === 'classic') flags.refusals.push(`${name} knows no secrets; the build wants '${secret.id}'.`);
    else if (rules === 'buildkit') add('--secret', secretFields(secret).map(csvField).join(','));
    else if (secretFields(secret).some((field) => field.includes(','))) {
      // buildah splits at each comma (pkg/parse, Secrets), and has no quotes.
      flags.refusals.push(`${name} cannot be told of secret '${secret.id}': there is a comma in its source.`);
    } else add('--secret', secretFields(secret).join(','));
  }
  for (const one of extras.ssh) {
    if (rules === 'classic') flags.refusals.push(`${name} forwards no ssh agent; the build wants '${one}'.`);
    else add('--ssh', one);
  }
  for (const [context, value] of Object.entries(extras.namedContexts)) {
    const refusal = contextRefusal(context, value, kind, name);
    if (refusal !== null) flags.refusals.push(refusal);
    else add('--build-context', `${context}=${value}`);
  }
  for (const cache of extras.cacheFrom) {
    const told = kind === 'buildx' ? cache : plainCache(cache, rules);
    if (told === null) flags.remarks.push(`${name} cannot use the cache ${withoutTokens(cache)}.`);
    else add('--cache-from', told);
  }
  for (const cache of extras.cacheTo) {
    // docker 20.10 without buildx has no such flag.
    const told = kind === 'buildx' ? cache : rules === 'buildah' ? plainCache(cache, rules) : null;
    if (told === null) flags.remarks.push(`${name} cannot write the cache ${withoutTokens(cache)}.`);
    else add('--cache-to', told);
  }
  flags.words.push(...extras.extraArguments);
  return flags;
}

/** `type` is told too: without it the id alone may name a variable (buildx util/buildflags, buildah pkg/parse). */
function secretFields({ id, src, env }: SecretSource): string[] {
  if (env !== null) return [`id=${id}`, 'type=env', `env=${env}`];
  return src === null ? [`id=${id}`] : [`id=${id}`, 'type=file', `src=${src}`];
}

/** The value of `--secret` is CSV there. */
function csvField(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function contextRefusal(context: string, value: string, kind: string, name: string): string | null {
  if (value.startsWith('target:') || value.startsWith('service:')) {
    return `The context '${context}' is the result of another build (${value}), which only bake or compose can build first.`;
  }
  if (kind === 'docker') return `${name} knows no named contexts; the build wants '${context}'.`;
  if (kind !== 'buildx' && value.startsWith('oci-layout:')) {
    return `${name} takes no OCI layout as the context '${context}'.`;
  }
  return null;
}

/**
 * The one form of those that have no types: a reference. buildah wants it without a tag (`--cache-from` of
 * buildah-build(1)); other kinds of cache are BuildKit's own.
 */
function plainCache(cache: string, rules: BuilderIdentity['rules']): string | null {
  const reference = /^type=/.test(cache)
    ? /^type=registry,ref=([^,]+)$/.exec(cache)?.[1]
    : cache.includes(',') || cache.includes('=')
      ? undefined
      : cache;
  if (reference === undefined) return null;
  return rules === 'buildah' && /[:@][^/]*$/.test(reference) ? null : reference;
}

const tokenFields = /((?:token|secret_access_key|access_key_id|session_token|account_key)=)[^,]*/gi;

/** A cache's description without what opens its door. */
export function withoutTokens(cache: string): string {
  return cache.replace(tokenFields, '$1…');
}
