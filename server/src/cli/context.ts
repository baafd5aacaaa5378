// `strata context`: the files that a build sees after its ignore file, largest first, and with --line what that COPY or
// ADD takes of them. It reads the folder and starts no builder.
import path from 'node:path';
import { type ArchiveFinding, archiveBytes } from '../context/archive';
import { type Bloat, bloatOf } from '../context/bloat';
import type { ContextRules } from '../context/ignoreFile';
import type { ContextEntry, ContextSnapshot, Taken } from '../context/model';
import { walkContext } from '../context/walk';
import type { Instruction } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { takeOf } from '../forecast/takes';
import { StrataError } from '../primitives/errors';
import {
  commonOptions,
  dockerfileOptions,
  parseWords,
  readChoice,
  readDockerfile,
  readFormat,
  readNumber,
  usage,
} from './args';
import type { Cli } from './cli';
import { contextText } from './contextText';
import { json } from './openMeasured';

/** What is told, in both formats. */
export interface ContextReport {
  dockerfile: string;
  snapshot: ContextSnapshot;
  /** Regular files and what is no folder, largest first. */
  entries: readonly ContextEntry[];
  bloat: readonly Bloat[];
  /** With --line. */
  taken: { line: number; text: string; bytes: number | null; why: string | null } | null;
}

const textRows = 30;
/** Of an ADD: more archives than one line names are not looked into. */
const mostArchives = 100;

export async function contextCommand(cli: Cli, args: string[]): Promise<number> {
  const { image: _, ...choiceOptions } = dockerfileOptions;
  const options = {
    ...commonOptions,
    ...choiceOptions,
    builder: { type: 'string' },
    line: { type: 'string' },
    top: { type: 'string' },
  } as const;
  const { values, positionals } = parseWords('context', args, options, 1);
  const format = readFormat('context', values.format, ['text', 'json']);
  const rules = rulesOf(cli, values.builder);
  const top = values.top === undefined ? textRows : readNumber('context', '--top', values.top);
  const file = await readDockerfile(cli, positionals[0]);
  const dockerfile = parseDockerfile(file.text);
  const instruction = values.line === undefined ? null : instructionAt(dockerfile.instructions, values.line);
  const root = path.resolve(cli.workingDirectory, values.context ?? path.dirname(file.path));
  if (!(await cli.host.files.readFolder(root))) {
    throw new StrataError(
      'not-found',
      `There is no folder ${root}.`,
      'Name the build context: --context DIR',
    );
  }
  const { signal } = cli;
  const snapshot = await walkContext(cli.host, { root, dockerfile: file.path, rules, signal });
  const taking = async (found: Instruction): Promise<Taken> => {
    const choice = readChoice(cli, 'context', values);
    const plain = takeOf(dockerfile, found, choice, snapshot);
    if (found.keyword !== 'ADD') return plain;
    return takeOf(dockerfile, found, choice, snapshot, await archivesOf(cli, root, plain));
  };
  const taken = instruction && (await taking(instruction));
  const seen = taken ? taken.entries.map(({ entry }) => entry) : snapshot.entries;
  const report: ContextReport = {
    dockerfile: file.shown,
    snapshot,
    entries: seen
      .filter(({ type }) => type !== 'directory')
      .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1)),
    bloat: taken ? [] : bloatOf(snapshot),
    taken:
      taken && instruction
        ? { line: instruction.line, text: instruction.text, bytes: taken.bytes, why: taken.why }
        : null,
  };
  cli.out(format === 'json' ? json(contextJson(report)) : contextText(report, top, cli.workingDirectory));
  return 0;
}

/** Without --builder BuildKit, which docker and buildx are; DOCKER_BUILDKIT=0 makes docker the classic builder. */
function rulesOf(cli: Cli, builder: string | undefined): ContextRules {
  const rules: Record<string, ContextRules> = {
    buildx: 'buildkit',
    docker: cli.host.environment.DOCKER_BUILDKIT === '0' ? 'classic' : 'buildkit',
    podman: 'buildah',
    buildah: 'buildah',
  };
  if (builder === undefined) return 'buildkit';
  if (Object.hasOwn(rules, builder)) return rules[builder]!;
  throw usage('context', `--builder is one of ${Object.keys(rules).join(', ')}, not '${builder}'`);
}

function instructionAt(instructions: readonly Instruction[], given: string): Instruction {
  const line = readNumber('context', '--line', given);
  const found = instructions.find((one) => one.line <= line && line <= one.endLine);
  if (found?.keyword === 'COPY' || found?.keyword === 'ADD') return found;
  throw usage('context', `there is no COPY or ADD in line ${line}`);
}

async function archivesOf(cli: Cli, root: string, taken: Taken): Promise<Map<string, ArchiveFinding>> {
  const found = new Map<string, ArchiveFinding>();
  for (const { entry } of taken.entries) {
    if (entry.type !== 'file' || entry.arrivesEmpty || found.size >= mostArchives) continue;
    found.set(entry.path, await archiveBytes(cli.host, path.join(root, entry.path), cli.signal));
  }
  return found;
}

function contextJson({ dockerfile, snapshot, entries, bloat, taken }: ContextReport) {
  return {
    schema: 1,
    dockerfile,
    context: snapshot.root,
    ignoreFile: snapshot.ignoreFile,
    line: taken?.line ?? null,
    files: entries.length,
    bytes: taken ? taken.bytes : entries.reduce((sum, { size }) => sum + size, 0),
    why: taken?.why ?? null,
    entries: entries.map(({ path, type, size }) => ({ path, type, bytes: size })),
    ignored: snapshot.ignored,
    bloat,
    complete: snapshot.complete,
    problems: snapshot.problems,
  };
}
