// 'How Layers Work': opens the walkthrough, and does what its buttons say on the example's own data: the cursor on the
// line, the layer in the tree or in the diff panel. Which idea is shown where is ideas.ts.
import * as vscode from 'vscode';
import { layerDiff } from '../../server/src/protocol';
import type { DiffPanel } from './diffPanel';
import { ExampleCopy } from './exampleCopy';
import { type Idea, type IdeaName, ideas, isIdea } from './ideas';
import type { LayerServer } from './layerServer';
import type { LayersView } from './layersView';
import { plainMessage } from './plainText';

/** How long the server may take to read the example's record. */
const readingMs = 10_000;

export interface WalkthroughParts {
  server: LayerServer;
  panel: DiffPanel;
  view: LayersView;
}

export function registerWalkthrough(
  context: vscode.ExtensionContext,
  parts: WalkthroughParts,
): vscode.Disposable {
  const example = new ExampleCopy(context);
  const { registerCommand } = vscode.commands;
  return vscode.Disposable.from(
    registerCommand('strata.openWalkthrough', () =>
      vscode.commands.executeCommand(
        'workbench.action.openWalkthrough',
        `${context.extension.id}#strata.layers`,
        false,
      ),
    ),
    registerCommand('strata.walkthrough.open', () => openExample(parts, example)),
    registerCommand('strata.walkthrough.show', (name: unknown) =>
      isIdea(name) ? showIdea(parts, example, name) : openExample(parts, example),
    ),
  );
}

async function openExample({ view }: WalkthroughParts, example: ExampleCopy): Promise<void> {
  const document = await example.open();
  await showEditor(document, document.positionAt(0));
  useView(view, 'upper');
  await vscode.commands.executeCommand('strata.layers.focus');
  await markSeen('open');
}

async function showIdea(parts: WalkthroughParts, example: ExampleCopy, name: IdeaName): Promise<void> {
  const idea: Idea = ideas[name];
  const document = await example.open();
  const line = lineOf(document, idea);
  if (line === null) return await offerRestore(parts, example, name);
  await showEditor(document, new vscode.Position(line - 1, 0));
  const uri = document.uri.toString();
  await whenMeasured(parts, uri);
  useView(parts.view, idea.view);
  await markSeen(name);
  switch (idea.shows.in) {
    case 'tree':
      await parts.view.show({ uri, line, layer: null });
      await vscode.commands.executeCommand('list.expand');
      return;
    case 'diff':
      return await showDiff(parts, uri, line);
    case 'command':
      await vscode.commands.executeCommand(idea.shows.command, uri);
  }
}

/** 1-based. */
function lineOf(document: vscode.TextDocument, { line }: Idea): number | null {
  for (let index = 0; index < document.lineCount; index++) {
    if (line.test(document.lineAt(index).text)) return index + 1;
  }
  return null;
}

async function offerRestore(parts: WalkthroughParts, example: ExampleCopy, name: IdeaName): Promise<void> {
  const restore = vscode.l10n.t('Restore the Example');
  const gone = vscode.l10n.t('The example no longer has the line that this step shows: it was edited.');
  if ((await vscode.window.showInformationMessage(gone, restore)) !== restore) return;
  await example.restore();
  await showIdea(parts, example, name);
}

/** Where it is on show already, else where the walkthrough stays in sight. */
async function showEditor(document: vscode.TextDocument, at: vscode.Position): Promise<void> {
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: columnOf(document),
    preview: false,
    selection: new vscode.Range(at, at),
  });
  editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function columnOf({ uri }: vscode.TextDocument): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const holds = ({ input }: vscode.Tab) =>
    input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
  const held = all.find(({ tabs }) => tabs.some(holds));
  if (held) return held.viewColumn;
  if (!isWalkthrough(activeTabGroup.activeTab)) return activeTabGroup.viewColumn;
  const other = all.find((group) => group !== activeTabGroup);
  return other?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** VS Code's own pages have no input that extensions know. */
function isWalkthrough(tab: vscode.Tab | undefined): boolean {
  return tab !== undefined && tab.input === undefined;
}

function useView(view: LayersView, files: Idea['view']): void {
  const { tree } = view;
  if (tree.look.view !== files || tree.look.filter !== '') {
    tree.setLook({ ...tree.look, view: files, filter: '' });
  }
}

/** Resolves when the server knows the example's layers, or has had its time. */
async function whenMeasured({ server }: WalkthroughParts, uri: string): Promise<void> {
  let late = false;
  let wake = () => {};
  const timer = setTimeout(() => {
    late = true;
    wake();
  }, readingMs);
  const listening = server.onTreeChanged((changed) => {
    if (changed.uri === uri) wake();
  });
  try {
    for (;;) {
      const change = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const layers = await server.request('strata/layers', { uri });
      if (layers.length > 0 || late) return;
      await change;
    }
  } finally {
    clearTimeout(timer);
    listening.dispose();
  }
}

async function showDiff({ server, panel }: WalkthroughParts, uri: string, line: number): Promise<void> {
  const { layer, why } = await server.request('strata/layerAt', { uri, line });
  if (layer === null) {
    await vscode.window.showInformationMessage(plainMessage(why));
    return;
  }
  // Beside the Dockerfile it would lie over the walkthrough; so it gets the room below.
  const inSight = vscode.window.tabGroups.all.some(({ activeTab }) => isWalkthrough(activeTab));
  if (panel.current !== null || !inSight) return await panel.show(layerDiff(uri, layer));
  await vscode.commands.executeCommand('workbench.action.newGroupBelow');
  await panel.show(layerDiff(uri, layer), vscode.ViewColumn.Active);
}

/** Ticks the step off: package.json names these keys in its completion events. */
async function markSeen(name: IdeaName | 'open'): Promise<void> {
  await vscode.commands.executeCommand('setContext', `strata.walkthrough.${name}`, true);
}
