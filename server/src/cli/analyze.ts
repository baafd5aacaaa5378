// `strata analyze`: each line with its layer, from the last recorded build, one that was made
// elsewhere, an image, or the text alone.
import { analyzeParsed } from '../analysis/analyze';
import type { ForecastInputs } from '../analysis/forecastInputs';
import type { Knowledge } from '../analysis/knowledge';
import type { Analysis } from '../analysis/model';
import { type BuildChoice, type Dockerfile, defaultChoice } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { forecastNow } from '../measure/forecastNow';
import { importedKnowledge, importOptions, namesImport } from './analyzeImported';
import { commonOptions, dockerfileOptions, parseWords, readDockerfile, readFormat, usage } from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { analysisText } from './reportText';
import { shellFor } from './shell';
import { contextOf, withKnowledge } from './withKnowledge';

export async function analyzeCommand(cli: Cli, args: string[]): Promise<number> {
  const options = { ...commonOptions, ...dockerfileOptions, ...importOptions } as const;
  const { values, positionals } = parseWords('analyze', args, options, 1);
  const format = readFormat('analyze', values.format, ['text', 'json']);
  const file = await readDockerfile(cli, positionals[0]);
  const dockerfile = parseDockerfile(file.text);
  if (namesImport(values)) {
    const { knowledge, choice } = await importedKnowledge(cli, values, file);
    await printAnalysis(cli, format, dockerfile, knowledge, file.shown, choice);
    return 0;
  }
  if (values.keep || values['bake-target'] !== undefined)
    throw usage('analyze', '--keep and --bake-target go with --history, --metadata or --log');
  await withKnowledge(
    cli,
    'analyze',
    values,
    file.path,
    dockerfile,
    async (knowledge, choice, records, store) => {
      const forecast = await forecastNow(cli.host, {
        dockerfile,
        file: file.path,
        context: contextOf(cli, values.context, file.path, records[0]),
        choice: choice ?? knowledge.record?.choice ?? defaultChoice,
        records,
        store,
        signal: cli.signal,
      });
      await printAnalysis(cli, format, dockerfile, knowledge, file.shown, choice, forecast);
    },
  );
  return 0;
}

export async function printAnalysis(
  cli: Cli,
  format: 'text' | 'json',
  dockerfile: Dockerfile,
  knowledge: Knowledge,
  name: string,
  choice: BuildChoice | undefined,
  forecast: ForecastInputs | null = null,
): Promise<Analysis> {
  const shell = await shellFor(cli, dockerfile);
  const analysis = analyzeParsed(dockerfile, knowledge, { name, choice, forecast, shell });
  cli.out(format === 'json' ? json(analysis) : analysisText(analysis, cli.columns));
  return analysis;
}
