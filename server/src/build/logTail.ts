// The last lines that a step printed. Decides what is kept of colours, progress bars and credentials: nothing.
import { redact } from './redact';

export interface LogTail {
  /** Any piece of output; lines may be cut anywhere. */
  take(text: string): void;
  /** At most 40, the unfinished one included. */
  lines(): string[];
}

const mostLines = 40;
const longestLine = 4 * 1024;

// ECMA-48: CSI sequences, OSC strings, then any other escape of two characters.
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A line as it would stand on a terminal: what a carriage return overwrote, colours and control codes are gone. */
export function plainText(line: string): string {
  const plain = line.replace(escapes, '');
  const last = plain.split('\r').filter((part) => part !== '');
  return (last.at(-1) ?? '').replace(controls, '');
}

export function createLogTail(): LogTail {
  let whole: string[] = [];
  let open = '';
  return {
    take(text) {
      const pieces = text.split('\n');
      // Long before the last line starts, nothing that is kept can have begun.
      const from = Math.max(0, pieces.length - mostLines - 1);
      for (let at = from; at < pieces.length; at++) {
        open = `${at === from && from > 0 ? '' : open}${pieces[at]}`.slice(-longestLine);
        if (at === pieces.length - 1) break;
        whole.push(redact(plainText(open)));
        open = '';
      }
      if (whole.length > 2 * mostLines) whole = whole.slice(-mostLines);
    },
    lines: () => (open === '' ? whole : [...whole, redact(plainText(open))]).slice(-mostLines),
  };
}
