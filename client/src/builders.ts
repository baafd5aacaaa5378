// The quick pick that chooses what builds: every builder that Strata knows, and why one cannot be used. Writes the
// setting; finding the builders is the server's work.
import * as vscode from 'vscode';
import type { BuilderView } from '../../server/src/protocol';
import type { LayerServer } from './layerServer';

interface BuilderItem extends vscode.QuickPickItem {
  setting: string;
}

export async function chooseBuilder(server: LayerServer): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('strata');
  const current = configuration.get('builder', 'auto');
  const found = server.request('strata/builders', null).then((builders) => items(builders, current));
  const choice = await vscode.window.showQuickPick(found, {
    title: vscode.l10n.t('Strata: Choose Builder'),
    placeHolder: vscode.l10n.t('What builds the image'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!choice || choice.setting === current) return;
  // A choice made in the workspace's settings stays there; else it holds for this user everywhere.
  const inWorkspace = configuration.inspect('builder')?.workspaceValue !== undefined;
  const scope = inWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await configuration.update('builder', choice.setting, scope);
}

function items(builders: BuilderView[], current: string): BuilderItem[] {
  const first = builders.find((builder) => builder.usable);
  const automatic: BuilderItem = {
    setting: 'auto',
    label: vscode.l10n.t('Automatic'),
    description: first
      ? vscode.l10n.t('now {0}', first.label)
      : vscode.l10n.t('none can be used at the moment'),
  };
  const known = builders.map((builder) => ({
    setting: builder.kind,
    label: builder.label,
    description: builder.usable ? '' : vscode.l10n.t('cannot be used'),
    detail: builder.detail,
  }));
  return [automatic, ...known].map((item) => ({
    ...item,
    iconPath: new vscode.ThemeIcon(item.setting === current ? 'check' : 'blank'),
  }));
}
