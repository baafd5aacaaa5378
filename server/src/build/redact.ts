// What a builder or a step prints in the open of what opens a door: passwords and tokens in addresses, and the values of
// Authorization headers. Messages end up in logs, bug reports and records. Decides by form alone: a secret that a step
// prints by itself looks like any other text.

// Schemes are short, so that a long line costs no more than its length. A digest behind an image's name is no host.
const withPassword = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^/\s:@"'<>]*:[^/\s"'<>]*@(?!sha\d+:)/gi;
/** A name alone is a token on the web; `ssh://git@…` is none. */
const withToken = /\b((?:https?|wss?|ftps?):\/\/)[^/\s:@"'<>]+@/gi;
const header =
  /\b((?:proxy-)?authorization["']?\s{0,8}[:=]\s{0,8}["']?(?:(?:bearer|basic|digest|token|negotiate|ntlm|aws4-hmac-sha256)\s{1,8})?)[^\s"',;]+/gi;

/** The same text with `***` for them. */
export function redact(text: string): string {
  const quiet = text.includes('://')
    ? text.replace(withPassword, '$1***@').replace(withToken, '$1***@')
    : text;
  return /authorization/i.test(quiet) ? quiet.replace(header, '$1***') : quiet;
}
