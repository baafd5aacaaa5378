// `strata history`: the builds that docker buildx remembers, for `strata analyze --history REF`.
import { listBuilds, type PastBuild } from '../build/history';
import { durationText } from '../describe/style';
import { commonOptions, parseWords, readFormat } from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { clean, table } from './reportText';

export async function historyCommand(cli: Cli, args: string[]): Promise<number> {
  const options = { ...commonOptions, builder: { type: 'string' } } as const;
  const { values } = parseWords('history', args, options, 0);
  const format = readFormat('history', values.format, ['text', 'json']);
  const builds = await listBuilds(cli.host, { builder: values.builder, signal: cli.signal });
  if (format === 'json') cli.out(json({ schema: 1, builds: builds.map(view) }));
  else if (builds.length === 0) cli.out('docker buildx remembers no builds.\n');
  else cli.out(text(builds));
  return 0;
}

function view({ ref, name, status, startedMs, durationMs, steps, cachedSteps }: PastBuild) {
  return { ref, name, status, started: new Date(startedMs).toISOString(), durationMs, steps, cachedSteps };
}

function text(builds: readonly PastBuild[]): string {
  return table(
    ['started', 'took', 'cached', 'status', 'build', 'name'],
    builds.map(({ ref, name, status, startedMs, durationMs, steps, cachedSteps }) => [
      new Date(startedMs).toISOString().slice(0, 16).replace('T', ' '),
      durationMs === null ? '' : durationText(durationMs),
      `${cachedSteps}/${steps}`,
      status,
      clean(ref.split('/').at(-1) ?? ref),
      clean(name),
    ]),
    new Set([1, 2]),
  );
}
