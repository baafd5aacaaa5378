// The text that BuildKit writes into the history for an instruction (dockerfile2llb/convert.go and convert_copy.go, the
// dispatch functions), in all versions from 0.8 on. Only texts; RUN is not expanded, all others are.
import { readHeredoc } from '../dockerfile/heredoc';
import type { Instruction } from '../dockerfile/model';
import { isOn } from '../dockerfile/switches';
import { goQuoteList } from './goFormat';
import type { HistoryScope } from './historyText';
import type { TextPattern } from './textPattern';

type Parts = (string | null)[];

/** All forms that some version writes; empty for an instruction without an entry. */
export function buildkitTexts(instruction: Instruction, scope: HistoryScope): TextPattern[] {
  const { keyword, rest } = instruction;
  switch (keyword) {
    case 'RUN':
      return runTexts(instruction, scope);
    case 'COPY':
    case 'ADD':
      return copyTexts(instruction, scope);
    case 'WORKDIR':
      return [['WORKDIR ', ...scope.workdir]];
    case 'ENV':
    case 'LABEL':
      return [[`${keyword} `, ...joined(scope.words)]];
    case 'ARG':
      return argTexts(scope);
    case 'CMD':
    case 'ENTRYPOINT':
      return commandTexts(instruction, scope);
    case 'VOLUME':
      return [['VOLUME [', ...joined(scope.words), ']']];
    case 'SHELL':
      return [[`SHELL [${(instruction.json ?? []).join(' ')}]`]];
    case 'USER':
    case 'STOPSIGNAL':
      return [[`${keyword} `, ...joined(scope.words)]];
    case 'MAINTAINER':
      return [[`MAINTAINER ${rest}`], ['MAINTAINER ', null]];
    case 'EXPOSE':
      // A list since 0.25, before it a Go map in any order; ranges are spelt out.
      return [['EXPOSE ', null]];
    case 'HEALTHCHECK':
      // A Go struct whose fields differ from version to version.
      return [['HEALTHCHECK ', null]];
    default:
      return [];
  }
}

/** runCommandString: `|N A=1 B=2 ` of all ARGs so far, then the arguments joined by blanks. */
function runTexts(instruction: Instruction, scope: HistoryScope): TextPattern[] {
  const args = scope.args();
  const last = new Map(args.map((arg) => [arg.name, arg]));
  const prefixes = [argsPrefix([...last.values()])];
  // Up to 0.14: only those of this stage, a repeated one as often as it was declared [0.8].
  const own = args.filter(({ inStage }) => inStage);
  if (own.length < args.length) prefixes.push(argsPrefix(own));
  if (last.size < args.length) prefixes.push(argsPrefix(args));
  return prefixes.flatMap((prefix) =>
    argumentsOf(instruction, scope).map((text) => ['RUN ', ...prefix, ...text, ' # buildkit']),
  );
}

function argsPrefix(args: ReturnType<HistoryScope['args']>): Parts {
  if (args.length === 0) return [];
  return [`|${args.length} `, ...args.flatMap(({ name, value }) => [`${name}=`, ...(value ?? []), ' '])];
}

/** What dispatchRun hands on as arguments: the shell's text, neither trimmed nor expanded. */
function argumentsOf({ json, rest, heredocs }: Instruction, scope: HistoryScope): Parts[] {
  if (json) return [[json.join(' ')]];
  const [first] = heredocs;
  if (!first) return shellForms(rest, scope);
  const alone = readHeredoc(rest);
  if (alone === null || typeof alone === 'string') {
    const documents = heredocs.map(({ name }, at) => `\n${scope.rawBodies[at] ?? ''}${name}`);
    return shellForms(rest + documents.join(''), scope);
  }
  if (!first.body.startsWith('#!')) return shellForms(first.body, scope);
  // A lone document that names its interpreter is mounted there and run.
  const script = `/dev/pipes/${first.name}`;
  return [...shellForms(script, scope), [script]];
}

function shellForms(text: string, { shell }: HistoryScope): Parts[] {
  return shell ? [[`${shell.join(' ')} ${text}`]] : [[`/bin/sh -c ${text}`], [null, ` ${text}`]];
}

/** dispatchCopy: files before documents; older versions leave owner and mode out. */
function copyTexts(instruction: Instruction, scope: HistoryScope): TextPattern[] {
  const { keyword, heredocs } = instruction;
  const isDocument = (at: number) => heredocs.length > 0 && readHeredoc(scope.rawWords[at] ?? '') !== null;
  const operands: Parts = [
    ...scope.words.slice(0, -1).flatMap((word, at) => (isDocument(at) ? [] : [' ', ...word])),
    ...heredocs.map(({ name }) => ` <<${name}`),
    ' ',
    ...(scope.words.at(-1) ?? []),
    ' # buildkit',
  ];
  const owner = scope.flag('chown');
  const mode = scope.flag('chmod');
  const told: Parts = [
    ...(isOn(instruction, 'parents') ? [' --parents'] : []),
    ...(owner ? [' --chown=', ...owner] : []),
    ...(mode ? [' --chmod=', ...mode] : []),
  ];
  return told.length > 0
    ? [
        [keyword, ...told, ...operands],
        [keyword, ...operands],
      ]
    : [[keyword, ...operands]];
}

/** dispatchArg: the value that counts, passed or global too; up to 0.10 the default alone, as the classic builder does. */
function argTexts({ rawWords, open, ...scope }: HistoryScope): TextPattern[] {
  const args = scope.args();
  const parts = rawWords.map((word): { name: string; preset: TextPattern | null } => {
    const equals = word.indexOf('=');
    return equals < 0
      ? { name: word, preset: null }
      : { name: word.slice(0, equals), preset: open(word.slice(equals + 1)) };
  });
  const told = (name: string, value: TextPattern | null): Parts => (value ? [`${name}=`, ...value] : [name]);
  const current = (name: string) => args.findLast((arg) => arg.name === name)?.value ?? null;
  return [
    ['ARG ', ...joined(parts.map(({ name }) => told(name, current(name))))],
    ['ARG ', ...joined(parts.map(({ name, preset }) => told(name, preset)))],
    ['ARG ', ...joined(parts.map(({ name }) => [name, null]))],
  ];
}

/** `%q` of the arguments; in shell form with the shell before them. */
function commandTexts({ keyword, rest, json }: Instruction, { shell }: HistoryScope): TextPattern[] {
  if (json) return [[`${keyword} ${goQuoteList(json)}`]];
  if (shell) return [[`${keyword} ${goQuoteList([...shell, rest])}`]];
  const text = goQuoteList([rest]).slice(1);
  return [[`${keyword} ["/bin/sh" "-c" ${text}`], [`${keyword} [`, null, ` ${text}`]];
}

/** Patterns with a blank between each two. */
export function joined(patterns: readonly TextPattern[]): Parts {
  return patterns.flatMap((pattern, at) => (at === 0 ? pattern : [' ', ...pattern]));
}
