// What builders say in plain words, cleaned for a person: prefixes of their plumbing and credentials are gone.
import { plainText } from './logTail';
import { redact } from './redact';

const longestLine = 4 * 1024;
const mostLines = 200;

// The chain of Go errors from solver to client; each names a layer of the builder, none tells what happened.
const plumbing =
  /^(?:ERROR: |error: |Error: |creating build container: |Error response from daemon: |failed to build: |failed to solve: |failed to solve with frontend dockerfile\.v0: |failed to create LLB definition: |failed to compute cache key: |failed to receive status: |rpc error: code = \w+ desc = )+/;

/** One line, without the names of the builder's inner parts in front and without credentials. */
export function cleanWords(line: string): string {
  return redact(line.trim().replace(plumbing, '').trim());
}

/** The first line that says something, short enough for a sentence; empty when there is none. */
export function firstWords(text: string, longest = 240): string {
  const line =
    text
      .split('\n')
      .map(cleanWords)
      .find((words) => words !== '') ?? '';
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Ends a piece of someone else's text as a sentence. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

export interface WordKeeper {
  take(line: string): void;
  lines(): string[];
}

/** The last lines that were no progress, without credentials. */
export function keepWords(): WordKeeper {
  let kept: string[] = [];
  return {
    take(line) {
      kept.push(redact(plainText(line).slice(0, longestLine)));
      if (kept.length > 2 * mostLines) kept = kept.slice(-mostLines);
    },
    lines: () => kept.slice(-mostLines),
  };
}
