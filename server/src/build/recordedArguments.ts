// With what a build was asked, as a record may keep it: a secret's id stays, where it comes from does not, nor a password
// in an address or of a proxy, nor a cache's token. What the forecast goes by (named contexts, caches, scope) is unchanged;
// other build arguments stay as they are, for builders write them into the image too.
import type { BuildRecord } from './model';
import { redact } from './redact';
import { withoutTokens } from './requestFlags';

const redactions: Record<string, (value: string) => string> = {
  '--secret': (value) => /(?:^|,)(id=[^,]*)/.exec(value.replaceAll('"', ''))?.[1] ?? 'id=…',
  '--ssh': (value) => value.split('=')[0]!,
  '--cache-from': withoutTokens,
  '--cache-to': withoutTokens,
  '--build-context': (value) => value.replace(/(:\/\/)[^/@\s]+@(?!sha\d+:)/, '$1…@'),
  '--build-arg': (value) => {
    const [, name, held] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
    return name !== undefined && isProxy(name) ? `${name}=${redact(held!)}` : value;
  },
  // podman's and buildah's.
  '--creds': () => '…',
  '--decryption-key': () => '…',
};

/** Proxies are arguments of every build that nobody declares, and no layer shows them (Dockerfile reference, ARG). */
function isProxy(name: string): boolean {
  return /^(?:https?|ftp|all)_proxy$/i.test(name);
}

/** A record as it may be written to disk. */
export function keptRecord(record: BuildRecord): BuildRecord {
  const { choice } = record;
  const buildArgs = Object.fromEntries(
    Object.entries(choice.buildArgs).map(([name, value]) => [name, isProxy(name) ? redact(value) : value]),
  );
  return { ...record, choice: { ...choice, buildArgs } };
}

/** A failure names the file of a secret that is not there: its name stays, its folder does not. */
export function withoutSecretPlaces(record: BuildRecord, words: readonly string[]): BuildRecord {
  const places = words.flatMap((word, at) => {
    const value = words[at - 1] === '--secret' ? word : /^--secret=(.*)$/.exec(word)?.[1];
    const place = /(?:^|,)"?(?:src|source)=([^,]*?)"?(?:,|$)/.exec(value ?? '')?.[1];
    return place && /[\\/]/.test(place) ? [place] : [];
  });
  if (places.length === 0 || (record.failure === null && record.outcome === 'built')) return record;
  const hide = (text: string) =>
    places.reduce((told, place) => told.replaceAll(place, `…/${place.split(/[\\/]/).at(-1)}`), text);
  const { failure } = record;
  return {
    ...record,
    steps: record.steps.map((step) => ({
      ...step,
      error: step.error === null ? null : hide(step.error),
      lastLines: step.lastLines.map(hide),
    })),
    failure: failure && {
      ...failure,
      message: hide(failure.message),
      hint: hide(failure.hint),
      lastLines: failure.lastLines.map(hide),
    },
  };
}

export function recordedArguments(words: readonly string[]): string[] {
  return words.map((word, at) => {
    const alone = redactions[words[at - 1] ?? ''];
    if (alone) return alone(word);
    const equals = word.indexOf('=');
    const joined = equals < 0 ? undefined : redactions[word.slice(0, equals)];
    return joined ? `${word.slice(0, equals)}=${joined(word.slice(equals + 1))}` : word;
  });
}
