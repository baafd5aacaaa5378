// `strata blame REF PATH`: which layers, and with --dockerfile which lines, wrote, changed, deleted or hid a path.
import { analyzeParsed } from '../analysis/analyze';
import { knowledgeOfImage, knowledgeOfRecord } from '../analysis/knowledge';
import type { Analysis } from '../analysis/model';
import { lineOfLayer } from '../describe/layerTitle';
import { defaultChoice } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { blamePath } from '../layers/blame';
import { formatBytes } from '../primitives/bytes';
import { StrataError } from '../primitives/errors';
import { commonOptions, parseWords, readDockerfile, readFormat, readImagePath, usage } from './args';
import type { Cli } from './cli';
import { indexesUpTo, json, type MeasuredReference, warn, withMeasured } from './openMeasured';
import { clean, table } from './reportText';
import { openStores } from './stores';

export async function blameCommand(cli: Cli, args: string[]): Promise<number> {
  const options = { ...commonOptions, platform: { type: 'string' }, dockerfile: { type: 'string' } } as const;
  const { values, positionals } = parseWords('blame', args, options, 2);
  const format = readFormat('blame', values.format, ['text', 'json']);
  const [reference, given] = positionals;
  if (reference === undefined || given === undefined) throw usage('blame', 'name an image and a path');
  const inside = readImagePath(given);
  const show = async (opened: MeasuredReference): Promise<number> => {
    const analysis = await analysisOf(cli, opened, values.dockerfile, values['no-store']);
    const indexes = indexesUpTo(opened, opened.indexes.length - 1);
    const history = blamePath(indexes, inside).map((entry) => ({
      layer: entry.layer,
      line: (analysis && lineOfLayer(analysis, entry.layer)?.view.line) ?? null,
      action: entry.action,
      bytes: entry.bytes,
    }));
    if (history.length === 0) {
      throw new StrataError(
        'not-found',
        `No layer of ${reference} ever had /${inside}.`,
        "See 'strata tree'.",
      );
    }
    if (format === 'json')
      cli.out(json({ schema: 1, path: inside, history, problems: opened.measured.problems }));
    else {
      warn(cli, opened.measured.problems);
      const rows = history.map(({ layer, line, action, bytes }) => [
        String(layer),
        line === null ? '' : String(line),
        action,
        formatBytes(bytes),
      ]);
      cli.out(`/${clean(inside)}\n${table(['layer', 'line', 'action', 'bytes'], rows, new Set([0, 1, 3]))}`);
    }
    return 0;
  };
  return withMeasured(cli, reference, values, show, { listings: true });
}

/** The Dockerfile tied to the image: by its record when that is of this very image, else by the image's history. */
async function analysisOf(
  cli: Cli,
  { measured }: MeasuredReference,
  name: string | undefined,
  noStore: boolean,
): Promise<Analysis | null> {
  if (name === undefined) return null;
  const file = await readDockerfile(cli, name);
  const dockerfile = parseDockerfile(file.text);
  const stores = await openStores(cli, noStore);
  try {
    const records = (await stores.records?.list(file.path)) ?? [];
    const record = records.find(({ image }) => image?.id === measured.id);
    const knowledge = record
      ? knowledgeOfRecord({ ...record, image: measured })
      : knowledgeOfImage(dockerfile, measured, defaultChoice);
    return analyzeParsed(dockerfile, knowledge, { name: file.shown });
  } finally {
    await stores.close();
  }
}
