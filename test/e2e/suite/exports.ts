// What leaves the diff panel: the list as a document in each format, and files that are no text, opened and compared. The
// image is written here, with a program that differs far behind its start, and pictures that are some.
import * as assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { writeImage } from './binaryImage';
import { eventually } from './eventually';
import { closeAll, inWorkspace, openFile, strata, untilReady, useTheme } from './strata';
import { needsScreen, panelPage, screen } from './ui';

export function exportsSuite(): void {
  suite('exports and binary files', () => {
    let document: vscode.TextDocument;
    let reference = '';

    const showImage = async () => {
      const { panel } = await strata();
      const state = (upTo: number) => ({ of: 'reference', reference, upTo }) as const;
      await panel.show({ uri: document.uri.toString(), from: state(0), to: state(1) });
      // The same diff comes back as it was left. A page that VS Code is just moving to another place forgets what is typed.
      let polls = 0;
      await eventually('rows', async () => {
        if ((await panelPage.texts('.body .row[data-change]')).length > 4) return true;
        if (polls++ % 20 === 0) await panelPage.fill('input', '');
        return false;
      });
    };
    const openRow = async (name: string) => {
      await showImage();
      await panelPage.fill('input', name);
      await eventually('one row', async () => (await panelPage.texts('.body .row')).length === 1);
      await panelPage.press('.grid', 'Enter');
    };
    const frontTab = <T>(type: new (...given: never[]) => T) =>
      eventually(type.name, () => {
        const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return input instanceof type && input;
      });
    const textOf = async (uri: vscode.Uri) => (await vscode.workspace.openTextDocument(uri)).getText();
    const status = () => screen.texts('.statusbar-item');
    const menu = () => screen.texts('.quick-input-widget .monaco-list-row .label-name');
    const saveAs = async (label: string, name: string) => {
      const target = inWorkspace(name);
      await panelPage.click('.actions .report:last-child');
      await eventually('the formats', async () => (await menu()).length === 4);
      await screen.click(`.quick-input-widget .monaco-list-row:has-text("Export as ${label}")`);
      const isAsking = async () =>
        (await screen.texts('.quick-input-title')).some((title) => title.includes('Export Layer Diff'));
      await eventually('the dialog', isAsking);
      // Until the dialog has the keyboard, keys go to the page below it.
      await screen.click('.quick-input-widget .quick-input-box input');
      await screen.key('Control+a');
      await screen.type(target.fsPath);
      await screen.shot('export-dialog');
      return await eventually(name, async () => {
        if (existsSync(target.fsPath)) return readFileSync(target.fsPath, 'utf8');
        // The dialog looks at the folder before it takes the name.
        if (await isAsking()) await screen.key('Enter');
        return false;
      });
    };

    suiteSetup(async function () {
      needsScreen(this);
      document = (await openFile('layers/Dockerfile')).document;
      await untilReady(document);
      reference = await writeImage(inWorkspace('binaries').fsPath);
      await vscode.commands.executeCommand('workbench.action.closeSidebar');
    });
    suiteTeardown(async () => {
      await useTheme(undefined);
      await closeAll();
    });

    test('the button offers four formats, and the keyboard chooses one', async () => {
      await showImage();
      assert.match(await panelPage.accessible('.actions'), /button "Export…"/);
      await panelPage.press('.actions .report:last-child', 'Enter');
      await eventually('the formats', async () => (await menu()).length === 4);
      assert.deepEqual(await menu(), [
        'Open as Text',
        'Export as Markdown…',
        'Export as JSON…',
        'Export as HTML…',
      ]);
      await screen.shot('export-menu');
      await screen.key('Enter');
      const editor = await eventually('the text', () => {
        const front = vscode.window.activeTextEditor;
        return front?.document.languageId === 'strata-diff' && front;
      });
      assert.match(editor.document.getText(), /^± modified .* usr\/bin\/tool {2}\(content\)$/m);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('JSON, Markdown and HTML hold the list as it is filtered, and say so', async () => {
      await showImage();
      await panelPage.fill('input', 'usr/bin');
      await eventually('one row', async () => (await panelPage.texts('.body .row')).length === 1);
      const json = JSON.parse(await saveAs('JSON', 'diff.json'));
      assert.equal(json.schema, 1);
      assert.deepEqual(
        json.entries.map((entry: { path: string }) => entry.path),
        ['usr/bin/tool'],
      );
      assert.equal(json.modified, 5);
      assert.deepEqual(json.list, {
        ...{ filter: 'usr/bin', kinds: ['added', 'modified', 'removed'], sort: 'size', entries: 1 },
      });
      const markdown = await saveAs('Markdown', 'diff.md');
      assert.match(markdown, /^- \*\*List:\*\* 1 of \d+ changes, those that match the filter “usr\/bin”/m);
      assert.match(markdown, /^\| ± modified \| `usr\/bin\/tool` \|/m);
      const html = await saveAs('HTML', 'diff.html');
      assert.match(html, /<bdi>tool<\/bdi>/);
      assert.ok(!html.includes('logo.png') && html.endsWith('</html>\n'));
    });

    test('the command exports too, and is there only while a diff is on show', async () => {
      await showImage();
      const shown = vscode.commands.executeCommand('strata.exportDiff');
      await eventually('the formats', async () => (await menu()).length === 4);
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await shown;
    });

    test('a program opens in hexadecimal, and says what is left out', async () => {
      await openRow('added.so');
      const { uri } = await frontTab(vscode.TabInputText);
      const text = await textOf(uri);
      assert.match(text, /^100 kB \(100,000 bytes\), shown in hexadecimal\.$/m);
      assert.match(text, /^00000000 {2}7f 45 4c 46 .*\|\.ELF/m);
      assert.match(text, /^34,464 more bytes are not shown\./m);
      await screen.shot('hex-open');
      await useTheme('Default Light Modern');
      await screen.shot('hex-open-light');
      await useTheme(undefined);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('two programs are compared where they differ', async () => {
      await openRow('usr/bin/tool');
      const { original, modified } = await frontTab(vscode.TabInputTextDiff);
      const [before, after] = [await textOf(original), await textOf(modified)];
      assert.match(before, /^The first 148,\d{3} bytes are left out: they are the same on both sides\.$/m);
      assert.match(before, /^000249f0 {2}00 /m);
      assert.match(after, /^000249f0 {2}ff /m);
      await eventually('the difference', async () => (await screen.texts('.line-insert')).length > 0);
      await screen.shot('hex-diff');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('an image opens as one, whatever its name says, and two stand side by side', async () => {
      await openRow('picture.dat');
      assert.equal((await frontTab(vscode.TabInputCustom)).viewType, 'imagePreview.previewEditor');
      await eventually('the image', async () => (await status()).some((text) => text.includes('200x200')));
      await screen.shot('image-open');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await openRow('logo.png');
      await eventually('two images', () => {
        const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
        return tab?.label.startsWith('logo.png (before');
      });
      await screen.shot('image-diff');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('UTF-16 stays text, and a text that calls itself an image is one', async () => {
      await openRow('utf16.txt');
      const wide = await frontTab(vscode.TabInputText);
      assert.equal(await textOf(wide.uri), 'wide 文本\n');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await openRow('notes.png');
      const { original, modified } = await frontTab(vscode.TabInputTextDiff);
      assert.deepEqual([await textOf(original), await textOf(modified)], ['old notes\n', 'new notes\n']);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('all changes as one diff show programs in hexadecimal', async () => {
      await showImage();
      await panelPage.click('.actions .report:nth-last-child(2)');
      await eventually('the diffs', async () => (await screen.texts('.multiDiffEntry')).length > 1);
      await eventually('lines', async () =>
        (await screen.texts('.multiDiffEntry .view-line')).some((line) => /000249f0|left.out/.test(line)),
      );
      await screen.shot('hex-changes');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });
  });
}
