// What a registry's 401 asks for: the WWW-Authenticate header taken apart (RFC 9110, 11.6.1). What is answered:
// registryAuth.ts.

export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  scheme: string;
  /** Names in lower case. */
  parameters: Map<string, string>;
}

const longestHeader = 16 * 1024;

/** Never throws; what is no challenge is passed over. Several may stand in one header. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  const token = /\s*,?\s*([!#$%&'*+.^_`|~\w-]+)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/y;
  const text = header.slice(0, longestHeader);
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [, name = '', isParameter, quoted, plain = ''] = match;
    if (isParameter === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return challenges;
}
