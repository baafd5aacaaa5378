// What is known of a Dockerfile's builds, for the commands that look at one: the image that the person named, the last
// recorded build of the same choice, or nothing.
import { type Knowledge, knowledgeOfImage, knowledgeOfRecord, nothingKnown } from '../analysis/knowledge';
import type { BuildRecord } from '../build/model';
import { recordsOf } from '../build/records';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { readChoice } from './args';
import type { Cli } from './cli';
import { type OpenFlags, withMeasured } from './openMeasured';
import { openStores } from './stores';

export interface KnowledgeFlags extends OpenFlags {
  image?: string;
  target?: string;
  'build-arg'?: string[];
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
  ) => T | Promise<T>,
): Promise<T> {
  const choice = readChoice(cli, command, flags);
  if (flags.image !== undefined) {
    return withMeasured(cli, flags.image, flags, async ({ measured }) =>
      use(knowledgeOfImage(dockerfile, measured, choice), choice, []),
    );
  }
  const stores = await openStores(cli, flags['no-store'] === true);
  try {
    const records = await recordsOf(cli.host.files, stores.records, file);
    const asked =
      flags.target !== undefined || flags.platform !== undefined || flags['build-arg'] !== undefined;
    const record = records.find(
      (one) => one.outcome === 'built' && one.image !== null && (!asked || sameChoice(one.choice, choice)),
    );
    return record
      ? await use(knowledgeOfRecord(record), asked ? choice : undefined, records)
      : await use(nothingKnown, choice, records);
  } finally {
    await stores.close();
  }
}

function sameChoice(a: BuildChoice, b: BuildChoice): boolean {
  const text = (choice: BuildChoice) =>
    JSON.stringify([choice.target, choice.platform, Object.entries(choice.buildArgs).sort()]);
  return text(a) === text(b);
}
