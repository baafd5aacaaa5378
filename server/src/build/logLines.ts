// A saved log of a CI system, line by line: its timestamps, stream marks, colours and section markers taken off, so that
// what the builder printed is left. Decides nothing on what the builder printed.
import { plainText } from './logTail';

export interface LogLine {
  /** Without prefixes, colours and control codes. */
  text: string;
  /** When the CI system took the line, as it wrote it: see timeOf; null when it does not tell. */
  at: string | null;
}

const longestLine = 256 * 1024;
/** Most lines of a log are output, without anything to take off: looked at once, so that large logs are read at once. */
const mayBeTime = /^\ufeff?\[?\d/;
const controls = /[\u0000-\u001f\u007f-\u009f]/;
/** rawjson tells all steps of a build in its first line. */
const longestJson = 16 * 1024 * 1024;

// `gh run view --log`: job, step and time, with tabs between.
const tabs = /^[^\t]{0,500}\t[^\t]{0,500}\t(?=\ufeff?\d{4}-\d\d-\d\dT)/;
// GitHub Actions: 2024-01-01T00:00:00.0000000Z; GitLab with timestamps: the same with ` 00O ` or ` 00E+` behind it
// (number and kind of the stream; + where a line goes on); Jenkins' timestamper: [2024-01-01T00:00:00.000Z];
// Azure Pipelines: as GitHub Actions.
const timestamp =
  /^\ufeff?\[?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))\]? ?(?:\d\d[OE]([+ ]))?/;
// GitLab: section_start:1560896352:name[collapsed=true]\r\e[0K before the header of the section, which is no output.
const section = /^section_(?:start|end):\d+:/;
/** `12:34:56 ` of Jenkins and TeamCity, as far as what follows looks like a builder's. */
const clock =
  /^\[?\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\]?[ :]\s*(?=#\d|Step \d|STEP \d|\[\d+\/\d+\] STEP|\{"| ---> |Successfully )/;

/** @param raw one line without its end; bounded, so that a hostile one costs little */
export function logLine(raw: string): LogLine {
  let text = raw.length > longestJson ? raw.slice(0, longestJson) : raw;
  let at: string | null = null;
  if (text.includes('\t')) text = text.replace(tabs, '');
  const stamp = mayBeTime.test(text) ? timestamp.exec(text) : null;
  if (stamp) {
    at = stamp[1]!;
    text = text.slice(stamp[0].length);
  }
  // JSON holds its own colours inside of strings, escaped.
  if (text.startsWith('{')) return { text: text.trimEnd(), at };
  if (text.length > longestLine) text = text.slice(0, longestLine);
  if (controls.test(text)) text = plainText(text);
  if (text.startsWith('section_') && section.test(text)) return { text: '', at };
  return { text: mayBeTime.test(text) ? text.replace(clock, '') : text, at };
}

/** ms since 1970; null for what is no time. Few lines of a log are asked for theirs. */
export function timeOf(at: string): number | null {
  const ms = Date.parse(at.replace(/(\.\d{3})\d+/, '$1'));
  return ms > 0 ? ms : null;
}

/** The lines of a log, whatever ends them; a carriage return alone is no end: a progress bar writes over its line. */
export function* linesOf(log: string): Generator<string> {
  let from = log.startsWith('\ufeff') ? 1 : 0;
  while (from <= log.length) {
    const end = log.indexOf('\n', from);
    const to = end < 0 ? log.length : end;
    const line = log.slice(from, to);
    yield line.endsWith('\r') ? line.replace(/\r+$/, '') : line;
    if (end < 0) return;
    from = end + 1;
  }
}
