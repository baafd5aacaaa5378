// How tests reach Strata and the documents of their workspace: the extension's test API, and the editor's own commands
// that give what providers give.
import * as vscode from 'vscode';
import type { StrataApi } from '../../../client/src/extension';
import type { NodeRow, Row } from '../../../client/src/layerRow';
import { eventually } from './eventually';

export const extensionId = 'strata.strata-layers';

export async function strata(): Promise<StrataApi> {
  const extension = vscode.extensions.getExtension<StrataApi>(extensionId);
  if (!extension) throw new Error(`${extensionId} is not installed`);
  return await extension.activate();
}

export function inWorkspace(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('The tests need a workspace folder.');
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Opened in the first column, alone in front. */
export async function openFile(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(name));
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.One,
    preview: false,
  });
  await (await strata()).ready();
  return editor;
}

export async function closeAll(): Promise<void> {
  // An editor with changes would ask; the workspace is a copy.
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty) continue;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Line (1-based) of the first line that starts with `text`. */
export function lineOf(document: vscode.TextDocument, text: string): number {
  for (let line = 0; line < document.lineCount; line++) {
    if (document.lineAt(line).text.startsWith(text)) return line + 1;
  }
  throw new Error(`no line starts with ${text}`);
}

/** Label of each line's hint, by 1-based line. */
export async function hints(document: vscode.TextDocument): Promise<Map<number, string>> {
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const given = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    document.uri,
    whole,
  );
  return new Map(
    given.map(({ position, label }) => [
      position.line + 1,
      typeof label === 'string' ? label : label.map((part) => part.value).join(''),
    ]),
  );
}

export async function lenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
  return await vscode.commands.executeCommand('vscode.executeCodeLensProvider', document.uri, 100);
}

export async function hoverText(document: vscode.TextDocument, line: number): Promise<string> {
  const given = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    new vscode.Position(line - 1, 1),
  );
  return given
    .flatMap((hover) => hover.contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

export async function treeRows(parent?: Row): Promise<NodeRow[]> {
  const rows = await (await strata()).view.tree.getChildren(parent);
  return rows.filter((row) => row.kind === 'node');
}

/** The row of a line in the tree, once it is there. */
export async function rowOfLine(line: number): Promise<NodeRow> {
  const api = await strata();
  return await eventually(`a row of line ${line}`, () => api.view.tree.find({ line, layer: null }));
}

/** Waits until the recorded build of the document is known and its layers can be read. */
export async function untilReady(document: vscode.TextDocument): Promise<void> {
  const api = await strata();
  await eventually('the recorded build is known', () => api.summary(document.uri)?.state === 'ready');
}

/** Undefined: the usual one. */
export async function useTheme(theme: string | undefined): Promise<void> {
  const settings = vscode.workspace.getConfiguration('workbench');
  await settings.update('colorTheme', theme, vscode.ConfigurationTarget.Global);
}
