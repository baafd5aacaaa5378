// The words for a builder as a record may keep them: a secret's id stays, where it comes from does not, nor a password in
// an address or a cache's token. What the forecast goes by (named contexts, caches, scope) is unchanged.
import { withoutTokens } from './requestFlags';

const redactions: Record<string, (value: string) => string> = {
  '--secret': (value) => /(?:^|,)(id=[^,]*)/.exec(value.replaceAll('"', ''))?.[1] ?? 'id=…',
  '--ssh': (value) => value.split('=')[0]!,
  '--cache-from': withoutTokens,
  '--cache-to': withoutTokens,
  '--build-context': (value) => value.replace(/(:\/\/)[^/@\s]+@/, '$1…@'),
};

export function recordedArguments(words: readonly string[]): string[] {
  return words.map((word, at) => {
    const alone = redactions[words[at - 1] ?? ''];
    if (alone) return alone(word);
    const equals = word.indexOf('=');
    const joined = equals < 0 ? undefined : redactions[word.slice(0, equals)];
    return joined ? `${word.slice(0, equals)}=${joined(word.slice(equals + 1))}` : word;
  });
}
