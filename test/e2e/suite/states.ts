// Pictures of the diff panel and the layer tree in the states that are seldom seen: loading, empty, failed, names that are
// hard to show, very many rows, high contrast, narrow, large. They are for the eyes of who changes the looks.
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, lineOf, openFile, rowOfLine, strata, treeRows, untilReady, useTheme } from './strata';
import { needsScreen, panelPage, screen } from './ui';

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'contrast-dark': 'Default High Contrast',
  'contrast-light': 'Default High Contrast Light',
} as const;

const image = (upTo: number) => ({ of: 'image', upTo }) as const;

export function statesSuite(): void {
  suite('pictures of states', () => {
    let document: vscode.TextDocument;

    const show = async (from: object, to: object, selector: string) => {
      const { panel } = await strata();
      const uri = document.uri.toString();
      await panel.show({ uri, from, to } as Parameters<typeof panel.show>[0]);
      await eventually(selector, async () => (await panelPage.texts(selector)).length > 0);
    };
    const showAll = () => show(image(-1), image(2), '.body .row[data-change]');

    suiteSetup(async function () {
      needsScreen(this);
      document = (await openFile('large/Dockerfile')).document;
      await untilReady(document);
      await vscode.commands.executeCommand('workbench.action.closeSidebar');
    });
    suiteTeardown(async () => {
      await useTheme(undefined);
      await screen.size(1280, 800);
      await closeAll();
    });

    for (const [name, theme] of Object.entries(themes)) {
      test(`the panel, ${name}`, async () => {
        await useTheme(theme);
        await showAll();
        await screen.shot(`state-list-${name}`);
        await panelPage.fill('input', 'srv/names/');
        await eventually('hard names', async () => (await panelPage.texts('.body .row')).length === 7);
        await panelPage.press('.grid', 'ArrowDown');
        await screen.shot(`state-names-${name}`);
        await panelPage.fill('input', '');
        await eventually('all', async () => (await panelPage.texts('.body .row')).length > 7);
        await panelPage.click('.views .view:first-child');
        await panelPage.click('.body .row.directory');
        await eventually('open', async () => (await panelPage.texts('.body .row')).length > 3);
        await screen.shot(`state-tree-${name}`);
        await panelPage.click('.views .view:first-child');
        await panelPage.fill('input', 'no such name');
        await eventually('none', async () => /No change/.test((await panelPage.texts('.notice p'))[0] ?? ''));
        await screen.shot(`state-none-${name}`);
        await panelPage.fill('input', '');
        await eventually('all', async () => (await panelPage.texts('.body .row')).length > 7);
      });

      test(`the layer tree, ${name}`, async () => {
        await closeAll();
        await openFile('large/Dockerfile');
        await useTheme(theme);
        await vscode.commands.executeCommand('strata.layers.focus');
        const [srv] = await treeRows(await rowOfLine(lineOf(document, 'COPY assets')));
        await treeRows(srv);
        await vscode.commands.executeCommand('strata.showInTree', document.uri.toString(), 2);
        for (const key of ['ArrowRight', 'ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowRight'])
          await screen.key(key);
        await eventually('rows', async () => (await screen.texts('.pane-body .monaco-list-row')).length > 5);
        await screen.shot(`state-layers-${name}`);
        await vscode.commands.executeCommand('workbench.action.closeSidebar');
      });
    }

    test('the panel, empty, failed and loading', async () => {
      await useTheme(themes.dark);
      await show(image(2), image(2), '.notice p');
      await eventually('nothing', async () =>
        /no|nothing/i.test((await panelPage.texts('.notice p'))[0] ?? ''),
      );
      await screen.shot('state-empty');
      const missing = { of: 'reference', reference: 'oci:/nowhere/at/all', upTo: null };
      await show(image(2), missing, '.notice .primary');
      await screen.shot('state-failed');
      const { panel } = await strata();
      const uri = document.uri.toString();
      const loading = panel.show({ uri, from: image(0), to: image(2) });
      await screen.shot('state-loading');
      await loading;
    });

    test('the panel, narrow and large', async () => {
      // Alone, so that it has all the room that there is.
      await closeAll();
      await showAll();
      await screen.size(400, 800);
      await screen.shot('state-narrow');
      await panelPage.fill('input', 'srv/names/');
      await eventually('hard names', async () => (await panelPage.texts('.body .row')).length === 7);
      await screen.shot('state-narrow-names');
      // 200 % of zoom are half the pixels each way.
      await screen.size(640, 400);
      await screen.shot('state-large');
    });
  });
}
