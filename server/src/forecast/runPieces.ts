// What of a RUN's own text is in BuildKit's cache key (dockerfile2llb/convert.go, dispatchRun; solver/llbsolver/ops/
// exec.go, CacheMap): the argument list, the mounts, network and security. Files that mounts bring in are stepInputs.ts.
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { mountOptions } from '../dockerfile/mount';
import type { StepOp } from './cacheGraph';
import { expandFlag } from './flagText';
import type { LineState } from './stageStates';
import { type Told, told } from './told';

export interface Pieces {
  pieces: StepOp['pieces'];
  /** Why nothing certain can be said; null most often. */
  unknown: string | null;
}

export function runPieces(
  dockerfile: Dockerfile,
  instruction: Instruction,
  state: LineState,
  choice: BuildChoice,
): Pieces {
  const { json, flags } = instruction;
  // The argument list is the shell and the text, or the strings of the JSON form: either is a beginning and a last word.
  const command = json ? (json.at(-1) ?? '') : shellText(dockerfile, instruction);
  const shell = json ? told(JSON.stringify(json.slice(0, -1))) : state.shell;
  const flag = (name: string, usual: string) => {
    const found = flags.findLast((one) => one.name === name)?.value ?? '';
    return told(found.toLowerCase() === usual ? '' : found);
  };
  const mounts = mountPieces(dockerfile, instruction, state, choice);
  return {
    pieces: [
      ['command', told(command)],
      ['shell', shell],
      ['directory', state.directory],
      ['user', state.user],
      ['platform', state.platform],
      ['--network', flag('network', 'default')],
      ['--security', flag('security', 'sandbox')],
      ['--device', told(flags.flatMap(({ name, value }) => (name === 'device' ? [value] : [])).join('\n'))],
      ['--mount', mounts.where],
      ['options of --mount', mounts.options],
    ],
    unknown: mounts.unknown,
  };
}

/** The text that the shell gets: documents count byte for byte, comments in them included. */
function shellText(dockerfile: Dockerfile, { rest, heredocs }: Instruction): string {
  const [only, another] = heredocs;
  if (!only) return rest;
  const isAlone = !another && /^\d*<<-?\s*\S+$/.test(rest.trim());
  if (isAlone) {
    // A script is written to a file of the document's name, and run from there.
    return only.body.startsWith('#!') ? `\0${only.name}\n${only.body}` : only.body;
  }
  const { text, lineStarts } = dockerfile;
  return [
    rest,
    ...heredocs.map(({ line, endLine }) => text.slice(lineStarts[line - 1], lineStarts[endLine])),
  ].join('\n');
}

const usualNames: Record<string, string> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
};

/** Types and targets are compared as they are; options can say the same in several ways, so that a change stays open. */
function mountPieces(
  dockerfile: Dockerfile,
  instruction: Instruction,
  state: LineState,
  choice: BuildChoice,
): { where: Told; options: Told; unknown: string | null } {
  const where: unknown[] = [];
  const others: unknown[] = [];
  let certain = true;
  let unknown: string | null = null;
  for (const { name, value } of instruction.flags) {
    const options = name === 'mount' && value !== null ? mountOptions(value) : null;
    if (!options) continue;
    const read = new Map<string, string | null>();
    for (const [key, text] of options) {
      const expanded = text === null ? null : expandFlag(dockerfile, instruction, text, choice);
      if (expanded && !expanded.certain) certain = false;
      read.set(usualNames[key] ?? key, expanded?.text ?? null);
    }
    const type = (read.get('type') ?? 'bind').toLowerCase();
    let target = read.get('target') ?? '';
    if (!target.startsWith('/')) {
      if (!state.directory.certain) certain = false;
      target = `${state.directory.text}/${target}`;
    }
    // A secret or an ssh socket without a target has one after its id.
    if (!read.has('target') && (type === 'secret' || type === 'ssh')) target = `id ${read.get('id') ?? ''}`;
    where.push([type, target]);
    if (type !== 'bind' && read.get('from'))
      unknown = `a ${type} mount starts from files of another stage or image`;
    for (const key of ['type', 'target', 'from', 'source']) read.delete(key);
    others.push([...read].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return {
    where: told(JSON.stringify(where), certain),
    options: told(JSON.stringify(others), false),
    unknown,
  };
}
