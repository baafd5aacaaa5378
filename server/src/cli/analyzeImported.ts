// `strata analyze --history | --metadata | --log | --image`: what a build that was made elsewhere tells, in any
// combination. With --keep its record is kept as that of a build of ours would be.
import path from 'node:path';
import type { Knowledge } from '../analysis/knowledge';
import type { BuildChoice } from '../dockerfile/model';
import { importBuild } from '../measure/importBuild';
import { type ChoiceFlags, namesChoice, readChoice, usage } from './args';
import type { Cli } from './cli';
import type { OpenFlags } from './openMeasured';
import { progressLine } from './progress';
import { openStores } from './stores';

/** Flags that name a build made elsewhere. */
export const importOptions = {
  history: { type: 'string' },
  metadata: { type: 'string' },
  log: { type: 'string' },
  'bake-target': { type: 'string' },
  keep: { type: 'boolean', default: false },
} as const;

export interface ImportFlags extends OpenFlags, ChoiceFlags {
  history?: string;
  metadata?: string;
  log?: string;
  image?: string;
  'bake-target'?: string;
  keep?: boolean;
}

/** True when the person named a build made elsewhere. */
export function namesImport({ history, metadata, log, image }: ImportFlags): boolean {
  return [history, metadata, log, image].some((one) => one !== undefined);
}

/** @returns what is known, and the choice of the person where they made one */
export async function importedKnowledge(
  cli: Cli,
  flags: ImportFlags,
  file: { path: string; text: string },
  command = 'analyze',
): Promise<{ knowledge: Knowledge; choice: BuildChoice | undefined }> {
  const choice = readChoice(cli, command, flags);
  const pathOf = (name: string | undefined) =>
    name === undefined ? null : path.resolve(cli.workingDirectory, name);
  const stores = await openStores(cli, flags['no-store'] === true);
  const progress = progressLine(cli, flags['no-progress'] !== true);
  try {
    progress.show('reading what is told of the build');
    const tools = {
      host: cli.host,
      indexer: cli.indexer,
      store: stores.indexes,
      configs: stores.configs,
    };
    const { knowledge, record } = await importBuild(
      tools,
      {
        history: flags.history ?? null,
        metadata: pathOf(flags.metadata),
        log: pathOf(flags.log),
        image: flags.image ?? null,
        text: file.text,
        name: path.basename(file.path),
        choice: namesChoice(flags) ? choice : null,
        bakeTarget: flags['bake-target'] ?? null,
      },
      {
        signal: cli.signal,
        base: cli.workingDirectory,
        onProgress: ({ done, total }) => progress.show(`reading layers ${done}/${total}`),
      },
    );
    progress.clear();
    if (flags.keep) {
      if (!record) throw usage('analyze', '--keep needs a build: nothing tells how this image was built');
      if (!stores.records) throw usage('analyze', '--keep and --no-store exclude each other');
      await stores.records.add(file.path, record);
    }
    // What a provenance tells of the request counts before what a person says of it.
    return { knowledge, choice: knowledge.record ? undefined : choice };
  } finally {
    progress.clear();
    await stores.close();
  }
}
