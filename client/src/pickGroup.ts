// Items of a quick pick under a heading of their own.
import * as vscode from 'vscode';

/** Without items there is no heading either. */
export function pickGroup<Item extends vscode.QuickPickItem>(
  label: string,
  items: readonly Item[],
): (Item | vscode.QuickPickItem)[] {
  return items.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}
