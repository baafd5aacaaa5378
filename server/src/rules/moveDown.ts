// How far down a line can go that often makes others run again: a COPY below installs of packages by name, which read
// nothing of the context; an ARG to the first line that names it. For review, since no text tells all that a program
// reads; where already the text speaks against it, there is no fix.
import { lineEndAt } from '../dockerfile/edit';
import type { Dockerfile, Instruction } from '../dockerfile/model';
import { workdirs } from '../forecast/workdir';
import { removeInstruction } from './appendCommand';
import { readRun } from './mergeReading';
import type { PastMisses } from './pastFacts';
import type { Fix, RuleContext } from './rule';
import { shellOf } from './runShell';

/** Null where nothing below can stand above the line instead. */
export function moveDownFix(context: RuleContext, line: Instruction, below: PastMisses['below']): Fix | null {
  const { dockerfile } = context;
  const last = line.keyword === 'ARG' ? lastWithout(dockerfile, line) : lastInstall(context, line);
  const passed = below.filter(({ instruction }) => instruction <= (last?.index ?? -1));
  if (!last || passed.length === 0 || !standsAlone(dockerfile, line) || !standsAlone(dockerfile, last))
    return null;
  const { text } = dockerfile;
  const moved = `${lineEndAt(text, last.end)}${text.slice(line.start, line.end)}`;
  return {
    title: `Move it below line ${last.line}, which then need not run again`,
    effect: 'review',
    edits: [removeInstruction(dockerfile, line), { start: last.end, end: last.end, text: moved }],
    isPreferred: true,
    note:
      line.keyword === 'ARG'
        ? `No line between may read ${nameOf(line)} from its environment.`
        : 'No line between may need what it copies.',
  };
}

/** Its lines are its own, and no comment stands right above that speaks of it. */
function standsAlone({ text, lineStarts }: Dockerfile, { line, start, end }: Instruction): boolean {
  if (text.slice(lineStarts[line - 1], start).trim() !== '') return false;
  if (/[^ \t\r\n]/.test(text.slice(end, lineStarts[line] ?? text.length).split('\n')[0]!)) return false;
  const above = line < 2 ? '' : text.slice(lineStarts[line - 2], lineStarts[line - 1]);
  return !/^\s*#/.test(above);
}

/** Instructions that a COPY or an ARG may be moved across without a thought: they only change the configuration. */
const idle = new Set(['LABEL', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD', 'ENTRYPOINT', 'MAINTAINER']);

function stageBelow({ instructions, stages }: Dockerfile, { stage, index }: Instruction): Instruction[] {
  const own = stage === null ? undefined : stages[stage];
  return (own?.instructions ?? []).filter((one) => one > index).map((one) => instructions[one]!);
}

/** The last RUN of those right below an ARG that do not name it. */
function lastWithout(dockerfile: Dockerfile, argument: Instruction): Instruction | null {
  const name = nameOf(argument);
  if (name === null) return null;
  const names = new RegExp(`(?<!\\w)${name}(?!\\w)|\\b(?:env|printenv|export -p|declare|set)\\b`);
  const lines = stageBelow(dockerfile, argument);
  const first = lines.findIndex((line) => names.test(wordsOf(dockerfile, line)));
  // One that nobody names may be for a program's environment.
  return first < 0 ? null : (lines.slice(0, first).findLast(({ keyword }) => keyword === 'RUN') ?? null);
}

/** The one name that an ARG declares; null for several. */
function nameOf({ rest }: Instruction): string | null {
  return /^([A-Za-z_]\w*)(?:=\S*)?$/.exec(rest)?.[1] ?? null;
}

function wordsOf({ text }: Dockerfile, { start, end }: Instruction): string {
  return text.slice(start, end);
}

/** The last RUN right below a COPY that installs packages by name and does nothing else. */
function lastInstall(context: RuleContext, copy: Instruction): Instruction | null {
  const { dockerfile } = context;
  if (!goesNowhereElse(context, copy)) return null;
  let last: Instruction | null = null;
  for (const line of stageBelow(dockerfile, copy)) {
    if (isInstall(context, line)) last = line;
    else if (!idle.has(line.keyword)) break;
  }
  return last;
}

/** Folders of the system, from which programs read as they please. */
const systemFolder =
  /^\/(?:$|(?:bin|boot|dev|etc|lib\w*|proc|root|run|sbin|sys|tmp|usr(?!\/src\/)|var(?!\/www\/))(?:\/|$))/;

/** Whether a COPY or ADD of context files writes below a folder of the project's own, for certain. */
function goesNowhereElse({ dockerfile, choice }: RuleContext, copy: Instruction): boolean {
  const { keyword, words, heredocs, json, flags, index } = copy;
  if ((keyword !== 'COPY' && keyword !== 'ADD') || heredocs.length > 0 || json !== null) return false;
  const target = words.at(-1);
  if (target === undefined || words.length < 2 || !words.every((word) => /^[\w./@+*-]+$/.test(word)))
    return false;
  if (flags.some(({ name }) => !/^(?:chown|chmod|link|exclude|parents)$/.test(name))) return false;
  if (/(?:^|\/)\.\.(?:\/|$)/.test(target)) return false;
  if (target.startsWith('/')) return !systemFolder.test(target);
  const stage = dockerfile.stages[copy.stage ?? -1];
  const workdir = stage?.instructions.findLast(
    (one) => one < index && dockerfile.instructions[one]!.keyword === 'WORKDIR',
  );
  const place = workdir === undefined ? undefined : workdirs(dockerfile, choice)[workdir]?.place;
  return place?.known === true && !systemFolder.test(place.path);
}

/** Programs that install packages by name, and their words that do. */
const installers: Record<string, ReadonlySet<string>> = {
  'apt-get': new Set(['install', 'update', 'upgrade', 'dist-upgrade', 'clean', 'autoremove']),
  apt: new Set(['install', 'update', 'upgrade', 'clean', 'autoremove']),
  apk: new Set(['add', 'update', 'upgrade', 'del']),
  dnf: new Set(['install', 'update', 'upgrade', 'makecache', 'clean']),
  microdnf: new Set(['install', 'update', 'upgrade', 'makecache', 'clean']),
  yum: new Set(['install', 'update', 'upgrade', 'makecache', 'clean']),
  zypper: new Set(['install', 'in', 'refresh', 'update', 'clean']),
};
/** A package, maybe with a version: neither a file nor a pattern. */
const packageName = /^[\w][\w+.:=~@<>^-]*$/;
/** What an install empties behind itself. */
const emptied = /^-[rf]+$|^\/var\/(?:lib\/apt|cache)\//;
/** Switches that name no file. */
const plainSwitch =
  /^-(?:y|q|qq|qy|yq|yqq|n)$|^--(?:yes|assume-yes|quiet|no-install-recommends|no-cache|update|upgrade|virtual|non-interactive|nodocs|best|allowerasing|setopt=[\w=.]+)$/;

function isInstall({ dockerfile, shell = null }: RuleContext, run: Instruction): boolean {
  if (run.keyword !== 'RUN' || run.json !== null || run.heredocs.length > 0) return false;
  if (run.flags.some(({ name, value }) => name !== 'mount' || !/\btype=cache\b/.test(value ?? '')))
    return false;
  if (!shellOf(dockerfile, run).joins || !shell || /[<>]/.test(run.rest)) return false;
  const { facts } = readRun(dockerfile, run, shell);
  return facts.refusal === null && facts.calls.length > 0 && facts.calls.every(isInstallCall);
}

function isInstallCall({ name, words }: { name: string | null; words: (string | null)[] }): boolean {
  if (name === 'rm') return words.every((word) => word !== null && emptied.test(word));
  const verbs = name !== null && Object.hasOwn(installers, name) ? installers[name]! : null;
  const plain = words.filter((word) => word === null || !plainSwitch.test(word));
  const [verb, ...packages] = plain;
  if (!verbs || verb == null || !verbs.has(verb)) return false;
  return packages.every(
    (word) => word !== null && packageName.test(word) && !/\.(?:deb|rpm|apk)$/.test(word),
  );
}
