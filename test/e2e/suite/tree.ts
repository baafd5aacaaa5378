// The Layers view: stages, then lines, then what each layer holds.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, lineOf, openFile, rowOfLine, strata, treeRows, untilReady } from './strata';
import { needsScreen, screen } from './ui';

export function treeSuite(): void {
  suite('layer tree', () => {
    let document: vscode.TextDocument;

    suiteSetup(async () => {
      document = (await openFile('layers/Dockerfile')).document;
      await untilReady(document);
      await vscode.commands.executeCommand('strata.layers.focus');
    });
    suiteTeardown(closeAll);

    test('shows the stages, and below each its lines with their sizes', async () => {
      const stages = await eventually('stages', async () => {
        const rows = await treeRows();
        return rows.length > 0 && rows;
      });
      assert.deepEqual(
        stages.map((row) => row.node.kind),
        ['stage', 'stage'],
      );
      const chown = await rowOfLine(lineOf(document, 'RUN chown'));
      assert.match(chown.node.description, /[\d.,]+ [kM]?B/);
      assert.equal(chown.parent?.node.kind, 'stage');
    });

    test('a layer opens to its directories and files', async () => {
      const line = await rowOfLine(lineOf(document, 'COPY docs'));
      const [srv] = await treeRows(line);
      assert.equal(srv?.node.label, 'srv');
      const [docs] = await treeRows(srv);
      assert.equal(docs?.node.label, 'docs');
      const files = await treeRows(docs);
      assert.ok(files.length > 0);
      assert.ok(files.every((row) => row.node.kind === 'file' && row.node.change === 'added'));
    });

    test('a deleted file stands in its layer as removed', async () => {
      const line = await rowOfLine(lineOf(document, 'RUN rm /srv/scratch.bin'));
      const [srv] = await treeRows(line);
      const files = await treeRows(srv);
      const gone = files.find((row) => row.node.label === 'scratch.bin');
      assert.equal(gone?.node.change, 'removed');
    });

    test('every row says its name and more to a screen reader', async () => {
      for (const stage of await treeRows()) {
        for (const row of [stage, ...(await treeRows(stage))]) {
          assert.ok(row.node.accessibleLabel.length >= row.node.label.length, row.node.label);
        }
      }
    });

    test('a row goes to its line', async () => {
      const line = lineOf(document, 'RUN chown');
      await vscode.commands.executeCommand('strata.revealLine', await rowOfLine(line));
      assert.equal(vscode.window.activeTextEditor?.selection.active.line, line - 1);
    });

    test('a file opens as read-only text', async () => {
      const line = await rowOfLine(lineOf(document, 'COPY <<EOF'));
      const [srv] = await treeRows(line);
      const readme = (await treeRows(srv)).find((row) => row.node.label === 'README');
      await vscode.commands.executeCommand('strata.openFile', readme);
      const editor = await eventually('the file', () => {
        const front = vscode.window.activeTextEditor;
        return front?.document.uri.scheme === 'strata-layer' && front;
      });
      assert.match(editor.document.getText(), /Look at this image with Strata/);
      assert.equal(vscode.workspace.fs.isWritableFileSystem('strata-layer'), false);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('shows what lies below a layer and what a container sees after it', async () => {
      const { tree } = (await strata()).view;
      const scratch = async (view: 'lower' | 'merged') => {
        tree.setLook({ ...tree.look, view });
        const line = await rowOfLine(lineOf(document, 'RUN rm /srv/scratch.bin'));
        const root = await treeRows(line);
        const srv = root.find((row) => row.node.label === 'srv');
        const names = (await treeRows(srv)).map((row) => row.node.label);
        return { names, root: root.map((row) => row.node.label) };
      };
      const below = await scratch('lower');
      assert.ok(below.names.includes('scratch.bin') && below.root.includes('bin'), below.names.join());
      const merged = await scratch('merged');
      assert.ok(!merged.names.includes('scratch.bin') && merged.root.includes('bin'), merged.names.join());
      tree.setLook({ ...tree.look, view: 'upper' });
    });

    test('files can be filtered, and the message says so', async () => {
      const { view } = await strata();
      view.tree.setLook({ ...view.tree.look, view: 'merged', filter: 'scratch' });
      const line = await rowOfLine(lineOf(document, 'RUN dd'));
      const root = await treeRows(line);
      assert.deepEqual(
        root.map((row) => row.node.label),
        ['srv'],
      );
      assert.deepEqual(
        (await treeRows(root[0])).map((row) => row.node.label),
        ['scratch.bin'],
      );
      view.tree.setLook({ ...view.tree.look, view: 'upper', filter: '' });
    });

    test('the image after a layer is a read-only folder', async () => {
      const line = await rowOfLine(lineOf(document, 'RUN dd'));
      const state = { of: 'image', upTo: line.layer };
      const query = JSON.stringify({ uri: document.uri.toString(), state });
      const root = vscode.Uri.from({ scheme: 'strata-layer', path: '/', query });
      const names = (await vscode.workspace.fs.readDirectory(root)).map(([name]) => name);
      assert.ok(names.includes('srv') && names.includes('bin'), names.join());
      const srv = root.with({ path: '/srv' });
      const files = new Map(await vscode.workspace.fs.readDirectory(srv));
      assert.equal(files.get('scratch.bin'), vscode.FileType.File);
      assert.equal((await vscode.workspace.fs.stat(srv)).type, vscode.FileType.Directory);
      await assert.rejects(Promise.resolve(vscode.workspace.fs.stat(root.with({ path: '/nowhere' }))));
    });

    test('the command Show in Tree selects the cursor’s line', async function () {
      needsScreen(this);
      const editor = await openFile('layers/Dockerfile');
      const at = new vscode.Position(lineOf(document, 'COPY docs') - 1, 0);
      editor.selection = new vscode.Selection(at, at);
      await vscode.commands.executeCommand('strata.showInTree');
      await eventually('the selected row', async () => {
        const selected = await screen.texts('.pane-body .monaco-list-row.selected');
        return selected.some((text) => text.includes('COPY docs'));
      });
    });

    test('the selection follows the cursor when the setting says so', async function () {
      needsScreen(this);
      const editor = await openFile('layers/Dockerfile');
      const settings = vscode.workspace.getConfiguration('strata');
      await settings.update('tree.followCursor', true, vscode.ConfigurationTarget.Global);
      try {
        const at = new vscode.Position(lineOf(document, 'RUN dd') - 1, 0);
        editor.selection = new vscode.Selection(at, at);
        await eventually('the selected row', async () => {
          const selected = await screen.texts('.pane-body .monaco-list-row.selected');
          return selected.some((text) => text.includes('RUN dd'));
        });
        assert.equal(vscode.window.activeTextEditor, editor);
      } finally {
        await settings.update('tree.followCursor', undefined, vscode.ConfigurationTarget.Global);
      }
    });

    test('the tree follows the Dockerfile in front, and keeps it when another file comes', async () => {
      const { view } = await strata();
      const other = (await openFile('article/Dockerfile')).document;
      await eventually('rows of the other Dockerfile', async () => {
        return (await treeRows())[0]?.uri === other.uri.toString();
      });
      await openFile('layers/greeting.txt');
      assert.equal((await treeRows())[0]?.uri, other.uri.toString());
      await closeAll();
      await eventually('the welcome text', () => view.welcome === 'noDockerfile');
    });
  });
}
