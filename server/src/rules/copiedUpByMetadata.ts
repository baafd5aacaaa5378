// A chmod or chown in a later RUN stores each file whole again (overlay copies a file up for any change to it). Told at
// the line that changes them, for there the bytes are spent; files of the base image count too. Where the files came by
// a COPY of exactly that path, the COPY can set mode or owner itself.
import type { Instruction } from '../dockerfile/model';
import type { HiddenBytes } from '../image/model';
import { formatBytes } from '../primitives/bytes';
import { addFlag, isShellRun, removeInstruction } from './appendCommand';
import {
  findingAt,
  groupByLine,
  linesText,
  type MeasuredContext,
  measuredContext,
  pathText,
  relatedAt,
} from './measured';
import type { Finding, Fix, Rule } from './rule';

export const copiedUpByMetadata: Rule = {
  name: 'CopiedUpByMetadata',
  severity: 'warning',
  summary: 'Files whose mode or owner a later RUN changes are stored whole once more.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    const byLine = groupByLine(measured.image.hidden, ({ how, writtenBy, hiddenBy }) => {
      const hider = measured.lineOf(hiddenBy);
      if (how !== 'copied-up' || !hider || !changesMetadata(hider)) return null;
      const writer = measured.lineOf(writtenBy);
      return (writer ? writer.index < hider.index : measured.isBase(writtenBy)) ? hider : null;
    });
    return byLine.flatMap(([hider, hidden]) => findingOf(measured, hider, hidden));
  },
};

const commands = /\b(chmod|chown|chgrp|setcap|setfacl)\b/;

/** Whether a line is a RUN that names a command which changes modes or owners. */
export function changesMetadata({ keyword, rest, heredocs }: Instruction): boolean {
  return keyword === 'RUN' && (commands.test(rest) || heredocs.some(({ body }) => commands.test(body)));
}

function findingOf(context: MeasuredContext, hider: Instruction, hidden: readonly HiddenBytes[]): Finding[] {
  const bytes = hidden.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes < context.leastBytes) return [];
  const writers = hidden.flatMap(({ writtenBy }) => context.lineOf(writtenBy) ?? []);
  const hasBase = hidden.some(({ writtenBy }) => context.isBase(writtenBy));
  const of = [writers.length > 0 ? linesText(writers) : null, hasBase ? 'the base image' : null];
  const word = hider.rest.match(commands)?.[1];
  return [
    findingAt(copiedUpByMetadata, hider, {
      message: `${formatBytes(bytes)} of ${of.filter(Boolean).join(' and ')} are stored again here by ${word ?? 'chmod or chown'}`,
      bytes,
      fixes: hidden.length === 1 ? copyFix(context, hider, hidden[0]!) : [],
      related: hidden.slice(0, 10).flatMap(({ writtenBy, bytes: part, places }) => {
        const writer = context.lineOf(writtenBy);
        const where = places[0] ? `, ${pathText(places[0].path)}` : '';
        return writer ? [relatedAt(writer, `wrote ${formatBytes(part)} of it${where}`)] : [];
      }),
    }),
  ];
}

/** `chmod 755 /app/x`, `chown -R 1000:1000 /app`. Numbers of three digits set no special bits. */
const exactly =
  /^(?:chmod\s+(?<recursive>-R\s+)?(?<mode>0?[0-7]{3})|chown\s+(?<recursiveOwner>-R\s+)?(?<owner>[\w.-]+:[\w.-]+))\s+(?<path>\/[\w./+@-]*[\w+@-])\/?$/;

/** The COPY right above sets it, and the RUN goes. */
function copyFix(
  { dockerfile, image, lineOf, rules }: MeasuredContext,
  run: Instruction,
  hidden: HiddenBytes,
): Fix[] {
  const copy = lineOf(hidden.writtenBy);
  const parts = exactly.exec(run.rest)?.groups;
  if (!copy || !parts || run.flags.length > 0 || !isShellRun(dockerfile, run)) return [];
  // What stands between may need the old mode, or make the user that owns.
  if (!/^(?:COPY|ADD)$/.test(copy.keyword) || copy.index !== run.index - 1 || copy.stage !== run.stage)
    return [];
  const flag = parts.mode ? 'chmod' : 'chown';
  const clashes = copy.flags.some(({ name }) => name === flag || name === 'link' || name === 'parents');
  if (clashes || (flag === 'chmod' && rules === 'classic')) return [];
  const path = parts.path!;
  const isOneFile = hidden.files === 1 && hidden.places[0]?.path === path.slice(1);
  const isDestination = isOneFile || copy.words.at(-1)?.replace(/(?<=.)\/$/, '') === path;
  const edit = addFlag(dockerfile, copy, `--${flag}=${parts.mode ?? parts.owner}`);
  if (!isDestination || !edit) return [];
  // Linux takes setuid and setgid off a file that is given another owner (chown(2)); a COPY does not.
  const isSame =
    isOneFile &&
    !hidden.special &&
    isOneChange(image, hidden.writtenBy) &&
    isOneChange(image, hidden.hiddenBy);
  const fix: Fix = {
    title: `Set it by ${copy.keyword} --${flag}: saves ${formatBytes(hidden.bytes)}`,
    effect: isSame ? 'same-result' : 'review',
    edits: [edit, removeInstruction(dockerfile, run)],
    isPreferred: isSame,
    saves: hidden.bytes,
  };
  return [isSame ? fix : { ...fix, note: noteOf(copy, flag, path) }];
}

/** BuildKit gives directories that a COPY makes for its destination the same mode and owner (tried with v0.34.2). */
function noteOf({ keyword }: Instruction, flag: string, path: string): string {
  return `${keyword} --${flag} is for all that it brings and for the directories that it makes; what was in ${path} before keeps its own, and whatever else the RUN left goes with it.`;
}

/** Whether one file is all that a layer changed: no directory was made for it, nothing came along. */
function isOneChange({ layers }: MeasuredContext['image'], index: number): boolean {
  const { added, modified, removed } = layers[index] ?? {};
  return added != null && modified != null && added + modified === 1 && removed === 0;
}
