// A document about a diff in pieces of a bounded size, so that neither a million changes make one string nor a server
// stands still meanwhile. What is written, the writers say.
import type { Change } from '../layers/model';
import type { DiffDocument, DiffWriter } from './diffDocument';
import { diffHtml } from './diffHtml';
import { diffJson } from './diffJson';
import { diffMarkdown } from './diffMarkdown';

export type DiffFormat = 'markdown' | 'json' | 'html';

export const diffWriters: Record<DiffFormat, DiffWriter> = {
  markdown: diffMarkdown,
  json: diffJson,
  html: diffHtml,
};

/** The changes of the list, by place. */
export type ListedChange = (at: number) => Change;

export interface DiffPiece {
  text: string;
  /** Where the next piece begins; null behind the last one. */
  next: number | null;
}

/** Characters after which a piece ends: a megabyte or so, more by the last change at most. */
const pieceLength = 500_000;
/** Written between two steps: some milliseconds. */
const rowsOfStep = 256;

/** The piece that begins with a place of the list; the one from 0 has the head. In steps. */
export function* diffPiece(
  writer: DiffWriter,
  document: DiffDocument,
  change: ListedChange,
  from: number,
): Generator<void, DiffPiece> {
  const parts: string[] = from === 0 ? [writer.head(document)] : [];
  const end = Math.min(document.listed, writer.mostRows);
  let length = 0;
  let at = from;
  for (; at < end && length < pieceLength; at++) {
    const row = writer.row(document, change(at), at);
    length += row.length;
    parts.push(row);
    if (at % rowsOfStep === 0) yield;
  }
  if (at < end) return { text: parts.join(''), next: at };
  parts.push(writer.tail(document, Math.max(0, end)));
  return { text: parts.join(''), next: null };
}

/** The whole document, piece by piece. */
export function* diffPieces(
  writer: DiffWriter,
  document: DiffDocument,
  change: ListedChange,
): Generator<string> {
  for (let from: number | null = 0; from !== null; ) {
    const work = diffPiece(writer, document, change, from);
    let step = work.next();
    while (!step.done) step = work.next();
    yield step.value.text;
    from = step.value.next;
  }
}
