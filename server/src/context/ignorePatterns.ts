// The lines of an ignore file as patterns, and whether a builder takes them: patternmatcher's ignorefile.ReadAll and
// patternmatcher.New (v0.6.1). What a pattern matches is for ignoreMatch.ts.
import path from 'node:path';
import { classAt, holds } from './filepathMatch';

/** Go's strings.TrimSpace: unlike trim(), it takes U+0085 and leaves U+FEFF. */
const blanks = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const around = new RegExp(`^${blanks}|${blanks}$`, 'g');

/** Go's bufio.Scanner refuses a line that does not fit 64 KiB together with its end. */
const longestLine = 65_535;

/** What a person is told of each refusal; BuildKit says 'syntax error in pattern' for the first. */
export const badPattern = (pattern: string): string => `the pattern ${pattern} has a syntax error`;

/** The patterns of an ignore file, `!` kept in front; `problem` says why a builder refuses the file. Never throws. */
export function readIgnorePatterns(text: string): { patterns: string[]; problem: string | null } {
  const patterns: string[] = [];
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    if (
      line.length * 3 > longestLine &&
      Buffer.byteLength(line) + (index === 0 ? bomBytes(text) : 0) > longestLine
    ) {
      return { patterns: [], problem: `line ${index + 1} is longer than 64 KiB` };
    }
    // The first byte of the line: ` #x` is a pattern.
    if (line.startsWith('#')) continue;
    let pattern = trimmed(line);
    if (pattern === '') continue;
    const negates = pattern.startsWith('!');
    if (negates) pattern = trimmed(pattern.slice(1));
    if (pattern !== '') pattern = cleaned(pattern);
    if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);
    patterns.push(negates ? `!${pattern}` : pattern);
  }
  return { patterns, problem: null };
}

/** The lines as buildah reads them (seen with version 1.28): blanks behind a `!` stay, and then nothing matches. */
export function readBuildahPatterns(text: string): string[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return lines
    .map((line) => line.replace(/^\/+|\/+$/g, '').replace(/^!\/+/, '!'))
    .filter((line) => line !== '');
}

function bomBytes(text: string): number {
  return text.startsWith('\ufeff') ? 3 : 0;
}

export interface CleanPattern {
  /** Without the `!`. */
  text: string;
  negates: boolean;
}

/**
 * What patternmatcher.New keeps of the patterns, or why it refuses them. On Windows a backslash is a separator there and
 * escapes nothing.
 */
export function cleanPatterns(
  patterns: readonly string[],
  windows = false,
): { patterns: CleanPattern[]; problem: string | null } {
  const clean: CleanPattern[] = [];
  for (const given of patterns) {
    let text = trimmed(windows ? given.replaceAll('\\', '/') : given);
    if (text === '') continue;
    text = cleaned(text);
    const negates = text.startsWith('!');
    if (text === '!') return { patterns: [], problem: 'a line has a ! and no pattern' };
    if (negates) text = text.slice(1);
    if (!isGlob(text)) return { patterns: [], problem: badPattern(text) };
    clean.push({ text, negates });
  }
  return { patterns: clean, problem: null };
}

/** Go's filepath.Clean. */
function cleaned(text: string): string {
  const normal = path.posix.normalize(text);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function trimmed(text: string): string {
  return text.replace(around, '');
}

/**
 * False where Go's filepath.Match(pattern, ".") returns an error. It stops at the first part between stars that does not
 * match ".", so that it misses errors behind it; matching finds those.
 */
function isGlob(pattern: string): boolean {
  let rest = Array.from(pattern);
  let name = '.';
  while (rest.length > 0) {
    const stars = rest.findIndex((one) => one !== '*');
    const starred = stars !== 0;
    rest = stars < 0 ? [] : rest.slice(stars);
    const end = chunkEnd(rest);
    const chunk = rest.slice(0, end);
    rest = rest.slice(end);
    if (starred && chunk.length === 0) return true;
    let left = matchChunk(chunk, name);
    if (left === 'bad') return false;
    const fits = left !== null && (left === '' || rest.length > 0);
    if (!fits && starred && name !== '') left = matchChunk(chunk, '');
    if (left === null) return true;
    if (!fits && !(starred && name !== '')) return true;
    name = left as string;
  }
  return true;
}

/** Where the next star outside of a class stands. */
function chunkEnd(pattern: readonly string[]): number {
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const one = pattern[at];
    if (one === '\\') at += at + 1 < pattern.length ? 1 : 0;
    else if (one === '[') inClass = true;
    else if (one === ']') inClass = false;
    else if (one === '*' && !inClass) return at;
  }
  return pattern.length;
}

/** What is left of the name, null when the chunk does not match its start, 'bad' for a syntax error. */
function matchChunk(chunk: readonly string[], given: string): string | null | 'bad' {
  let name = given;
  let failed = false;
  for (let at = 0; at < chunk.length; ) {
    failed ||= name === '';
    const one = chunk[at]!;
    if (one === '[') {
      const found = classAt(chunk, at + 1);
      if (!found) return 'bad';
      failed ||= !holds(found, '.');
      at = found.end + 1;
    } else if (one === '?') {
      at++;
    } else {
      if (one === '\\' && ++at >= chunk.length) return 'bad';
      failed ||= chunk[at] !== name;
      at++;
    }
    if (!failed) name = '';
  }
  return failed ? null : name;
}
