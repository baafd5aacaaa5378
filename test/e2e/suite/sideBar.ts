// The three views of the side bar in the states that are seldom seen: loading, nothing, refused, very long names, narrow,
// large, high contrast. What must be said is asserted; the pictures are for the eyes of who changes the looks.
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, inWorkspace, openFile, untilReady, useTheme } from './strata';
import { needsScreen, screen } from './ui';

const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'contrast-dark': 'Default High Contrast',
  'contrast-light': 'Default High Contrast Light',
} as const;

const rows = '.pane-body .monaco-list-row';
const longName = 'a-stage-whose-name-tells-all-that-anybody-could-ever-want-to-know-of-it';

const texts = {
  'shared/api/Dockerfile': `FROM busybox:1.36 AS ${longName}\nRUN echo ${'the-same-step-of-both '.repeat(8)}\nRUN echo api\n`,
  'shared/web/Dockerfile': `FROM busybox:1.36\nRUN echo ${'the-same-step-of-both '.repeat(8)}\nRUN echo web\n`,
};

async function write(name: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(inWorkspace(name), new TextEncoder().encode(text));
}

/** The recorded example with a stage of a long name: in the text as in its record. */
async function writeLong(): Promise<void> {
  for (const name of ['Dockerfile', '.strata/Dockerfile.json']) {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(inWorkspace(`layers/${name}`)));
    await write(`long/${name}`, text.replaceAll(/(?<=AS |--from=|\[)build\b/g, longName));
  }
}

/** The side bar as wide as that. */
async function widen(width: number): Promise<void> {
  const { x, y, width: now } = await screen.box('.part.sidebar');
  const edge = { x: x + now, y: y + 200 };
  await screen.drag(edge, { ...edge, x: x + width });
  await screen.mouse(5, 5);
}

/** Rows of the whole side bar that are drawn, each as a screen reader has it. */
async function labels(): Promise<string[]> {
  return (await screen.attributes(rows, 'aria-label')).flatMap((label) => label ?? []);
}

async function untilLabel(pattern: RegExp): Promise<void> {
  let last: string[] = [];
  const has = async () => {
    last = await labels();
    return last.some((label) => pattern.test(label));
  };
  await eventually(`a row like ${pattern}`, has).catch((error: Error) => {
    throw new Error(`${error.message} ${last.join(' | ')}`);
  });
}

/** Only this view is open, at its first row. */
async function showOnly(view: 'layers' | 'builds' | 'images'): Promise<void> {
  await vscode.commands.executeCommand(`strata.${view}.focus`);
  await eventually(`the view ${view}`, async () => (await screen.texts('.pane-header')).length > 0);
}

/** Closes an open view, opens a closed one. */
async function fold(view: string): Promise<void> {
  await screen.click(`.pane-header[aria-label^="${view}"] .title`);
}

export function sideBarSuite(): void {
  suite('side bar', () => {
    suiteSetup(async function () {
      needsScreen(this);
      for (const [name, text] of Object.entries(texts)) await write(name, text);
      await screen.size(1180, 800);
      await untilReady((await openFile('layers/Dockerfile')).document);
    });
    suiteTeardown(async () => {
      await useTheme(undefined);
      await screen.size(1280, 800);
      for (const name of ['shared', 'long']) {
        await vscode.workspace.fs.delete(inWorkspace(name), { recursive: true });
      }
      await vscode.commands.executeCommand('workbench.view.explorer');
      await closeAll();
    });

    test('the images tell of the Dockerfiles, and a row goes to its line', async () => {
      await showOnly('images');
      await untilLabel(/^Dockerfiles of this workspace/);
      await screen.shot('side-images-closed');
      // Rows that are not in sight are not drawn.
      for (const view of ['Layers', 'Builds']) await fold(view);
      await screen.click(`${rows}[aria-label^="Dockerfiles of this workspace"]`);
      await untilLabel(/^busybox:1\.36, \d+ stages/);
      await screen.shot('side-images-open');
      await untilLabel(/RUN echo api · goes on alone/);
      await screen.click(`${rows}[aria-label*="RUN echo api · goes on alone"]`);
      const at = await eventually('the line', () => {
        const editor = vscode.window.activeTextEditor;
        return editor?.document.uri.path.endsWith('shared/api/Dockerfile') && editor.selection.active.line;
      });
      assert.equal(at, 2);
      await vscode.commands.executeCommand('workbench.actions.treeView.strata.images.collapseAll');
      for (const view of ['Layers', 'Builds']) await fold(view);
    });

    for (const [name, theme] of Object.entries(themes)) {
      test(`all three views, ${name}`, async () => {
        await useTheme(theme);
        await openFile('layers/Dockerfile');
        for (const view of ['builds', 'images', 'layers'] as const) await showOnly(view);
        await untilLabel(/^Stage 1,/);
        await untilLabel(/5 of 11 cached$/);
        await untilLabel(/^Dockerfiles of this workspace/);
        await screen.shot(`side-all-${name}`);
      });
    }

    test('a Dockerfile that was never built has a text instead of rows, and none of another', async () => {
      await useTheme(themes.dark);
      await openFile('shared/web/Dockerfile');
      await eventually(
        'no rows of the other one',
        async () => !(await labels()).some((one) => /^RUN chown/.test(one)),
      );
      await eventually('the text', async () =>
        (await screen.texts('.welcome-view')).join().includes('has not been built'),
      );
      await screen.shot('side-never-built');
    });

    test('long names: whole for a screen reader, and narrow views still tell sizes', async () => {
      await writeLong();
      await untilReady((await openFile('long/Dockerfile')).document);
      await untilLabel(new RegExp(`^Stage ${longName},`));
      await screen.shot('side-long');
      await widen(180);
      await screen.shot('side-narrow-long');
      await openFile('layers/Dockerfile');
      await untilLabel(/^Stage build,/);
      await screen.shot('side-narrow');
      const { width } = await screen.box('.part.sidebar');
      assert.ok(width < 200, `the side bar has ${width} pixels`);
      await widen(300);
    });

    test('at 200 % of zoom', async () => {
      // Half the pixels each way.
      await screen.size(640, 400);
      await untilLabel(/^Stage 1,/);
      await screen.shot('side-large');
      await screen.size(1180, 800);
    });
  });
}
