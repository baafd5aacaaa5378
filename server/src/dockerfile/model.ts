// What a Dockerfile is after parsing, as BuildKit's parser sees it (frontend/dockerfile/parser/parser.go).
// Plain data; positions are UTF-16 offsets into the text and 1-based line numbers.

export interface Problem {
  /** 1-based; null when it concerns the whole file. */
  line: number | null;
  message: string;
}

export interface Flag {
  /** Without the dashes: `mount`, `from`, `chown`. */
  name: string;
  /** Null for a bare flag such as `--link`. Quotes processed as BuildKit does; variables not expanded. */
  value: string | null;
  /** As written, dashes included. */
  raw: string;
}

export interface Heredoc {
  name: string;
  /** False when the terminator was quoted: no variables inside. */
  expand: boolean;
  /** `<<-`: leading tabs are dropped. */
  chomp: boolean;
  fileDescriptor: number;
  /** The body with its line ends, tabs dropped when `chomp`. */
  body: string;
  /** 1-based first line of the body and line of the terminator (the last line of the file if it is missing). */
  line: number;
  endLine: number;
  terminated: boolean;
}

export interface Instruction {
  /** Position in the file, 0-based: the identity of an instruction within one parse. */
  index: number;
  /** Upper case. `MAINTAINER` and unknown words included. */
  keyword: string;
  /** False when BuildKit would reject the keyword. */
  known: boolean;
  /** First and last line, 1-based, inclusive; heredoc terminators belong to it. */
  line: number;
  endLine: number;
  /** Offsets: start of the keyword, end of the keyword, start of `rest`, end of the last line (line end excluded). */
  start: number;
  keywordEnd: number;
  restStart: number;
  end: number;
  /**
   * The logical line as BuildKit joins it: continuations removed, comment and blank lines within dropped, blanks at
   * the start of continuation lines kept, trimmed at both ends. Keyword included, heredoc bodies not.
   */
  text: string;
  /** `text` after the keyword and the leading flags, trimmed at the left. */
  rest: string;
  flags: Flag[];
  /** The strings of the JSON (exec) form; null in any other form. */
  json: string[] | null;
  /** Words after the flags (quotes processed, variables not expanded; JSON strings if json). Sources then destination for ADD and COPY. For RUN, CMD and others in shell form: empty. */
  words: string[];
  heredocs: Heredoc[];
  /** Null before the first FROM. */
  stage: number | null;
  /** What an ONBUILD declares; null for all others. */
  trigger: Instruction | null;
  /** True if comment or blank lines stand between its continuation lines. */
  hasInnerComments: boolean;
}

export type StageBase =
  | { kind: 'scratch' }
  | { kind: 'stage'; stage: number }
  | { kind: 'image'; reference: string }
  /** A variable without a value, or no text at all. */
  | { kind: 'unknown'; text: string; why: string };

export interface Stage {
  index: number;
  /** Lower case, null when it has none. */
  name: string | null;
  /** Index of its FROM in `Dockerfile.instructions`. */
  from: number;
  base: StageBase;
  /** As given by `--platform`, expanded as far as known. */
  platform: string | null;
  /** Indexes of its instructions, FROM excluded. */
  instructions: number[];
  line: number;
  endLine: number;
}

export interface Directive {
  name: string;
  value: string;
  line: number;
}

export interface Dockerfile {
  text: string;
  /** Offset of the start of each line; `lineStarts[0]` is 0 (a byte order mark is part of line 1). */
  lineStarts: number[];
  directives: Directive[];
  escape: '\\' | '`';
  instructions: Instruction[];
  stages: Stage[];
  problems: Problem[];
}

/** Replaces [start, end) of the text. Edits of one fix never overlap. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** What a person chooses for a build and what variables and stages depend on. */
export interface BuildChoice {
  /** Stage name or index text; null: the last stage. */
  target: string | null;
  /** `linux/amd64`; null: the builder's own. */
  platform: string | null;
  buildArgs: Readonly<Record<string, string>>;
}

export const defaultChoice: BuildChoice = { target: null, platform: null, buildArgs: {} };
