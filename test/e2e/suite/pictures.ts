// Pictures of hints, tree and panel in dark and light, for the README and for the eyes of who changes the looks. A
// picture is taken when what it shows is there; whether it is beautiful, a person has to say.
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, lineOf, openFile, rowOfLine, strata, untilReady, useTheme } from './strata';
import { needsScreen, panelPage, screen } from './ui';

const themes = { dark: 'Default Dark Modern', light: 'Default Light Modern' } as const;

export function picturesSuite(): void {
  suite('pictures', () => {
    suiteSetup(async function () {
      needsScreen(this);
      await screen.size(1180, 720);
    });
    suiteTeardown(async () => {
      await useTheme(undefined);
      await vscode.commands.executeCommand('workbench.view.explorer');
      await screen.size(1280, 800);
      await closeAll();
    });

    for (const [name, theme] of Object.entries(themes)) {
      test(`hints and tree, ${name}`, async () => {
        await useTheme(theme);
        const { document } = await openFile('layers/Dockerfile');
        await untilReady(document);
        await eventually('hints', async () => (await hints(document)).get(lineOf(document, 'RUN chown')));
        await vscode.commands.executeCommand('strata.layers.focus');
        await rowOfLine(lineOf(document, 'COPY docs'));
        await vscode.commands.executeCommand(
          'strata.showInTree',
          document.uri.toString(),
          await layerOf('COPY docs'),
        );
        await screen.key('ArrowRight');
        await putCursor(await openFile('layers/Dockerfile'), 'FROM busybox:1.36 AS');
        await settle();
        await eventually('lenses', async () => (await screen.texts('.codelens-decoration')).length > 1);
        await screen.shot(`editor-${name}`);
      });

      test(`hover, ${name}`, async () => {
        await putCursor(await openFile('layers/Dockerfile'), 'RUN chown');
        await vscode.commands.executeCommand('editor.action.showHover');
        await eventually('the hover', async () => {
          return (await screen.texts('.monaco-hover:not(.hidden) .hover-contents'))
            .join('')
            .includes('Layer');
        });
        await screen.shot(`hover-${name}`);
        await vscode.commands.executeCommand('editor.action.hideHover');
      });

      test(`picture of the image, ${name}`, async () => {
        await useTheme(theme);
        await putCursor(await openFile('layers/Dockerfile'), 'RUN rm -r docs');
        await vscode.commands.executeCommand('workbench.action.closeSidebar');
        await vscode.commands.executeCommand('strata.showPicture');
        await eventually('the picture', async () => (await panelPage.texts('table')).length > 0);
        await settle();
        await screen.shot(`image-${name}`);
        await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      });

      test(`diff panel, ${name}`, async () => {
        await useTheme(theme);
        await putCursor(await openFile('layers/Dockerfile'), 'RUN rm -r docs');
        await vscode.commands.executeCommand('workbench.action.closeSidebar');
        await vscode.commands.executeCommand('strata.showLayerDiff');
        await eventually('rows', async () => (await panelPage.texts('.body .row .path')).length > 0);
        await settle();
        await screen.shot(`diff-${name}`);
        await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
        const { panel } = await strata();
        await eventually('closed', () => panel.current === null);
      });
    }
  });
}

async function putCursor(editor: vscode.TextEditor, start: string): Promise<void> {
  const at = new vscode.Position(lineOf(editor.document, start) - 1, 0);
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(new vscode.Range(0, 0, 0, 0));
}

async function layerOf(start: string): Promise<number | null> {
  const document = vscode.window.activeTextEditor?.document;
  return document ? (await rowOfLine(lineOf(document, start))).layer : null;
}

/** Nothing hovers, nothing pops up. */
async function settle(): Promise<void> {
  await vscode.commands.executeCommand('notifications.clearAll');
  await screen.mouse(5, 5);
  await eventually('the editor is drawn', async () => (await screen.texts('.view-line')).length > 0);
}
