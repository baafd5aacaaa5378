// A saved log of a CI system, line by line: its timestamps, stream marks, colours and section markers taken off, so that
// what the builder printed is left. Decides nothing on what the builder printed.
import { plainText } from './logTail';

export interface LogLine {
  /** Without prefixes, colours and control codes. */
  text: string;
  /** ms since 1970 at which the CI system took the line; null when it does not tell. */
  atMs: number | null;
}

const longestLine = 256 * 1024;
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
  let text = raw.slice(0, longestJson);
  let atMs: number | null = null;
  text = text.replace(tabs, '');
  const stamp = timestamp.exec(text);
  if (stamp) {
    const ms = Date.parse(stamp[1]!.replace(/(\.\d{3})\d+/, '$1'));
    if (ms > 0) atMs = ms;
    text = text.slice(stamp[0].length);
  }
  // JSON holds its own colours inside of strings, escaped.
  if (text.startsWith('{')) return { text: text.trimEnd(), atMs };
  text = plainText(text.slice(0, longestLine));
  if (section.test(text)) return { text: '', atMs };
  return { text: text.replace(clock, ''), atMs };
}

/** The lines of a log, whatever ends them; a carriage return alone is no end: a progress bar writes over its line. */
export function* linesOf(log: string): Generator<string> {
  let from = log.startsWith('\ufeff') ? 1 : 0;
  while (from <= log.length) {
    const end = log.indexOf('\n', from);
    const to = end < 0 ? log.length : end;
    yield log.slice(from, to).replace(/\r+$/, '');
    if (end < 0) return;
    from = end + 1;
  }
}
