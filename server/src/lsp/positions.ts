// Offsets and 1-based lines of the core, as the protocol's 0-based positions.
import type { Position, Range } from 'vscode-languageserver/node';
import { lineAt } from '../dockerfile/lineAt';
import type { Dockerfile } from '../dockerfile/model';

export function positionAt(dockerfile: Dockerfile, offset: number): Position {
  const line = lineAt(dockerfile, offset);
  return { line, character: offset - dockerfile.lineStarts[line]! };
}

export function rangeOf(dockerfile: Dockerfile, start: number, end: number): Range {
  return { start: positionAt(dockerfile, start), end: positionAt(dockerfile, end) };
}

/** The end of a 1-based line, its line end excluded. */
export function endOfLine(dockerfile: Dockerfile, line: number): Position {
  const start = dockerfile.lineStarts[line - 1] ?? dockerfile.text.length;
  let end = dockerfile.lineStarts[line] ?? dockerfile.text.length;
  while (end > start && (dockerfile.text[end - 1] === '\n' || dockerfile.text[end - 1] === '\r')) end--;
  return { line: line - 1, character: end - start };
}
