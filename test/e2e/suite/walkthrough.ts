// 'How Layers Work': the walkthrough opens, and each of its buttons shows its idea on the example's recorded build.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import {
  button,
  closePanel,
  cursorLine,
  example,
  inSrv,
  panelShows,
  selectedRow,
  show,
  step,
  steps,
} from './exampleSteps';
import { closeAll, extensionId, lineOf, rowOfLine, strata, treeRows, untilReady, useTheme } from './strata';
import { needsScreen, screen, webviewAttributes } from './ui';

export function walkthroughSuite(): void {
  suite('walkthrough', () => {
    suiteTeardown(async () => {
      const { tree } = (await strata()).view;
      tree.setLook({ ...tree.look, view: 'upper' });
      await useTheme(undefined);
      await vscode.commands.executeCommand('workbench.view.explorer');
      if (process.env.STRATA_BRIDGE) await screen.size(1280, 800);
      await closeAll();
    });

    test('the palette’s command opens it, with a title for each step', async function () {
      needsScreen(this);
      await screen.size(1500, 860);
      await vscode.commands.executeCommand('workbench.action.closeSidebar');
      await vscode.commands.executeCommand('strata.openWalkthrough');
      const shown = await eventually('the steps', async () => {
        const titles = await screen.texts('.gettingStartedContainer .step-title');
        return titles.length > 0 && titles;
      });
      assert.deepEqual(
        shown,
        steps().map(({ title }) => title),
      );
    });

    test('the first button opens a copy of the example, with its recorded build', async function () {
      needsScreen(this);
      await screen.click(button('stack'));
      const document = await eventually('the example', example);
      await untilReady(document);
      const { extensionUri } = vscode.extensions.getExtension(extensionId)!;
      assert.ok(!document.uri.path.startsWith(extensionUri.path), document.uri.path);
      assert.ok(document.uri.path.endsWith('/walkthrough/layers/Dockerfile'));
      assert.equal(vscode.workspace.fs.isWritableFileSystem(document.uri.scheme), true);
      await eventually('the step is ticked off', async () => {
        return (await screen.attributes(step('stack'), 'aria-checked')).includes('true');
      });
      // The walkthrough stays in sight beside it.
      assert.equal(vscode.window.tabGroups.all.length, 2);
    });

    test('upper, lower and merged show the same line’s layer in three ways', async function () {
      needsScreen(this);
      const { tree } = (await strata()).view;
      for (const [idea, names, hasBase] of [
        ['upper', ['docs'], false],
        ['lower', ['pages.txt'], true],
        ['merged', ['docs', 'pages.txt'], true],
      ] as const) {
        await show(idea);
        assert.match(cursorLine(), /^COPY docs/);
        assert.equal(tree.look.view, idea);
        await selectedRow('COPY docs');
        assert.deepEqual((await inSrv('COPY docs')).sort(), names, idea);
        const row = await rowOfLine(lineOf(example(), 'COPY docs'));
        const top = (await treeRows(row)).map(({ node }) => node.label);
        assert.equal(top.includes('bin'), hasBase, `${idea}: ${top.join()}`);
      }
    });

    for (const [idea, line, title, row] of [
      ['copyUp', /^RUN chown/, /^RUN chown/, /modified .*srv\/pages\.txt/],
      ['whiteout', /^RUN rm \/srv\/scratch\.bin/, /^RUN rm \/srv/, /removed .*srv\/scratch\.bin/],
      ['opaque', /^RUN rm -r docs/, /^RUN rm -r docs/, /added .*docs\/index\.txt/],
    ] as const) {
      test(`${idea} shows its line, and what its layer changes`, async function () {
        needsScreen(this);
        await show(idea);
        assert.match(cursorLine(), line);
        await panelShows(title, row);
        const { panel, view } = await strata();
        assert.equal(panel.current?.uri, example().uri.toString());
        assert.equal(view.tree.look.view, 'upper');
      });
    }

    test('the panel lies below the Dockerfile, and the walkthrough beside both', async function () {
      needsScreen(this);
      assert.equal(vscode.window.tabGroups.all.length, 3);
      assert.ok((await screen.texts('.gettingStartedContainer .step-title')).length > 0);
      await useTheme('Default Dark Modern');
      await vscode.commands.executeCommand('notifications.clearAll');
      await screen.mouse(5, 5);
      await show('copyUp');
      await panelShows(/^RUN chown/, /pages\.txt/);
      await picture('walkthrough-steps-dark');
      await closePanel();
    });

    test('sharing shows the base of the image in the tree', async function () {
      needsScreen(this);
      await show('sharing');
      assert.equal(cursorLine(), 'FROM busybox:1.36');
      await selectedRow('FROM busybox:1.36');
      const base = await rowOfLine(lineOf(example(), 'FROM busybox:1.36 AS build'));
      const own = await rowOfLine(lineOf(example(), 'LABEL') - 1);
      const diffId = async (row: typeof base) => (await treeRows(row)).map(({ node }) => node.layer);
      assert.deepEqual(await diffId(base), await diffId(own));
    });

    test('the writable layer’s step shows what a container finds', async function () {
      needsScreen(this);
      await show('writable');
      assert.equal((await strata()).view.tree.look.view, 'merged');
      await selectedRow('COPY <<EOF');
      assert.deepEqual((await inSrv('COPY <<EOF')).sort(), ['README', 'docs', 'pages.txt']);
    });

    test('the forecast tells what it knows', async function () {
      needsScreen(this);
      const shown = vscode.commands.executeCommand('strata.walkthrough.show', 'forecast');
      // The shipped record keeps nothing that a forecast could compare with: a build comes first, and Strata says so.
      await eventually('the way to a forecast', async () => {
        await vscode.commands.executeCommand('notifications.showList');
        const texts = await screen.texts('.notifications-center .notification-list-item');
        return texts.some((text) => text.includes('build once'));
      });
      assert.match(cursorLine(), /^COPY docs/);
      await vscode.commands.executeCommand('notifications.clearAll');
      await shown;
    });

    test('the fix opens at its line', async function () {
      needsScreen(this);
      void vscode.commands.executeCommand('strata.walkthrough.show', 'fix');
      await eventually('the line', () => /^RUN rm \/srv/.test(cursorLine()));
      await eventually('the menu', async () => {
        const rows = await screen.texts('.action-widget .monaco-list-row');
        return rows.some((row) => row.replaceAll('\u00a0', ' ').includes('Merge'));
      });
      await screen.key('Escape');
    });

    test('a line that was edited away can be restored', async function () {
      needsScreen(this);
      const document = example();
      const shipped = document.getText();
      const edit = new vscode.WorkspaceEdit();
      edit.delete(document.uri, document.lineAt(lineOf(document, 'RUN chown') - 1).rangeIncludingLineBreak);
      await vscode.workspace.applyEdit(edit);
      const shown = vscode.commands.executeCommand('strata.walkthrough.show', 'copyUp');
      await eventually('the message', async () => {
        await vscode.commands.executeCommand('notifications.showList');
        const texts = await screen.texts('.notifications-center .notification-list-item');
        return texts.some((text) => text.includes('no longer has the line'));
      });
      await screen.click('.notifications-center .notification-list-item .monaco-button');
      await shown;
      assert.equal(document.getText(), shipped);
      assert.equal(document.isDirty, false);
      assert.match(cursorLine(), /^RUN chown/);
      await closePanel();
    });

    test('what no button gives opens the example and no more', async () => {
      for (const given of [undefined, 'nothing', 'constructor', { command: 'x' }]) {
        await vscode.commands.executeCommand('strata.walkthrough.show', given);
        assert.equal(vscode.window.activeTextEditor?.document, example());
      }
    });

    test('its pictures', async function () {
      needsScreen(this);
      await closeAll();
      await vscode.commands.executeCommand('workbench.action.closeSidebar');
      for (const [name, theme] of [
        ['dark', 'Default Dark Modern'],
        ['light', 'Default Light Modern'],
        ['contrast', 'Default High Contrast'],
      ] as const) {
        await useTheme(theme);
        await vscode.commands.executeCommand('strata.openWalkthrough');
        await eventually('the steps', async () => {
          return (await screen.texts('.gettingStartedContainer .step-title')).length === steps().length;
        });
        await screen.click(step('copyUp'));
        await eventually('the drawing', async () => (await webviewAttributes('svg text', 'x')).length > 3);
        await screen.mouse(5, 5);
        await picture(`walkthrough-${name}`);
        await closeAll();
      }
    });
  });
}

/** Of the VS Code that the other pictures are of. */
async function picture(name: string): Promise<void> {
  if (process.env.STRATA_SUITES?.includes('pictures')) await screen.shot(name);
}
