// The diff panel: what a layer changed against what lies below it, and the files that it opens.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, lineOf, openFile, strata, untilReady } from './strata';
import { needsScreen, panelPage, screen } from './ui';

export function diffSuite(): void {
  suite('diff panel', () => {
    let document: vscode.TextDocument;

    const showDiffOf = async (start: string) => {
      const editor = await openFile('layers/Dockerfile');
      const line = lineOf(document, start);
      const at = new vscode.Position(line - 1, 0);
      editor.selection = new vscode.Selection(at, at);
      await vscode.commands.executeCommand('strata.showLayerDiff');
      const { panel } = await strata();
      await eventually('the panel', () => panel.current?.title.includes(String(line)));
    };
    const rowsOf = (pattern: RegExp) =>
      eventually(`rows that match ${pattern}`, async () => {
        // Folders and name stand in boxes of their own, which the text shows as line ends.
        const texts = await panelPage.texts('.body .row');
        const rows = texts.map((row) => row.replace(/\s+/g, ' ').replaceAll('/ ', '/').trim());
        return rows.some((row) => pattern.test(row)) && rows;
      });

    suiteSetup(async () => {
      document = (await openFile('layers/Dockerfile')).document;
      await untilReady(document);
    });
    suiteTeardown(closeAll);

    test('shows the line, what it is compared with, totals and the changed files', async function () {
      needsScreen(this);
      await showDiffOf('RUN chown');
      const rows = await rowsOf(/modified .*srv\/pages\.txt/);
      assert.equal(rows.filter((row) => row.includes('pages.txt')).length, 1);
      assert.match((await panelPage.texts('h1'))[0] ?? '', /^RUN chown/);
      assert.match((await panelPage.texts('.about'))[0] ?? '', /line \d+ · against/);
      assert.match((await panelPage.texts('.kind.modified'))[0] ?? '', /1 modified/);
    });

    test('the same panel takes the next layer', async function () {
      needsScreen(this);
      await showDiffOf('RUN rm /srv/scratch.bin');
      await rowsOf(/removed .*srv\/scratch\.bin/);
    });

    test('the filter narrows the list, and can be cleared', async function () {
      needsScreen(this);
      await showDiffOf('RUN rm -r docs');
      const all = (await rowsOf(/docs\/index\.txt/)).length;
      await panelPage.fill('input', 'index');
      await eventually('fewer rows', async () => {
        const rows = await panelPage.texts('.body .row');
        return rows.length > 0 && rows.length < all && rows.every((row) => row.includes('index'));
      });
      await panelPage.fill('input', 'no such name');
      await eventually('no rows', async () => (await panelPage.texts('.notice p'))[0]?.includes('No change'));
      await panelPage.click('.notice button');
      await eventually('all rows', async () => (await panelPage.texts('.body .row')).length === all);
    });

    test('a kind can be left out', async function () {
      needsScreen(this);
      await panelPage.click('.kind.removed');
      await eventually('no removed rows', async () => {
        const rows = await panelPage.texts('.body .row');
        return rows.length > 0 && rows.every((row) => !row.includes('removed'));
      });
      assert.deepEqual(await panelPage.attributes('.kind.removed', 'aria-pressed'), ['false']);
      await panelPage.click('.kind.removed');
      await rowsOf(/removed/);
    });

    test('is a grid to a screen reader, and the keyboard moves through it', async function () {
      needsScreen(this);
      assert.match(await panelPage.accessible('.grid'), /grid "Changed files"/);
      await panelPage.press('.grid', 'End');
      const [count] = await panelPage.attributes('.grid', 'aria-rowcount');
      const last = `row-${Number(count) - 2}`;
      await eventually('the last row', async () => {
        return (await panelPage.attributes('.grid', 'aria-activedescendant'))[0] === last;
      });
      await panelPage.press('.grid', 'Home');
      assert.deepEqual(await panelPage.attributes('.grid', 'aria-activedescendant'), ['row-0']);
    });

    test('Enter on a modified file opens both sides, read from the image', async function () {
      needsScreen(this);
      await showDiffOf('RUN chown');
      await rowsOf(/modified .*srv\/pages\.txt/);
      await panelPage.fill('input', 'pages');
      await eventually('one row', async () => (await panelPage.texts('.body .row')).length === 1);
      await panelPage.press('.grid', 'Enter');
      const tab = await eventually('a diff editor', () => {
        const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return input instanceof vscode.TabInputTextDiff && input;
      });
      for (const side of [tab.original, tab.modified]) {
        const text = (await vscode.workspace.openTextDocument(side)).getText();
        assert.match(text, /^page 1: /, side.query);
      }
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('changes are grouped by directory, which open and close by mouse and keyboard', async function () {
      needsScreen(this);
      await showDiffOf('RUN rm -r docs');
      await rowsOf(/docs\/index\.txt/);
      await panelPage.click('.views .view:first-child');
      const rows = () => panelPage.texts('.body .row');
      const directory = await eventually('a directory', async () => {
        const found = await panelPage.attributes('.body .row.directory', 'aria-expanded');
        return found[0] === 'false' && (await rows());
      });
      assert.match(await panelPage.accessible('.grid'), /treegrid "Changed files"/);
      await panelPage.press('.grid', 'ArrowRight');
      await eventually('what is in it', async () => (await rows()).length > directory.length);
      await panelPage.press('.grid', 'ArrowLeft');
      await eventually('closed again', async () => (await rows()).length === directory.length);
      await panelPage.click('.body .row.directory');
      await eventually('open again', async () => (await rows()).length > directory.length);
      await panelPage.click('.views .view:first-child');
      await rowsOf(/docs\/index\.txt/);
    });

    test('changes are grouped by the line whose layer holds them, and by package', async function () {
      needsScreen(this);
      await showDiffOf('RUN rm -r docs');
      await rowsOf(/docs\/index\.txt/);
      await panelPage.click('.views .view:first-child');
      await eventually('directories', async () => (await panelPage.texts('.row.directory')).length > 0);
      await panelPage.press('.groups', 'ArrowDown');
      await rowsOf(/of no known package/);
      await panelPage.press('.groups', 'ArrowDown');
      const groups = await rowsOf(/line 27/);
      assert.equal(groups.filter((row) => /removed: COPY docs/.test(row)).length, 1, groups.join('\n'));
      assert.match(await panelPage.accessible('.tools'), /combobox "What the groups are"/);
      await panelPage.press('.grid', 'ArrowRight');
      await rowsOf(/srv\/docs/);
      await screen.shot('diff-by-layer');
      await panelPage.press('.groups', 'ArrowUp');
      await panelPage.press('.groups', 'ArrowUp');
      await panelPage.click('.views .view:first-child');
      await rowsOf(/docs\/index\.txt/);
    });

    test('the map leads into directories and back', async function () {
      needsScreen(this);
      await showDiffOf('RUN rm -r docs');
      const boxes = () => panelPage.texts('.map .box.goes');
      await eventually('boxes', async () => (await boxes()).some((box) => box.includes('/')));
      await panelPage.click('.map .box.goes.holds span');
      await eventually('inside', async () => (await panelPage.texts('.map nav button')).length > 1);
      await panelPage.click('.map nav button');
      await eventually('outside', async () => (await panelPage.texts('.map nav button')).length === 1);
    });

    test('two states are compared: nothing, and the whole image', async function () {
      needsScreen(this);
      const { panel } = await strata();
      const uri = document.uri.toString();
      const whole = { uri, from: { of: 'image', upTo: -1 }, to: { of: 'image', upTo: 3 } } as const;
      await panel.show(whole);
      await rowsOf(/added .*busybox/);
      assert.match((await panelPage.texts('.about'))[0] ?? '', /^against an empty image/);
      await panelPage.click('.titleLine .report');
      await rowsOf(/removed .*busybox/);
    });

    test('the list opens as text, one line for each change', async function () {
      needsScreen(this);
      await showDiffOf('RUN rm /srv/scratch.bin');
      await rowsOf(/removed .*srv\/scratch\.bin/);
      await panelPage.click('.report:last-child');
      await eventually('the formats', async () => {
        const formats = await screen.texts('.quick-input-widget .monaco-list-row .label-name');
        return formats[0] === 'Open as Text';
      });
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      const editor = await eventually('the report', () => {
        const front = vscode.window.activeTextEditor;
        return front?.document.languageId === 'strata-diff' && front;
      });
      assert.match(editor.document.getText(), /^- removed .* srv\/scratch\.bin$/m);
    });

    test('a line without a layer says so and offers the layers', async function () {
      needsScreen(this);
      await closeAll();
      const editor = await openFile('layers/Dockerfile');
      const at = new vscode.Position(lineOf(document, 'ENV') - 1, 0);
      editor.selection = new vscode.Selection(at, at);
      const shown = vscode.commands.executeCommand('strata.showLayerDiff');
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await eventually('the first layer of the list', async () => {
        const { panel } = await strata();
        if (panel.current) return true;
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return false;
      });
      await shown;
    });
  });
}
