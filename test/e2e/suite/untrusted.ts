// In Restricted Mode Strata forecasts and does not build.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, lineOf, openFile, strata } from './strata';
import { needsScreen, screen } from './ui';

export function untrustedSuite(): void {
  suite('restricted mode', () => {
    suiteTeardown(closeAll);

    test('hints still come', async () => {
      assert.equal(vscode.workspace.isTrusted, false);
      const { document } = await openFile('forecast/Dockerfile');
      const line = lineOf(document, 'COPY <<EOF');
      const hint = await eventually('a hint', async () => (await hints(document)).get(line));
      assert.match(hint, /^~\d+ B/);
    });

    test('the view says why there is no more', async () => {
      const { view } = await strata();
      await eventually('the state', () => view.welcome === 'untrusted');
    });

    test('a build is refused, with the way to trust the folder', async function () {
      needsScreen(this);
      const { document } = await openFile('forecast/Dockerfile');
      const built = vscode.commands.executeCommand('strata.build', document.uri.toString());
      // Toasts do not show under VS Code's test driver; the list has the same messages.
      const shown = await eventually('the message', async () => {
        await vscode.commands.executeCommand('notifications.showList');
        const texts = await screen.texts('.notifications-center .notification-list-item');
        return texts.find((text) => text.includes('Restricted Mode'));
      });
      assert.match(shown, /Manage Workspace Trust/);
      await vscode.commands.executeCommand('notifications.clearAll');
      assert.equal(await built, null);
    });
  });
}
