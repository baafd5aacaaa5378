// All that is seen of Strata in Simplified Chinese: the manifest's words, the client's, the server's and the webviews'. VS
// Code's own words stay English, since they need a language pack; run.mjs says how the page comes to speak Chinese. The
// pictures are those of README.zh-CN.md.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import {
  closeAll,
  extensionId,
  hints,
  hoverText,
  lenses,
  lineOf,
  openFile,
  rowOfLine,
  treeRows,
  untilReady,
} from './strata';
import { needsScreen, panelPage, screen } from './ui';

export function chineseSuite(): void {
  suite('in Simplified Chinese', () => {
    let document: vscode.TextDocument;
    const at = async (start: string) => {
      const editor = await openFile('layers/Dockerfile');
      const place = new vscode.Position(lineOf(document, start) - 1, 0);
      editor.selection = new vscode.Selection(place, place);
    };

    suiteSetup(async function () {
      needsScreen(this);
      if (vscode.env.language !== 'zh-cn') throw new Error(`VS Code speaks ${vscode.env.language}.`);
      await screen.size(1180, 720);
      document = (await openFile('layers/Dockerfile')).document;
      await untilReady(document);
    });
    suiteTeardown(async () => {
      await screen.size(1280, 800);
      await closeAll();
    });

    test('the manifest: views, commands, settings', () => {
      const { contributes } = vscode.extensions.getExtension(extensionId)?.packageJSON ?? {};
      const [command] = contributes.commands.filter(
        ({ command }: { command: string }) => command === 'strata.build',
      );
      assert.equal(command.title.value ?? command.title, '构建并分析层');
      assert.equal(JSON.stringify(contributes.configuration).includes('大小的书写方式。'), true);
    });

    test('hints, rows above the stages, hovers', async () => {
      await eventually('the hint', async () =>
        /^287 kB · 命中缓存 · 浪费 287 kB$/.test(
          (await hints(document)).get(lineOf(document, 'COPY --from')) ?? '',
        ),
      );
      const titles = (await lenses(document)).map(({ command }) => command?.title ?? '');
      assert.equal(titles[0], 'build · 3 层 · 不进入最终镜像');
      assert.ok(titles.some((title) => title.endsWith('构建并分析层')));
      const hover = await hoverText(document, lineOf(document, 'RUN dd'));
      assert.match(hover, /第 6 层，共 9 层/);
      assert.match(hover, /浪费 307 kB：`srv\/scratch\.bin` 被第 24 行隐藏/);
    });

    test('the tree, and a picture of it', async () => {
      const stages = (await treeRows()).map(({ node }) => `${node.label}: ${node.description}`);
      assert.equal(stages[1], 'build: 不进入最终镜像');
      await vscode.commands.executeCommand('strata.layers.focus');
      const { layer } = await rowOfLine(lineOf(document, 'COPY docs'));
      await vscode.commands.executeCommand('strata.showInTree', document.uri.toString(), layer);
      await screen.key('ArrowRight');
      await at('FROM busybox:1.36 AS');
      await eventually('lenses', async () => (await screen.texts('.codelens-decoration')).length > 1);
      await eventually('the view', async () => (await screen.texts('.pane-header .title')).includes('层'));
      await screen.shot('editor-chinese');
    });

    test('a picture of the hover', async () => {
      await at('RUN chown');
      await vscode.commands.executeCommand('editor.action.showHover');
      await eventually('the hover', async () =>
        (await screen.texts('.monaco-hover:not(.hidden) .hover-contents')).join('').includes('第 5 层'),
      );
      await screen.shot('hover-chinese');
      await vscode.commands.executeCommand('editor.action.hideHover');
    });

    test('the diff panel, and a picture of it', async () => {
      await at('RUN rm -r docs');
      await vscode.commands.executeCommand('workbench.action.closeSidebar');
      await vscode.commands.executeCommand('strata.showLayerDiff');
      await eventually('rows', async () => (await panelPage.texts('.body .row .path')).length > 0);
      assert.match(
        (await panelPage.texts('.about'))[0] ?? '',
        /第 \d+ 行 · 对照 第 \d+ 至 \d+ 行及其下所有层/,
      );
      assert.match((await panelPage.texts('.kind.removed'))[0] ?? '', /删除/);
      await screen.shot('diff-chinese');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('the picture of the image', async () => {
      await at('RUN rm -r docs');
      await vscode.commands.executeCommand('strata.showPicture');
      const table = await eventually('the table', async () => (await panelPage.texts('table')).join(' '));
      assert.match(table, /行[\s\S]*大小[\s\S]*占比/);
      await screen.shot('image-chinese');
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    });

    test('the walkthrough', async () => {
      await vscode.commands.executeCommand('strata.openWalkthrough');
      await eventually('the walkthrough', async () =>
        (await screen.texts('.getting-started-category .category-title, .gettingStartedDetailsContent')).some(
          (text) => text.includes('镜像由一层层堆叠而成'),
        ),
      );
      await screen.shot('walkthrough-chinese');
    });
  });
}
