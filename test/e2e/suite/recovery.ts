// The language server may die at any time: it comes back, and with it all that it showed.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, lineOf, openFile, strata, treeRows, untilReady } from './strata';

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
  });
}
