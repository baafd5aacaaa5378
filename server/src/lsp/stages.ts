// What the stages of the workspace's Dockerfiles share, as rows for a view: groups, their common lines, where stages part,
// and hints of what could be shared. Reads files; starts no program.
import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import { timeText } from '../describe/hover';
import { bytesText } from '../describe/style';
import type { Parting, Place, StageGroup } from '../forecast/stageSharing';
import { workspaceStages } from '../measure/workspaceStages';
import type { StageRow, StagesResult } from '../protocol';
import { abortOf } from './cancellation';
import type { Session } from './session';
import { hintRows } from './stageHints';
import { plainRow, type StageWords, stageWords } from './stageWords';
import { pathOfUri } from './uris';

export async function stageRows(
  session: Session,
  uri: string | null,
  token: CancellationToken,
): Promise<StagesResult> {
  const folders = await foldersOf(session, uri);
  const texts = new Map<string, string>();
  for (const [open, document] of session.documents) {
    const file = pathOfUri(open);
    if (file !== null) texts.set(file, document.parsed().dockerfile.text);
  }
  const { host, stores } = session;
  const { signal } = abortOf(token);
  const records = stores?.records ?? null;
  const found = await workspaceStages(host, { folders, records, texts, signal });
  const words = stageWords(found, folders);
  const rows = found.sharing.groups.map((group) => groupRow(session, words, group, true));
  const hints = hintRows(words);
  if (hints.length > 0) {
    const label = l10n.t('Could be shared');
    rows.push(plainRow('hints', label, String(hints.length), '', hints));
  }
  const { complete, files } = found;
  return { rows, dockerfiles: files.length, complete };
}

/** The editor's folders; without any, the one of the Dockerfile. */
async function foldersOf({ connection }: Session, uri: string | null): Promise<string[]> {
  // An editor without the notion of folders refuses, or answers with null.
  const open = await connection.workspace.getWorkspaceFolders().catch(() => null);
  const folders = (open ?? []).flatMap((folder) => pathOfUri(folder.uri) ?? []);
  const file = uri === null ? null : pathOfUri(uri);
  return folders.length > 0 || file === null ? folders : [path.dirname(file)];
}

function groupRow(session: Session, words: StageWords, group: StageGroup, isRoot: boolean): StageRow {
  const { base, chains, steps, ends, groups, apart } = group;
  const size = (key: number) => {
    const one = words.found.sizes.get(key);
    if (!one) return { short: '', long: '' };
    const short = bytesText(one.bytes, session.style);
    const when = timeText(one.started, session.style);
    return { short, long: l10n.t('{0}, measured by the build of {1}, {2}', short, one.dockerfile, when) };
  };
  const children = steps.map(({ key, places }): StageRow => {
    const [first] = places as [Place];
    const several = places.length > 1 ? l10n.t('{0} lines', String(places.length)) : words.lineName(first);
    const lines = places.map((place) => words.lineRow('place', words.lineName(place), place, ''));
    const { short, long } = size(key);
    const description = [several, short].filter(Boolean).join(' · ');
    const row = words.lineRow('step', words.title(first), first, description, lines.length > 1 ? lines : []);
    return { ...row, tooltip: [row.tooltip, long].filter(Boolean).join('\n') };
  });
  for (const chain of ends) {
    const place = words.fromOf(chain);
    children.push(words.lineRow('stage', words.stageName(chain), place, l10n.t('ends here')));
  }
  for (const inner of groups) children.push(groupRow(session, words, inner, false));
  for (const parting of apart) children.push(partingRow(words, parting));
  const names = chains.slice(0, 20).map(words.stageName).join('\n');
  const stages = l10n.t('{0} stages', String(chains.length));
  if (!isRoot) {
    return plainRow('group', l10n.t('{0} go on together', stages), stepsText(steps.length), names, children);
  }
  const { short, long } = size(base.key);
  const label = [base.name, base.platform].filter(Boolean).join(' ');
  const shared = steps.length === 0 ? l10n.t('only the base in common') : stepsText(steps.length);
  const description = [stages, shared, short].filter(Boolean).join(' · ');
  return plainRow('base', label, description, [label, long, names].filter(Boolean).join('\n'), children);
}

function stepsText(steps: number): string {
  return steps === 1 ? l10n.t('1 step in common') : l10n.t('{0} steps in common', String(steps));
}

function partingRow(words: StageWords, { chain, place, why }: Parting): StageRow {
  const told = {
    step: l10n.t('goes on alone'),
    files: l10n.t('depends on the files'),
    base: l10n.t('goes on alone, unless the base image says the same'),
    unknown: l10n.t('not known from the text'),
  }[why];
  const title = words.title(place);
  // The first words are what a narrow view shows: the line, unless there is a doubt.
  const description = why === 'step' || why === 'base' ? `${title} · ${told}` : `${told} · ${title}`;
  return words.lineRow('parting', words.stageName(chain), place, description);
}
