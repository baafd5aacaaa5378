// `strata stages`: what the stages of a folder's Dockerfiles have in common, and what they could have. Reads texts and, where
// files decide, what lines take; starts no builder.
import path from 'node:path';
import type { SharingHint } from '../forecast/sharingHints';
import type { ChainBase } from '../forecast/stageChains';
import type { Place, StageGroup } from '../forecast/stageSharing';
import { type WorkspaceStages, workspaceStages } from '../measure/workspaceStages';
import { StrataError } from '../primitives/errors';
import { commonOptions, parseWords, readFormat } from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { stagesText } from './stagesText';
import { openStores } from './stores';

export async function stagesCommand(cli: Cli, args: string[]): Promise<number> {
  const { values, positionals } = parseWords('stages', args, commonOptions, 1);
  const format = readFormat('stages', values.format, ['text', 'json']);
  const folder = path.resolve(cli.workingDirectory, positionals[0] ?? '.');
  if (!(await cli.host.files.readFolder(folder))) {
    throw new StrataError('not-found', `There is no folder ${folder}.`, 'Name one: strata stages DIR');
  }
  const stores = await openStores(cli, values['no-store']);
  try {
    const { signal } = cli;
    const found = await workspaceStages(cli.host, { folders: [folder], records: stores.records, signal });
    const shown = (file: string) => path.relative(cli.workingDirectory, file) || file;
    cli.out(format === 'json' ? json(stagesJson(found, shown)) : stagesText(found, shown, cli.columns));
    return 0;
  } finally {
    await stores.close();
  }
}

function stagesJson(found: WorkspaceStages, shown: (file: string) => string) {
  const { files, chains, sharing, hints, sizes, complete } = found;
  const at = ({ file, instruction }: Place) => {
    const { line, endLine } = files[file]!.dockerfile.instructions[instruction]!;
    return { dockerfile: shown(files[file]!.path), line, endLine };
  };
  const stage = (chain: number) => {
    const { file, stage: index } = chains[chain]!;
    const { name } = files[file]!.dockerfile.stages[index]!;
    return { dockerfile: shown(files[file]!.path), index, name };
  };
  const size = (key: number) => {
    const one = sizes.get(key);
    const measuredBy = one ? { dockerfile: shown(one.dockerfile), started: one.started } : null;
    return { bytes: one?.bytes ?? null, measuredBy };
  };
  const base = ({ kind, name, platform, key }: ChainBase) => ({
    kind,
    reference: kind === 'image' ? name : null,
    platform: platform || null,
    ...size(key),
  });
  const group = (one: StageGroup): object => ({
    base: base(one.base),
    stages: one.chains.map(stage),
    steps: one.steps.map(({ key, places }) => {
      const { keyword, text } = files[places[0]!.file]!.dockerfile.instructions[places[0]!.instruction]!;
      return { keyword, text, lines: places.map(at), ...size(key) };
    }),
    ends: one.ends.map(stage),
    groups: one.groups.map(group),
    apart: one.apart.map(({ chain, place, why }) => ({ ...stage(chain), ...at(place), why })),
  });
  const hint = (one: SharingHint): object => {
    switch (one.kind) {
      case 'order': {
        const made = one.made.map(({ steps, after, bringsFiles }) => ({
          steps: steps.map(at),
          after: after.map(at),
          bringsFiles,
        }));
        return { kind: one.kind, base: base(one.base), made };
      }
      case 'variables': {
        const variables = one.variables.map(({ name, place }) => ({ name, set: place && at(place) }));
        return { kind: one.kind, base: base(one.base), steps: one.steps.map(at), variables };
      }
      case 'tags': {
        const bases = one.bases.map((same) => ({ ...base(same.base), stages: same.chains.map(stage) }));
        return { kind: one.kind, repository: one.repository, bases };
      }
    }
  };
  return {
    schema: 1,
    dockerfiles: files.map((file) => ({
      path: shown(file.path),
      context: file.context,
      stages: file.dockerfile.stages.length,
    })),
    groups: sharing.groups.map(group),
    single: sharing.single.map(stage),
    hints: hints.map(hint),
    complete,
  };
}
