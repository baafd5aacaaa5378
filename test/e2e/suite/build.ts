// A build by a real builder: what the lines show before, during and after. run.mjs starts the builder, and
// writes plain/Dockerfile on a base image that it has.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, lineOf, openFile, strata, treeRows } from './strata';

const buildMs = 180_000;

export function buildSuite(): void {
  suite('build', () => {
    let document: vscode.TextDocument;

    suiteSetup(async () => {
      document = (await openFile('plain/Dockerfile')).document;
    });
    suiteTeardown(closeAll);

    test('before the first build a hint promises a layer and no size', async () => {
      const line = lineOf(document, 'RUN');
      assert.equal(await eventually('a hint', async () => (await hints(document)).get(line)), 'layer');
    });

    test('a build measures each line', async function () {
      this.timeout(buildMs);
      const result = await vscode.commands.executeCommand<{ outcome: string; message: string } | null>(
        'strata.build',
        document.uri.toString(),
      );
      assert.equal(result?.outcome, 'built', result?.message);
      const line = lineOf(document, 'RUN');
      const hint = await eventually('a measure', async () => {
        const found = (await hints(document)).get(line);
        return found && !found.startsWith('~') && /\d [kM]?B/.test(found) && found;
      });
      assert.match(hint, /ran|cached/);
      const api = await strata();
      await eventually('the tree', async () => (await treeRows()).length > 0);
      await eventually('the status bar', () => /\d/.test(api.status.text ?? ''));
    });

    test('the second build comes from the cache', async function () {
      this.timeout(buildMs);
      await vscode.commands.executeCommand('strata.build', document.uri.toString());
      const line = lineOf(document, 'RUN');
      await eventually('cached', async () => (await hints(document)).get(line)?.includes('cached'));
    });

    test('a build that fails names its line and keeps what was measured', async function () {
      this.timeout(buildMs);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(document.lineCount, 0), '\nRUN exit 7\n');
      await vscode.workspace.applyEdit(edit);
      const result = await vscode.commands.executeCommand<{ outcome: string; line: number | null } | null>(
        'strata.build',
        document.uri.toString(),
      );
      assert.equal(result?.outcome, 'failed');
      const line = lineOf(document, 'RUN exit 7');
      assert.equal(result?.line, line);
      assert.equal(document.isDirty, false, 'the build saves first');
      await eventually('a diagnostic on the line', () =>
        vscode.languages.getDiagnostics(document.uri).some((one) => one.range.start.line === line - 1),
      );
      const measured = (await hints(document)).get(lineOf(document, 'RUN'));
      assert.match(measured ?? '', /\d [kM]?B/);
    });

    test('a build can be cancelled', async function () {
      this.timeout(buildMs);
      const edit = new vscode.WorkspaceEdit();
      const line = lineOf(document, 'RUN exit 7') - 1;
      edit.replace(document.uri, document.lineAt(line).range, 'RUN sleep 100');
      await vscode.workspace.applyEdit(edit);
      const uri = document.uri.toString();
      const building = vscode.commands.executeCommand<{ outcome: string } | null>('strata.build', uri);
      const api = await strata();
      await eventually('the build runs', () => /\$\(sync~spin\)/.test(api.status.text ?? ''), 60_000);
      await vscode.commands.executeCommand('strata.cancelBuild', uri);
      assert.equal((await building)?.outcome, 'cancelled');
    });
  });
}
