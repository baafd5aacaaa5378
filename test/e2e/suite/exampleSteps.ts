// The walkthrough's page and its example, as the tests see them.
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { extensionId, lineOf, rowOfLine, strata, treeRows } from './strata';
import { panelPage, screen } from './ui';

export interface Step {
  id: string;
  title: string;
  description: string;
}

/** With the words that VS Code put in. */
export function steps(): Step[] {
  return vscode.extensions.getExtension(extensionId)?.packageJSON.contributes.walkthroughs[0].steps;
}

export async function show(idea: string): Promise<vscode.TextDocument> {
  await vscode.commands.executeCommand('strata.walkthrough.show', idea);
  return example();
}

/** Selectors in VS Code's page. */
export const step = (id: string) => `.getting-started-step[data-step-id$="#${id}"]`;
export const button = (id: string) => `${step(id)} .monaco-button`;

/** The example's Dockerfile, wherever the focus went. */
export function example(): vscode.TextDocument {
  const editor = vscode.window.visibleTextEditors.find(({ document }) =>
    document.uri.path.includes('/walkthrough/'),
  );
  if (!editor) throw new Error('The example is not on show.');
  return editor.document;
}

export function cursorLine(): string {
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document === example());
  return editor ? editor.document.lineAt(editor.selection.active.line).text : '';
}

/** Names below the folder srv of a line's layer, as the tree shows them now. */
export async function inSrv(start: string): Promise<string[]> {
  const row = await rowOfLine(lineOf(example(), start));
  const srv = (await treeRows(row)).find(({ node }) => node.label === 'srv');
  return (await treeRows(srv)).map(({ node }) => node.label);
}

export async function selectedRow(text: string): Promise<void> {
  await eventually(`the selected row ${text}`, async () => {
    const selected = await screen.texts('.pane-body .monaco-list-row.selected');
    return selected.some((row) => row.replaceAll('\u00a0', ' ').includes(text));
  });
}

export async function panelShows(title: RegExp, row: RegExp): Promise<void> {
  await eventually(`a panel of ${title}`, async () => title.test((await panelPage.texts('h1'))[0] ?? ''));
  await eventually(`a row ${row}`, async () => {
    const rows = await panelPage.texts('.body .row');
    return rows.some((text) => row.test(text.replace(/\s+/g, ' ').replaceAll('/ ', '/')));
  });
}

export async function closePanel(): Promise<void> {
  const { panel } = await strata();
  await eventually('closed', async () => {
    // A tab that was just made may not be listed yet.
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.window.tabGroups.close(tabs.filter(({ input }) => input instanceof vscode.TabInputWebview));
    return panel.current === null;
  });
}
