// `strata analyze`: each line with its layer, from the last recorded build, an image, or the text alone.
import { analyzeParsed } from '../analysis/analyze';
import { type Knowledge, knowledgeOfImage, knowledgeOfRecord, nothingKnown } from '../analysis/knowledge';
import type { Analysis } from '../analysis/model';
import { recordsOf } from '../build/records';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { commonOptions, dockerfileOptions, parseWords, readChoice, readDockerfile, readFormat } from './args';
import type { Cli } from './cli';
import { json, withMeasured } from './openMeasured';
import { analysisText } from './reportText';
import { openStores } from './stores';

export async function analyzeCommand(cli: Cli, args: string[]): Promise<number> {
  const options = { ...commonOptions, ...dockerfileOptions } as const;
  const { values, positionals } = parseWords('analyze', args, options, 1);
  const format = readFormat('analyze', values.format, ['text', 'json']);
  const choice = readChoice(cli, 'analyze', values);
  const file = await readDockerfile(cli, positionals[0]);
  const dockerfile = parseDockerfile(file.text);
  const show = (knowledge: Knowledge, given: BuildChoice | undefined) => {
    printAnalysis(cli, format, dockerfile, knowledge, file.shown, given);
    return 0;
  };
  if (values.image !== undefined) {
    return withMeasured(cli, values.image, values, async ({ measured }) =>
      show(knowledgeOfImage(dockerfile, measured, choice), choice),
    );
  }
  const stores = await openStores(cli, values['no-store']);
  try {
    const records = await recordsOf(cli.host.files, stores.records, file.path);
    const asked =
      values.target !== undefined || values.platform !== undefined || values['build-arg'] !== undefined;
    const record = records.find(
      (one) => one.outcome === 'built' && one.image !== null && (!asked || sameChoice(one.choice, choice)),
    );
    return record ? show(knowledgeOfRecord(record), asked ? choice : undefined) : show(nothingKnown, choice);
  } finally {
    await stores.close();
  }
}

function sameChoice(a: BuildChoice, b: BuildChoice): boolean {
  const text = (choice: BuildChoice) =>
    JSON.stringify([choice.target, choice.platform, Object.entries(choice.buildArgs).sort()]);
  return text(a) === text(b);
}

export function printAnalysis(
  cli: Cli,
  format: 'text' | 'json',
  dockerfile: Dockerfile,
  knowledge: Knowledge,
  name: string,
  choice: BuildChoice | undefined,
): Analysis {
  const analysis = analyzeParsed(dockerfile, knowledge, { name, choice });
  cli.out(format === 'json' ? json(analysis) : analysisText(analysis, cli.columns));
  return analysis;
}
