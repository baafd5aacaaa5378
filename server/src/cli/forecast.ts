// `strata forecast`: what the next build will do with each line, and why. Reads the build context; builds nothing and asks
// no builder.
import { forecastLines } from '../analysis/forecastInputs';
import { pastCosts } from '../analysis/pastCosts';
import { recordsOf } from '../build/records';
import { instructionTitle } from '../describe/layerTitle';
import { bytesText, durationText, plainStyle } from '../describe/style';
import type { Dockerfile } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import type { LineForecast } from '../forecast/cache';
import { type ForecastTotals, forecastTotals, type LineCost, lineCosts } from '../forecast/cost';
import { forecastNow } from '../measure/forecastNow';
import {
  commonOptions,
  dockerfileOptions,
  namesChoice,
  parseWords,
  readChoice,
  readDockerfile,
  readFormat,
  usage,
} from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { clean } from './reportText';
import { openStores } from './stores';
import { contextOf } from './withKnowledge';

export async function forecastCommand(cli: Cli, args: string[]): Promise<number> {
  const options = {
    ...commonOptions,
    ...dockerfileOptions,
    'no-cache': { type: 'boolean', default: false },
    'builder-arg': { type: 'string', multiple: true },
  } as const;
  const { values, positionals } = parseWords('forecast', args, options, 1);
  const format = readFormat('forecast', values.format, ['text', 'json']);
  if (values.image !== undefined) throw usage('forecast', '--image goes with analyze');
  const given = readChoice(cli, 'forecast', values);
  const file = await readDockerfile(cli, positionals[0]);
  const dockerfile = parseDockerfile(file.text);
  const stores = await openStores(cli, values['no-store']);
  try {
    const records = await recordsOf(cli.host.files, stores.records, file.path);
    const last = records[0];
    const choice = namesChoice(values) ? given : (last?.choice ?? given);
    const inputs = await forecastNow(cli.host, {
      dockerfile,
      file: file.path,
      context: contextOf(cli, values.context, file.path, last),
      choice,
      records,
      ...(values['builder-arg'] ? { extraArguments: values['builder-arg'] } : {}),
      ms: 60_000,
      store: stores.indexes,
      signal: cli.signal,
    });
    const { history } = inputs;
    const lines = forecastLines(dockerfile, choice, inputs, values['no-cache']);
    const costs = lineCosts(dockerfile, choice, pastCosts(dockerfile, records), inputs.files);
    const totals = forecastTotals(lines, costs);
    const told = lines.filter((line) => line !== null);
    cli.out(
      format === 'json'
        ? json(forecastReport(dockerfile, told, costs, totals))
        : forecastText(dockerfile, file.shown, told, costs, totals, history.builds, cli.columns),
    );
    return 0;
  } finally {
    await stores.close();
  }
}

function forecastReport(
  dockerfile: Dockerfile,
  lines: readonly LineForecast[],
  costs: readonly LineCost[],
  totals: ForecastTotals,
) {
  return {
    schema: 1,
    steps: lines.map(({ instruction, cache, because, cause }) => {
      const { line, keyword, stage } = dockerfile.instructions[instruction]!;
      const name = stage === null ? null : (dockerfile.stages[stage]?.name ?? String(stage));
      const { bytes, durationMs } = costs[instruction]!;
      return { line, keyword, stage: name, cache, because, cause, bytes, durationMs };
    }),
    totals,
  };
}

function forecastText(
  dockerfile: Dockerfile,
  name: string,
  lines: readonly LineForecast[],
  costs: readonly LineCost[],
  totals: ForecastTotals,
  builds: number,
  columns: number,
): string {
  const rows = [`${clean(name)}  ${totalsText(totals)}`, ''];
  const last = lines.at(-1);
  const digits = String(last ? dockerfile.instructions[last.instruction]!.line : 0).length;
  for (const { instruction, cache, because } of lines) {
    const line = dockerfile.instructions[instruction]!;
    const cost = cache === 'reruns' ? costText(costs[instruction]!) : '';
    const told = [`~${cache}`, cost].filter(Boolean).join(' ').padEnd(26);
    const left = `  ${String(line.line).padStart(digits)}  ${told}  `;
    const title = instructionTitle(line, Math.max(20, Math.min(60, columns - left.length)));
    rows.push(`${left}${clean(title)}`.trimEnd());
    // Without a record the note says it once.
    if (because === '' || builds === 0) continue;
    const joined = because.startsWith('although ') ? because : `because ${because}`;
    rows.push(`${' '.repeat(digits + 4)}${clean(joined)}`);
  }
  rows.push('');
  rows.push(
    builds === 0
      ? 'note: no build of this Dockerfile is recorded; strata build makes one.'
      : 'note: what the builder has pruned since, and what was built without Strata, are not known here.',
  );
  return `${rows.join('\n')}\n`;
}

/** `next build: 5 cached, 2 rerun (~12 s, ~41.0 MB), 1 depends`. */
function totalsText(totals: ForecastTotals): string {
  const cost = costText(totals);
  const more = totals.isPartial && cost !== '' ? ' at least' : '';
  const parts = [
    `${totals.cached} cached`,
    `${totals.reruns} rerun${cost === '' ? '' : ` (${cost}${more})`}`,
    ...(totals.depends > 0 ? [`${totals.depends} depends`] : []),
    ...(totals.unknown > 0 ? [`${totals.unknown} unknown`] : []),
  ];
  return `next build: ${parts.join(', ')}`;
}

function costText({ bytes, durationMs }: LineCost): string {
  return [
    durationMs ? `~${durationText(durationMs)}`.replace('~<', '<') : '',
    bytes ? `~${bytesText(bytes, plainStyle)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}
