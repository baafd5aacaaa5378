// 'Show What a Container Wrote…': a container of a local engine is picked, and the diff panel shows its writable layer, the
// one layer that is in no image.
import * as vscode from 'vscode';
import type { ContainersResult, ContainerView } from '../../server/src/protocol';
import type { DiffPanel } from './diffPanel';
import type { LayerServer } from './layerServer';
import { pickGroup } from './pickGroup';
import { plainMessage, withoutIcons } from './plainText';

interface ContainerItem extends vscode.QuickPickItem {
  container?: ContainerView;
}

export async function showContainer(server: LayerServer, panel: DiffPanel, uri: string): Promise<void> {
  const asked = server.request('strata/containers', { uri });
  const found = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Asking for containers') },
    () => asked,
  );
  if (found.containers.length === 0) {
    const none = vscode.l10n.t('There are no containers. Run the image first, then see here what it writes.');
    await vscode.window.showInformationMessage(plainMessage(found.why || none));
    return;
  }
  const choice = await vscode.window.showQuickPick(containerItems(found), {
    title: vscode.l10n.t('Strata: Show What a Container Wrote'),
    placeHolder: vscode.l10n.t('A container, whose writable layer is shown against its image'),
    matchOnDescription: true,
  });
  if (!choice?.container) return;
  const { engine, id } = choice.container;
  await panel.show({
    uri,
    from: { of: 'container', engine, id, below: true },
    to: { of: 'container', engine, id },
  });
}

function containerItems({ containers }: ContainersResult): ContainerItem[] {
  const item = (container: ContainerView): ContainerItem => ({
    label: withoutIcons(container.name),
    description: withoutIcons(
      [container.image, container.state, container.engine].filter(Boolean).join(' · '),
    ),
    container,
  });
  const items = (ofThis: boolean) => containers.filter(({ ofThisImage }) => ofThisImage === ofThis).map(item);
  return [
    ...pickGroup(vscode.l10n.t('of the last build'), items(true)),
    ...pickGroup(vscode.l10n.t('of other images'), items(false)),
  ];
}
