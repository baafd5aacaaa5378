// The text that the classic builder writes into the history for an instruction (moby daemon/builder/dockerfile,
// dispatchers.go and internals.go; image.NewChildImage joins the container's command with blanks). Only texts.
import type { Instruction } from '../dockerfile/model';
import { buildkitTexts, joined } from './historyBuildkit';
import type { HistoryScope } from './historyText';
import type { TextPattern } from './textPattern';

type Parts = (string | null)[];

/** All forms that some version writes. */
export function classicTexts(instruction: Instruction, scope: HistoryScope): TextPattern[] {
  const { keyword, rest } = instruction;
  switch (keyword) {
    case 'RUN':
      return runTexts(instruction, scope);
    case 'COPY':
    case 'ADD':
      return nop(scope, ' ', copyText(instruction, scope));
    case 'WORKDIR':
      return nop(scope, ' ', ['WORKDIR ', ...scope.workdir]);
    case 'ENV':
    case 'LABEL':
      return nop(scope, '  ', [`${keyword} `, ...joined(scope.words)]);
    case 'EXPOSE':
      return nop(scope, '  ', ['EXPOSE ', ...joined(scope.words)]);
    case 'MAINTAINER':
      return nop(scope, '  ', ['MAINTAINER ', ...joined(scope.words)]);
    case 'ONBUILD':
      return nop(scope, '  ', [`ONBUILD ${rest}`]);
    case 'HEALTHCHECK':
      return nop(scope, '  ', ['HEALTHCHECK ', null]);
    default:
      // ARG, CMD, ENTRYPOINT, USER, VOLUME, STOPSIGNAL, SHELL: the texts that BuildKit took over.
      return buildkitTexts(instruction, scope).flatMap((text) => nop(scope, '  ', text));
  }
}

/**
 * `/bin/sh -c #(nop)  ENV A=1`: two blanks where the comment is a word of its own (withCmdComment), one for WORKDIR,
 * COPY and ADD (withCmdCommentString).
 */
function nop({ shell }: HistoryScope, blanks: string, text: TextPattern): TextPattern[] {
  const comment: Parts = [`#(nop)${blanks}`, ...text];
  return shell
    ? [[`${shell.join(' ')} `, ...comment]]
    : [
        ['/bin/sh -c ', ...comment],
        [null, ' ', ...comment],
      ];
}

/** `COPY [--chown=x ]file:<hash> in /dest `; up to 20.10 without the blank after the owner (performCopy). */
function copyText({ keyword }: Instruction, scope: HistoryScope): Parts {
  const owner = scope.flag('chown');
  return [
    keyword,
    ...(owner ? [' --chown=', ...owner] : [' ']),
    null,
    ' in ',
    ...(scope.words.at(-1) ?? []),
    ' ',
  ];
}

/** prependEnvOnCmd: `|N `, then the ARGs of this stage that have a value and are no ENV, sorted. */
function runTexts({ rest, json }: Instruction, scope: HistoryScope): TextPattern[] {
  const text = json ? json.join(' ') : rest;
  const shell: Parts = json ? [] : scope.shell ? [`${scope.shell.join(' ')} `] : ['/bin/sh -c '];
  const last = new Map(
    scope
      .args()
      .filter(({ inStage }) => inStage)
      .map((arg) => [arg.name, arg]),
  );
  const values: string[] = [];
  let isKnown = true;
  for (const { name, value } of last.values()) {
    const isEnv = scope.isEnv(name);
    if (value === null || isEnv === true) continue;
    if (isEnv === null || value.includes(null)) isKnown = false;
    values.push(`${name}=${value.join('')}`);
  }
  const texts: TextPattern[] = [];
  if (isKnown) {
    const prefix =
      values.length > 0 ? [`|${values.length} `, ...values.sort().map((value) => `${value} `)] : [];
    texts.push([...prefix, ...shell, text]);
  }
  // Proxy arguments need no ARG, and a base's ENV and shell are not in the text.
  texts.push(['|', null, ' ', ...shell, text]);
  if (!isKnown) texts.push([...shell, text]);
  if (!json && !scope.shell) texts.push([null, ` ${text}`]);
  return texts;
}
