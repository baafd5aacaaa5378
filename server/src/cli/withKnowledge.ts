// What is known of a Dockerfile's builds, for the commands that look at one: the image that the person named, the last
// recorded build of the same choice, or nothing.
import path from 'node:path';
import { type Knowledge, knowledgeOfRecord, nothingKnown } from '../analysis/knowledge';
import type { BuildRecord } from '../build/model';
import { isSamePlatform, platformOf } from '../build/platforms';
import { recordsOf } from '../build/records';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import type { IndexStore } from '../layers/store';
import { recordedContext } from '../measure/buildPlan';
import { importedKnowledge } from './analyzeImported';
import { type ChoiceFlags, readChoice } from './args';
import type { Cli } from './cli';
import type { OpenFlags } from './openMeasured';
import { openStores } from './stores';

export interface KnowledgeFlags extends OpenFlags, ChoiceFlags {
  image?: string;
}

/**
 * Runs `use` with what is known, and closes what was opened.
 * @param file absolute path of the Dockerfile
 * `choice` is what the person chose; undefined when they chose nothing and the record's own choice counts.
 */
export async function withKnowledge<T>(
  cli: Cli,
  command: string,
  flags: KnowledgeFlags,
  file: string,
  dockerfile: Dockerfile,
  use: (
    knowledge: Knowledge,
    choice: BuildChoice | undefined,
    records: readonly BuildRecord[],
    indexes: IndexStore | null,
  ) => T | Promise<T>,
): Promise<T> {
  const choice = readChoice(cli, command, flags);
  if (flags.image !== undefined) {
    // What is attached to the image tells of its build as it does for `analyze`.
    const named = await importedKnowledge(cli, flags, { path: file, text: dockerfile.text }, command);
    return use(named.knowledge, named.choice, [], null);
  }
  const stores = await openStores(cli, flags['no-store'] === true);
  try {
    const records = await recordsOf(cli.host.files, stores.records, file);
    const asked = flags.target !== undefined || flags['build-arg'] !== undefined;
    const record = records.find(
      (one) =>
        one.outcome === 'built' &&
        one.image !== null &&
        (choice.platform === null || isFor(one, choice.platform)) &&
        (!asked || sameChoice(one.choice, choice)),
    );
    // A record's own choice spells the platform as its builder does.
    return record
      ? await use(knowledgeOfRecord(record), undefined, records, stores.indexes)
      : await use(nothingKnown, choice, records, stores.indexes);
  } finally {
    await stores.close();
  }
}

/** Absolute folder of the context: `--context`, else that of the last record, else the Dockerfile's own. */
export function contextOf(
  { workingDirectory }: Cli,
  given: string | undefined,
  file: string,
  last: BuildRecord | undefined,
): string {
  return given === undefined ? recordedContext(file, last) : path.resolve(workingDirectory, given);
}

function isFor(record: BuildRecord, platform: string): boolean {
  const own = platformOf(record);
  return own !== null && isSamePlatform(own, platform);
}

/** But for the platform. */
function sameChoice(a: BuildChoice, b: BuildChoice): boolean {
  const text = ({ target, buildArgs }: BuildChoice) =>
    JSON.stringify([target, Object.entries(buildArgs).sort()]);
  return text(a) === text(b);
}
