// The rows that tell what stages could share and do not: equal steps after different ones or with other variables, and tags
// of one repository. Hints: whether a step needs what stands before it, a person knows.
import * as l10n from '@vscode/l10n';
import type { OrderHint, SharingHint, TagsHint, VariablesHint } from '../forecast/sharingHints';
import type { Place } from '../forecast/stageSharing';
import type { StageRow } from '../protocol';
import { plainRow, type StageWords } from './stageWords';

export function hintRows(words: StageWords): StageRow[] {
  return words.found.hints.map((hint) => hintRow(words, hint));
}

function hintRow(words: StageWords, hint: SharingHint): StageRow {
  switch (hint.kind) {
    case 'order':
      return orderRow(words, hint);
    case 'variables':
      return variablesRow(words, hint);
    case 'tags':
      return tagsRow(words, hint);
  }
}

function orderRow(words: StageWords, { made }: OrderHint): StageRow {
  const steps = made[0]!.steps;
  const label = words.title(steps[0]!);
  const more = steps.length > 1 ? l10n.t('and {0} more steps', String(steps.length - 1)) : '';
  const tooltip = l10n.t(
    'The same on the same base, after different steps. Put before what differs, if nothing of that is needed, it would be the same layer.',
  );
  const children = made.map(({ steps: own, after, bringsFiles }) => {
    const [first] = own as [Place];
    const before =
      after.length === 0
        ? l10n.t('directly after the common beginning')
        : l10n.t('after {0}', namesOf(words, after));
    const files = bringsFiles ? l10n.t('which brings files that it may need') : '';
    return words.lineRow('place', words.lineName(first), first, [before, files].filter(Boolean).join(', '));
  });
  const description = [l10n.t('after different steps'), more].filter(Boolean).join(' · ');
  return plainRow('hint', label, description, tooltip, children);
}

function variablesRow(words: StageWords, { steps, variables }: VariablesHint): StageRow {
  const tooltip = l10n.t(
    'The same command on the same base, with other variables. Set below it, if it does not need them, they would not part the stages.',
  );
  const children = [
    ...steps.map((place) => words.lineRow('place', words.lineName(place), place, '')),
    ...variables.flatMap(({ name, place }) =>
      place ? [words.lineRow('variable', name, place, words.lineName(place))] : [],
    ),
  ];
  return plainRow('hint', words.title(steps[0]), l10n.t('with other variables'), tooltip, children);
}

function tagsRow(words: StageWords, { repository, bases }: TagsHint): StageRow {
  const tooltip = l10n.t('Stages share a base only of the same tag.');
  const children = bases.map(({ base, chains: on }) => {
    const rows = on.map((chain) => words.lineRow('stage', words.stageName(chain), words.fromOf(chain), ''));
    return plainRow('base', base.name, l10n.t('{0} stages', String(on.length)), '', rows);
  });
  const description = l10n.t('{0} tags of one image', String(bases.length));
  return plainRow('hint', repository, description, tooltip, children);
}

function namesOf(words: StageWords, places: readonly Place[]): string {
  const named = places.slice(0, 3).map(words.lineName).join(', ');
  return places.length > 3 ? l10n.t('{0} and {1} more', named, String(places.length - 3)) : named;
}
