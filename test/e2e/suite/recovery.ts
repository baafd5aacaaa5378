// The language server may die at any time: it comes back, and with it all that it showed.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, lineOf, openFile, strata, treeRows, untilReady } from './strata';
import { needsScreen, panelPage, screen } from './ui';

export function recoverySuite(): void {
  suite('recovery', () => {
    suiteTeardown(closeAll);

    test('a killed server is started again and shows the same hints and rows', async () => {
      const { document } = await openFile('layers/Dockerfile');
      await untilReady(document);
      const api = await strata();
      const line = lineOf(document, 'RUN chown');
      const before = await eventually('a hint', async () => (await hints(document)).get(line));
      const first = api.serverProcessId;
      assert.ok(first);
      process.kill(first, 'SIGKILL');
      await eventually(
        'another process',
        () => api.serverProcessId !== undefined && api.serverProcessId !== first,
      );
      await eventually('the same hint', async () => (await hints(document)).get(line) === before);
      await eventually('rows', async () => (await treeRows()).length > 0);
    });

    test('text that was typed meanwhile is known to the new server', async () => {
      const { document } = await openFile('layers/Dockerfile');
      const api = await strata();
      const first = api.serverProcessId;
      assert.ok(first);
      process.kill(first, 'SIGKILL');
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(document.lineCount, 0), '\nCOPY <<EOF /x\nnew\nEOF\n');
      await vscode.workspace.applyEdit(edit);
      const line = lineOf(document, 'COPY <<EOF /x');
      await eventually('a hint on the new line', async () => (await hints(document)).get(line));
    });

    test('panels come back with the window, and say so when their Dockerfile is gone', async function () {
      needsScreen(this);
      const { document } = await openFile('layers/Dockerfile');
      await untilReady(document);
      const uri = document.uri.toString();
      const { panel, picture } = await strata();
      // As VS Code calls it: a panel whose page is empty yet, and what its page had kept.
      const bring = async (of: typeof panel | typeof picture, viewType: string, kept: object) => {
        await closeAll();
        const options = { enableScripts: true };
        const empty = vscode.window.createWebviewPanel(viewType, viewType, vscode.ViewColumn.One, options);
        await of.deserializeWebviewPanel(empty, kept);
        return empty;
      };
      const from = { of: 'image', upTo: 1 };
      const to = { of: 'image', upTo: 2 };
      await bring(panel, 'strata.diff', { shown: { uri, from, to } });
      await eventually('rows', async () => (await panelPage.texts('.body .row[data-change]')).length > 0);
      const image = await bring(picture, 'strata.image', { uri });
      await eventually('the picture', async () => (await panelPage.texts('table')).length > 0);
      assert.equal(image.title, 'Image of Dockerfile');
      await bring(picture, 'strata.image', { uri: uri.replace('layers/Dockerfile', 'gone/Dockerfile') });
      await eventually('the reason', async () => /gone/.test((await panelPage.texts('.empty')).join('')));
      assert.deepEqual(await panelPage.texts('.primary'), ['Try Again']);
      await screen.shot('image-failed');
    });
  });
}
