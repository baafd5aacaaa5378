// The explorer on an image of 110,000 files, made by largeImage.ts: the tree, the diff panel and blame give the same as
// on a small one. How much memory it takes is written down, not asserted.
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, lineOf, openFile, rowOfLine, strata, treeRows, untilReady } from './strata';
import { needsScreen, panelPage, screen } from './ui';

export function largeSuite(): void {
  suite('an image of many files', () => {
    let document: vscode.TextDocument;

    const rows = () => panelPage.texts('.body .row');
    const footer = async () => (await panelPage.texts('footer'))[0] ?? '';

    suiteSetup(async () => {
      document = (await openFile('large/Dockerfile')).document;
      await untilReady(document);
    });
    suiteTeardown(closeAll);

    test('a folder of 50,000 files comes page by page', async () => {
      const { tree } = (await strata()).view;
      const [srv] = await treeRows(await rowOfLine(lineOf(document, 'COPY assets')));
      const folder = (await treeRows(srv))[0]!;
      assert.equal(folder.node.label, 'assets');
      const shown = async () => {
        const all = await tree.getChildren(folder);
        const last = all.at(-1)!;
        assert.ok(last.kind === 'more', 'the last row leads on');
        return [all.length - 1, last.shown, last.total];
      };
      assert.deepEqual(await shown(), [500, 500, 50_000]);
      tree.loadMore(folder);
      assert.deepEqual(await shown(), [1000, 1000, 50_000]);
    });

    test('the tree filters 50,000 files', async () => {
      const { tree } = (await strata()).view;
      tree.setLook({ ...tree.look, filter: 'asset-4999' });
      try {
        const [srv] = await treeRows(await rowOfLine(lineOf(document, 'COPY assets')));
        const [folder] = await treeRows(srv);
        assert.equal((await treeRows(folder)).length, 10);
      } finally {
        tree.setLook({ ...tree.look, filter: '' });
      }
    });

    test('the panel shows 110,000 changes, to the last one', async function () {
      needsScreen(this);
      const { panel } = await strata();
      const uri = document.uri.toString();
      await panel.show({ uri, from: { of: 'image', upTo: -1 }, to: { of: 'image', upTo: 2 } });
      await eventually('all changes', async () => /^109,6\d\d changes/.test(await footer()));
      await panelPage.press('.grid', 'End');
      await eventually('the last row, arrived', async () => {
        const [count] = await panelPage.attributes('.grid', 'aria-rowcount');
        const shown = await panelPage.attributes('.body .row.selected:not(.awaited)', 'aria-rowindex');
        return shown[0] === count;
      });
      await panelPage.press('.grid', 'Home');
    });

    test('the panel filters them, and groups them by directory', async function () {
      needsScreen(this);
      await panelPage.fill('input', 'asset-4999');
      await eventually('ten rows', async () => {
        const shown = await rows();
        return shown.length === 10 && shown.every((row) => row.includes('asset-4999'));
      });
      await panelPage.fill('input', '');
      await eventually('all rows', async () => /^109,6\d\d changes/.test(await footer()));
      await panelPage.click('.views .view:first-child');
      await panelPage.click('.body .row.directory');
      const inside = await eventually('what is in srv', async () => {
        const shown = await rows();
        return shown.length > 3 && shown.map((row) => row.replace(/\s+/g, ' '));
      });
      assert.ok(
        inside.some((row) => /modules.* 8\.97 MB/.test(row)),
        inside.join('\n'),
      );
      await panelPage.click('.views .view:first-child');
    });

    test('the map of them shows their directories', async function () {
      needsScreen(this);
      await eventually('boxes', async () => {
        const boxes = await panelPage.texts('.map .box.goes');
        return boxes.some((box) => box.includes('modules/')) && boxes.some((box) => box.includes('assets/'));
      });
      assert.ok((await panelPage.texts('.map .box')).length <= 801);
    });

    test('a path is found among them, with the line that put it there', async function () {
      needsScreen(this);
      await closeAll();
      await openFile('large/Dockerfile');
      const asked = vscode.commands.executeCommand('strata.blame');
      const items = () => screen.texts('.quick-input-list .monaco-list-row');
      await eventually('the first paths', async () => (await items()).length > 1);
      await screen.type('asset-08999');
      await eventually('the path', async () => {
        const shown = await items();
        return shown.length === 1 && shown[0]!.includes('/srv/assets/asset-08999.bin');
      });
      await screen.key('Enter');
      const steps = await eventually('its history', async () => {
        const shown = await items();
        return shown.length === 2 && shown.some((step) => step.includes('changed')) && shown;
      });
      assert.match(steps[0]!, /changed[\s\S]*line 4/);
      assert.match(steps[1]!, /added[\s\S]*line 2/);
      await screen.key('Enter');
      await asked;
      assert.equal(vscode.window.activeTextEditor?.selection.active.line, lineOf(document, 'RUN') - 1);
    });

    test('the memory that it took is written down', async () => {
      const { serverProcessId } = await strata();
      const resident = (pid: number | 'self'): number | null => {
        const status = fs.existsSync(`/proc/${pid}/status`)
          ? fs.readFileSync(`/proc/${pid}/status`, 'utf8')
          : '';
        const kilobytes = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
        return kilobytes === undefined ? null : Number(kilobytes) * 1024;
      };
      const figures = { extensionHost: process.memoryUsage().rss, server: resident(serverProcessId!) };
      if (process.env.STRATA_FIGURES) fs.writeFileSync(process.env.STRATA_FIGURES, JSON.stringify(figures));
      assert.ok(figures.extensionHost > 0);
    });
  });
}
