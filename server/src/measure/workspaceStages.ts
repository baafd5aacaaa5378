// The Dockerfiles of a workspace with what their stages have in common: reads their texts, the last build's choice of each,
// what lines take from the context where that decides, and sizes that recorded builds measured. Builds nothing.
import path from 'node:path';
import { type RecordStore, recordsOf } from '../build/records';
import { type BuildChoice, type Dockerfile, defaultChoice } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { readArguments } from '../forecast/builderArguments';
import type { KnownContent } from '../forecast/cacheGraph';
import { type SharingHint, sharingHints } from '../forecast/sharingHints';
import { createKeys, type SharingFile, type StageChain, stageChains } from '../forecast/stageChains';
import { allGroups, type StageSharing, stageSharing } from '../forecast/stageSharing';
import { sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { recordedContext } from './buildPlan';
import { findDockerfiles } from './findDockerfiles';
import { measuredSteps, type StepSize } from './measuredSteps';
import { sharedContents } from './sharedContents';

export interface WorkspaceFile {
  /** Absolute. */
  path: string;
  dockerfile: Dockerfile;
  /** Of the last recorded build; without a target. */
  choice: BuildChoice;
  /** Absolute folder. */
  context: string;
  /** Words that the last build gave to its builder. */
  extraArguments: readonly string[];
}

export interface WorkspaceStages {
  files: WorkspaceFile[];
  /** `file` counts in `files`. */
  chains: StageChain[];
  sharing: StageSharing;
  hints: SharingHint[];
  /** By the key of a step or of a base; what was never measured is not there. */
  sizes: ReadonlyMap<number, StepSize>;
  /** False where a bound was reached: there is more than is told. */
  complete: boolean;
}

export interface WorkspaceAsked {
  /** Absolute folders. */
  folders: readonly string[];
  /** Null: no records but those that travel with projects. */
  records: RecordStore | null;
  /** Texts that are not saved yet, by path. */
  texts?: ReadonlyMap<string, string>;
  signal?: AbortSignal;
}

/** Characters of all texts together. */
const mostText = 8 * 1024 * 1024;

/** @throws StrataError 'cancelled' */
export async function workspaceStages(host: Host, asked: WorkspaceAsked): Promise<WorkspaceStages> {
  const { folders, records: store, texts = new Map(), signal } = asked;
  const found = await findDockerfiles(host, folders, signal);
  const files: WorkspaceFile[] = [];
  const keys = createKeys();
  const builds = [];
  let left = mostText;
  for (const file of found.paths) {
    if (signal?.aborted) throw new StrataError('cancelled', 'Looking at Dockerfiles was cancelled.');
    const text = texts.get(file) ?? (await host.files.readText(file).catch(() => null)) ?? '';
    left -= text.length;
    if (left < 0) break;
    const dockerfile = parseDockerfile(text);
    if (dockerfile.stages.length === 0) continue;
    const records = await recordsOf(host.files, store, file);
    const last = records[0];
    files.push({
      path: file,
      dockerfile,
      choice: last ? { ...last.choice, target: null } : defaultChoice,
      context: path.resolve(recordedContext(file, last)),
      extraArguments: last?.cache?.extraArguments ?? [],
    });
    const built = records.find(({ image, outcome }) => image !== null && outcome === 'built');
    if (built) builds.push({ file, record: built });
  }
  // What files decide matters only where the texts would go together.
  const alike = stageSharing(stageChains(files.map((one) => sharingFile(one, anyContent))).chains);
  const contents = await sharedContents(host, files, linesOf(alike), signal);
  const { chains, complete } = stageChains(
    files.map((one, at) => sharingFile(one, (line) => contents[at]!.get(line) ?? null)),
    keys,
  );
  return {
    files,
    chains,
    sharing: stageSharing(chains),
    hints: sharingHints(chains),
    sizes: measuredSteps(builds, keys),
    complete: complete && found.complete && left >= 0,
  };
}

const anyKey: KnownContent = { key: sha256(''), parts: null };
const anyContent = () => anyKey;

function sharingFile(
  { path: name, dockerfile, choice, context, extraArguments }: WorkspaceFile,
  contentOf: SharingFile['contentOf'],
): SharingFile {
  return { name, dockerfile, choice, context, contentOf, named: readArguments(extraArguments).folders };
}

/** Lines where two Dockerfiles, or two lines of one, would go together: by file. */
function linesOf({ groups }: StageSharing): Map<number, Set<number>> {
  const lines = new Map<number, Set<number>>();
  for (const { steps } of allGroups(groups)) {
    for (const { places } of steps) {
      if (places.length < 2) continue;
      for (const { file, instruction } of places) {
        lines.set(file, (lines.get(file) ?? new Set()).add(instruction));
      }
    }
  }
  return lines;
}
