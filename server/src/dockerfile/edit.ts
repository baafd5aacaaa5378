// Text edits of quick fixes: applying them, and finding the line ends that a new line has to use.
import type { TextEdit } from './model';

/** The text with all edits made. They may come in any order and must not overlap; offsets are of the text before. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let at = 0;
  for (const edit of ordered) {
    result += text.slice(at, edit.start) + edit.text;
    at = Math.max(at, edit.end);
  }
  return result + text.slice(at);
}

/** The edits that take the text from after `edits` back to what it was before them. */
export function invertEdits(text: string, edits: readonly TextEdit[]): TextEdit[] {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let shift = 0;
  return ordered.map((edit) => {
    const start = edit.start + shift;
    shift += edit.text.length - (edit.end - edit.start);
    return { start, end: start + edit.text.length, text: text.slice(edit.start, edit.end) };
  });
}

/** The line end of the line that holds the offset; of the line before it when it is the last, else a line feed. */
export function lineEndAt(text: string, offset: number): '\n' | '\r\n' {
  let feed = text.indexOf('\n', offset);
  if (feed < 0) feed = text.lastIndexOf('\n', offset);
  return feed > 0 && text[feed - 1] === '\r' ? '\r\n' : '\n';
}
