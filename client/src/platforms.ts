// 'Choose Platform…': of a build for several platforms, which one the lines, the tree and the status bar show. The server
// remembers it for each Dockerfile, as long as it runs.
import * as vscode from 'vscode';
import type { PlatformView } from '../../server/src/protocol';
import type { LayerServer } from './layerServer';
import { readSettings } from './settings';
import { sizeText } from './sizes';

interface PlatformItem extends vscode.QuickPickItem {
  platform: string;
}

export async function choosePlatform(server: LayerServer, uri: string): Promise<void> {
  const { platforms } = await server.request('strata/platforms', { uri, choose: null });
  if (platforms.length === 0) {
    const none = vscode.l10n.t('The build that is shown was for one platform.');
    await vscode.window.showInformationMessage(none);
    return;
  }
  const choice = await vscode.window.showQuickPick(platforms.map(platformItem), {
    title: vscode.l10n.t('Strata: Choose Platform'),
    placeHolder: vscode.l10n.t('Whose layers the lines show'),
    matchOnDescription: true,
  });
  if (choice) await server.request('strata/platforms', { uri, choose: choice.platform });
}

function platformItem({ platform, bytes, shown }: PlatformView): PlatformItem {
  const size = bytes === null ? vscode.l10n.t('not measured') : sizeText(bytes, readSettings().units);
  return {
    platform,
    label: platform.replace(/[^\w./-]/g, ''),
    description: size,
    iconPath: new vscode.ThemeIcon(shown ? 'check' : 'blank'),
  };
}
