// How the rows look that tell what the stages of the workspace's Dockerfiles share. Words come from the server as they are;
// the view around them is imagesView's.
import * as vscode from 'vscode';
import type { StageRow, StagesResult } from '../../server/src/protocol';

/** The row that holds them all; asked for when it is opened. */
export interface DockerfilesRow {
  kind: 'dockerfiles';
}

export interface SharedRow {
  kind: 'shared';
  row: StageRow;
  /** Of its place in the tree. */
  id: string;
}

/** In place of rows: why there are none, that there are more, that they are awaited. */
export interface ToldRow {
  kind: 'told';
  text: string;
  icon: 'info' | 'error' | 'loading~spin';
}

export const dockerfilesRow: DockerfilesRow = { kind: 'dockerfiles' };

const icons: Record<StageRow['kind'], string> = {
  base: 'package',
  group: 'git-merge',
  step: 'check',
  place: 'go-to-file',
  stage: 'layers',
  parting: 'git-branch',
  hints: 'lightbulb',
  hint: 'lightbulb',
  variable: 'symbol-variable',
};

/** What stands below the row of all Dockerfiles. */
export function sharedRows({ rows, dockerfiles, complete }: StagesResult): (SharedRow | ToldRow)[] {
  const told = (text: string): ToldRow => ({ kind: 'told', text, icon: 'info' });
  if (dockerfiles === 0) return [told(vscode.l10n.t('There are no Dockerfiles in this workspace.'))];
  if (rows.length === 0) return [told(vscode.l10n.t('No two stages stand on the same base.'))];
  const more = complete ? [] : [told(vscode.l10n.t('Not all was looked at: there is too much.'))];
  return [...below(rows, ''), ...more];
}

export function below(rows: readonly StageRow[], parent: string): SharedRow[] {
  return rows.map((row, at) => ({ kind: 'shared', row, id: `${parent}/${at}` }));
}

export function dockerfilesItem(): vscode.TreeItem {
  const item = new vscode.TreeItem(
    vscode.l10n.t('Dockerfiles of this workspace'),
    vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = 'dockerfiles';
  item.iconPath = new vscode.ThemeIcon('files');
  item.tooltip = vscode.l10n.t('Which stages begin with the same base and steps, and where they part.');
  // Without it, screen readers say the tooltip in place of the label.
  item.accessibilityInformation = { label: `${item.label}. ${item.tooltip}` };
  item.contextValue = 'dockerfiles';
  return item;
}

export function sharedItem({ row, id }: SharedRow): vscode.TreeItem {
  const { label, description, tooltip, children, kind, uri, line } = row;
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const isOpen = kind === 'base' || kind === 'group' || kind === 'hints';
  const item = new vscode.TreeItem(label, children.length === 0 ? None : isOpen ? Expanded : Collapsed);
  item.id = `dockerfiles${id}`;
  item.description = description;
  // Plain text: it is of anybody's files.
  item.tooltip = tooltip || [label, description].filter(Boolean).join('\n');
  item.iconPath = new vscode.ThemeIcon(icons[kind]);
  item.accessibilityInformation = { label: [label, description].filter(Boolean).join(', ') };
  item.contextValue = kind;
  if (uri !== null && line !== null) {
    const at = new vscode.Range(line - 1, 0, line - 1, 0);
    const given = [vscode.Uri.parse(uri, true), { selection: at } satisfies vscode.TextDocumentShowOptions];
    item.command = { command: 'vscode.open', title: vscode.l10n.t('Go to Line'), arguments: given };
  }
  return item;
}

export function toldItem({ text, icon }: ToldRow): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.tooltip = text;
  item.accessibilityInformation = { label: text };
  item.contextValue = 'told';
  if (icon === 'error') {
    item.command = { command: 'strata.refreshImages', title: vscode.l10n.t('Try Again') };
  }
  return item;
}
