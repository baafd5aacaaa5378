// The text that buildah and podman write into the history for an instruction (imagebuildah/stage_executor.go,
// getCreatedBy): the line as written, with `/bin/sh -c ` before it whatever the shell. Seen on 1.28.2. Only texts.
import type { Instruction } from '../dockerfile/model';
import { blankWords } from '../dockerfile/words';
import type { HistoryScope } from './historyText';
import type { TextPattern } from './textPattern';

const shell = '/bin/sh -c ';
const nop = `${shell}#(nop) `;

/** All forms that some version writes, blanks at the end left out. */
export function buildahTexts(instruction: Instruction, scope: HistoryScope): TextPattern[] {
  const { keyword, text, rest } = instruction;
  switch (keyword) {
    case 'RUN':
      return runTexts(instruction);
    case 'COPY':
    case 'ADD':
      return [
        [`${nop}${keyword} `, null, ` in ${destination(instruction)}`],
        // Labels taken away and the like follow behind a bar.
        [`${nop}${keyword} `, null, ` in ${destination(instruction)}`, null, '|', null],
      ];
    case 'ARG': {
      // The names of all ARGs so far, sorted.
      const names = [...new Set(scope.args().map(({ name }) => name))].sort();
      return [[`${nop}ARG ${names.join(' ')}`], [`${nop}ARG `, null]];
    }
    default:
      // Flags of the command line and annotations follow behind a bar.
      return [
        [nop + text],
        [`${nop}${keyword} ${rest}`],
        [nop + text, '|', null],
        [`${nop}${keyword} `, null, lastWord(rest)],
      ];
  }
}

/** Flags stay in; a bind mount adds `:` and a checksum in newer versions; documents follow, trimmed. */
function runTexts({ text, keyword, heredocs, rest }: Instruction): TextPattern[] {
  const command = text.slice(keyword.length).trim();
  const documents = heredocs.map(({ body }) => `\n${body}`).join('');
  const whole = `${command}${documents}`.trim();
  return [
    [shell + whole],
    [shell + whole, ':', null],
    ['|', null, ` ${shell}${whole}`],
    ['|', null, ` ${shell}${whole}:`, null],
    // Documents are joined in other ways by other versions: the command line must be there.
    ...(heredocs.length > 0 ? [[null, shell, null, rest.trim(), null]] : []),
  ];
}

function destination({ rest, json }: Instruction): string {
  return (json ?? blankWords(rest)).at(-1) ?? '';
}

function lastWord(rest: string): string {
  return blankWords(rest).at(-1) ?? '';
}
