// `strata fix`: the Dockerfile with the fixes of its findings applied, printed or written. Only fixes whose effect is the
// same image, unless asked; the file keeps its line ends, its byte order mark and its permissions.
import { analyzeParsed } from '../analysis/analyze';
import { type FixedText, fixAll } from '../analysis/fixAll';
import { pastBuilds } from '../analysis/pastBuilds';
import { parseDockerfile } from '../dockerfile/parse';
import { cacheHistory } from '../forecast/cacheHistory';
import { StrataError } from '../primitives/errors';
import { allRules } from '../rules/all';
import { commonOptions, dockerfileOptions, parseWords, readDockerfile, readFormat, usage } from './args';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { projectOf } from './projectOf';
import { clean } from './reportText';
import { shellFor } from './shell';
import { withKnowledge } from './withKnowledge';

const options = {
  ...commonOptions,
  ...dockerfileOptions,
  rule: { type: 'string', multiple: true },
  review: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
} as const;

export async function fixCommand(cli: Cli, args: string[]): Promise<number> {
  const { values, positionals } = parseWords('fix', args, options, 1);
  const format = readFormat('fix', values.format, ['text', 'json']);
  const rules = readRules(values.rule);
  const file = await readDockerfile(cli, positionals[0]);
  const before = await readExactly(cli, file.path, file.text);
  const { rulesOff } = await projectOf(cli, 'fix', file.path);
  const dockerfile = parseDockerfile(file.text);
  const shell = await shellFor(cli, dockerfile);
  const fixed = await withKnowledge(
    cli,
    'fix',
    values,
    file.path,
    dockerfile,
    (knowledge, choice, records) => {
      const history = cacheHistory(pastBuilds(records));
      const options = { name: file.shown, choice, rulesOff, shell, history };
      return fixAll(file.text, { rules, review: values.review }, (text) =>
        analyzeParsed(parseDockerfile(text), knowledge, options),
      );
    },
  );
  const changed = fixed.text !== file.text;
  if (changed && !before.exact) {
    throw new StrataError(
      'unsupported',
      `${file.path} is not UTF-8 throughout, so bytes that no fix touches would change.`,
    );
  }
  if (values.write && changed) await write(cli, file.path, fixed.text);
  for (const { line, rule, title, note } of fixed.applied) {
    cli.err(`${file.shown}:${line}: ${clean(title)} [${rule}]\n`);
    if (note !== undefined) cli.err(`  look at: ${clean(note)}\n`);
  }
  if (!fixed.settled)
    cli.err('strata: fixes still apply after many rounds; this is what the last one left.\n');
  if (format === 'json') cli.out(json(fixJson(file.shown, fixed, changed)));
  else if (!values.write) cli.out(changed ? Buffer.from(fixed.text, 'utf8') : before.bytes);
  return 0;
}

function fixJson(dockerfile: string, { text, applied, settled }: FixedText, changed: boolean): object {
  return { schema: 1, dockerfile, changed, settled, applied, text };
}

function readRules(names: readonly string[] | undefined): ReadonlySet<string> | null {
  if (!names) return null;
  const known = allRules.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw usage('fix', `there is no rule '${unknown}'; there are ${known.join(', ')}`);
  }
  return new Set(names);
}

/** The file's bytes, and whether `text` stands for each of them. */
async function readExactly(
  cli: Cli,
  file: string,
  text: string,
): Promise<{ bytes: Uint8Array; exact: boolean }> {
  const bytes = (await cli.host.files.read(file)) ?? new Uint8Array();
  return { bytes, exact: Buffer.from(text, 'utf8').equals(bytes) };
}

async function write(cli: Cli, file: string, text: string): Promise<void> {
  if ((await cli.host.files.stat(file))?.kind !== 'file') {
    // Written whole means replaced: the link would become a file, and what it names would stay as it was.
    throw new StrataError('unsupported', `${file} is a link.`, 'Name the file that it points to.');
  }
  await cli.host.files.writeWhole(file, text);
}
