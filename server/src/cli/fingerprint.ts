// What makes a finding the same one in the next report: its rule, its file and its line's text, not the line's number, so
// that it stays the same while lines above it come and go.
import { createHash } from 'node:crypto';
import type { CheckReport } from './checkReport';

/** Call it once for each finding of a report, in their order; equal ones are counted through. */
export function fingerprints({ dockerfile, path }: CheckReport): (code: string, line: number) => string {
  const seen = new Map<string, number>();
  const { lineStarts, text } = dockerfile;
  return (code, line) => {
    const key = [code, path, text.slice(lineStarts[line - 1], lineStarts[line]).trim()].join('\0');
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    return createHash('sha256').update(`${key}\0${nth}`).digest('hex');
  };
}
