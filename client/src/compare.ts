// 'Compare…': two states of the image are picked, and the diff panel shows what changed from the first to the second.
// States are layers of the last build, recorded builds, and any image by its reference.
import * as vscode from 'vscode';
import type { RecordView, StateRef } from '../../server/src/protocol';
import type { DiffPanel } from './diffPanel';
import type { LayerServer } from './layerServer';
import { pickGroup } from './pickGroup';
import { withoutIcons } from './plainText';
import { readSettings } from './settings';
import { sizeText, whenText } from './sizes';

interface StateItem extends vscode.QuickPickItem {
  /** Null: a reference is to be typed. Absent on separators. */
  state?: StateRef | null;
}

/** Asks for both states, the earlier one first; nothing happens when the person gives up. */
export async function compareStates(server: LayerServer, panel: DiffPanel, uri: string): Promise<void> {
  const items = stateItems(server, uri);
  const from = await pick(items, vscode.l10n.t('Compare what? The state before (1 of 2)'), null);
  if (!from) return;
  const to = await pick(items, vscode.l10n.t('With what? The state after (2 of 2)'), from);
  if (to) await panel.show({ uri, from, to });
}

async function pick(
  items: Promise<StateItem[]>,
  placeHolder: string,
  other: StateRef | null,
): Promise<StateRef | null> {
  const offered = items.then((all) => all.filter(({ state }) => !other || !isSame(state, other)));
  const choice = await vscode.window.showQuickPick(offered, {
    title: vscode.l10n.t('Strata: Compare'),
    placeHolder,
    matchOnDescription: true,
  });
  if (!choice || choice.state === undefined) return null;
  return choice.state ?? askReference();
}

async function askReference(): Promise<StateRef | null> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Strata: Compare'),
    prompt: vscode.l10n.t('An image: debian:12, docker://registry.example/app:1, an archive, an OCI layout'),
    placeHolder: 'debian:12',
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('Name an image.') : null),
  });
  return typed === undefined ? null : { of: 'reference', reference: typed.trim(), upTo: null };
}

async function stateItems(server: LayerServer, uri: string): Promise<StateItem[]> {
  const [records, layers] = await Promise.all([
    server.request('strata/records', { uri }),
    server.request('strata/layers', { uri }),
  ]);
  const top = layers[0];
  const builds = records.filter(({ comparable, shown }) => comparable && !shown).map(buildItem);
  const last: StateItem[] = top
    ? [{ label: vscode.l10n.t('The last build'), state: { of: 'image', upTo: top.layer } }]
    : [];
  const states = layers
    .filter(({ layer }) => layer !== top?.layer)
    .map(({ label, description, layer }): StateItem => {
      const after = withoutIcons(vscode.l10n.t('After {0}', label));
      return { label: after, description, state: { of: 'image', upTo: layer } };
    });
  return [
    ...last,
    ...pickGroup(vscode.l10n.t('builds'), builds),
    ...pickGroup(vscode.l10n.t('images'), [
      { label: vscode.l10n.t('$(search) Another image…'), state: null },
    ]),
    ...pickGroup(vscode.l10n.t('layers of the last build'), states),
  ];
}

function buildItem(record: RecordView): StateItem {
  const { units } = readSettings();
  const parts = [
    record.imageBytes === null ? null : sizeText(record.imageBytes, units),
    record.builder,
    record.note,
  ];
  return {
    label: vscode.l10n.t('Build of {0}', whenText(record.started, vscode.env.language)),
    description: withoutIcons(parts.filter(Boolean).join(' · ')),
    state: { of: 'build', id: record.id },
  };
}

function isSame(a: StateRef | null | undefined, b: StateRef): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
