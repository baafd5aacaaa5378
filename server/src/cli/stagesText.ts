// What `strata stages` prints for a person: a tree of what stages share, where they part, and hints. Its data, and the JSON,
// are stages.ts.
import { instructionTitle } from '../describe/layerTitle';
import { bytesText, plainStyle } from '../describe/style';
import type { SharingHint } from '../forecast/sharingHints';
import type { Parting, Place, StageGroup } from '../forecast/stageSharing';
import type { WorkspaceStages } from '../measure/workspaceStages';
import { clean } from './reportText';

/** Places of one row that are named; more are counted. */
const mostNamed = 6;
const narrowest = 24;

export function stagesText(found: WorkspaceStages, shown: (file: string) => string, columns: number): string {
  const { files, chains, sharing, hints, complete } = found;
  if (files.length === 0) return 'There are no Dockerfiles in this folder.\n';
  const words = wordsOf(found, shown, columns);
  const rows = [`${count(files.length, 'Dockerfile')}, ${count(chains.length, 'stage')}`];
  for (const group of sharing.groups) rows.push('', ...words.group(group, ''));
  if (sharing.groups.length === 0) rows.push('', 'No two stages stand on the same base.');
  if (sharing.single.length > 0) rows.push('', `alone: ${words.stages(sharing.single)}`);
  if (hints.length > 0) rows.push('', 'could be shared:', ...hints.flatMap((hint) => words.hint(hint)));
  rows.push(
    '',
    'note: as BuildKit’s cache has it, for builds of the same builder; files are compared as they are now.',
  );
  if (!complete) rows.push('note: not all was looked at: there are too many Dockerfiles, folders or lines.');
  return `${rows.join('\n')}\n`;
}

function wordsOf(
  { files, chains, sizes }: WorkspaceStages,
  shown: (file: string) => string,
  columns: number,
) {
  const instructionAt = ({ file, instruction }: Place) => files[file]!.dockerfile.instructions[instruction]!;
  const line = (place: Place) => `${clean(shown(files[place.file]!.path))}:${instructionAt(place).line}`;
  const title = (place: Place, left: number) =>
    clean(instructionTitle(instructionAt(place), Math.max(narrowest, Math.min(60, columns - left))));
  const stage = (chain: number) => {
    const { file, stage: index } = chains[chain]!;
    const { name } = files[file]!.dockerfile.stages[index]!;
    const path = clean(shown(files[file]!.path));
    if (name !== null) return `${path} (${clean(name)})`;
    return files[file]!.dockerfile.stages.length > 1 ? `${path} (stage ${index})` : path;
  };
  const listed = <T>(all: readonly T[], text: (one: T) => string): string => {
    const named = all.slice(0, mostNamed).map(text);
    const more = all.length - named.length;
    return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  };
  const size = (key: number) => {
    const one = sizes.get(key);
    if (!one) return '';
    const day = one.started.slice(0, 10);
    return `${bytesText(one.bytes, plainStyle)} (measured: ${clean(shown(one.dockerfile))}, ${day})`;
  };
  const partingText = ({ chain, place, why }: Parting, indent: string) => {
    const told = {
      step: '',
      files: '  depends on the files',
      base: '  unless the base image says the same',
      unknown: '  not known from the text',
    }[why];
    return `${indent}· ${stage(chain)} goes on alone: ${line(place)}  ${title(place, 40)}${told}`;
  };
  const group = (one: StageGroup, indent: string): string[] => {
    const { base, steps, ends, groups, apart } = one;
    const head = indent === '' ? `${clean(base.name)}${base.platform && ` ${clean(base.platform)}`}: ` : '';
    const shares = steps.length === 0 ? 'the base alone' : count(steps.length, 'step');
    const told =
      indent === '' ? `share ${steps.length === 0 ? '' : 'the base and '}${shares}` : `share ${shares} more`;
    const rows = [
      [`${indent}${head}${count(one.chains.length, 'stage')} ${told}`, indent === '' ? size(base.key) : '']
        .filter(Boolean)
        .join('  '),
      `${indent}  ${listed(one.chains, stage)}`,
    ];
    for (const { key, places } of steps) {
      rows.push(
        `${indent}  = ${[title(places[0]!, indent.length + 4), size(key)].filter(Boolean).join('  ')}`,
      );
      rows.push(`${indent}      ${listed(places, line)}`);
    }
    if (ends.length > 0)
      rows.push(`${indent}  · ${listed(ends, stage)} ${ends.length > 1 ? 'end' : 'ends'} here`);
    for (const inner of groups) rows.push(...group(inner, `${indent}  `));
    for (const parting of apart) rows.push(partingText(parting, `${indent}  `));
    return rows;
  };
  const hint = (one: SharingHint): string[] => {
    switch (one.kind) {
      case 'tags':
        return [
          `  ${clean(one.repository)} is used with several tags; stages share a base only of the same one:`,
          ...one.bases.map((same) => `    ${clean(same.base.name)}: ${listed(same.chains, stage)}`),
        ];
      case 'variables': {
        const [first, second] = one.steps;
        const variables = one.variables.map(({ name, place }) =>
          place ? `${clean(name)} (${line(place)})` : clean(name),
        );
        const why =
          variables.length > 0
            ? `other variables: ${listed(variables, (text) => text)}`
            : 'variables in another order';
        return [
          `  ${title(first, 4)}  ${line(first)}, ${line(second)}`,
          `    the same command with ${why}. Set them below it, if it does not need them.`,
        ];
      }
      case 'order':
        return [
          `  ${one.made[0]!.steps.map((place) => title(place, 40)).join('; ')}`,
          ...one.made.map(({ steps, after, bringsFiles }) => {
            const before =
              after.length === 0 ? 'directly after the common beginning' : `after ${listed(after, line)}`;
            return `    ${listed(steps, line)} ${before}${bringsFiles ? ', which brings files that it may need' : ''}`;
          }),
          `    Put before what differs, if nothing of that is needed, it would be the same layer.`,
        ];
    }
  };
  return { group, hint, stages: (all: readonly number[]) => listed(all, stage) };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
