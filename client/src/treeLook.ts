// How a person has set the layer tree: which files each layer shows (upper, lower, merged), in what order, and which of
// them. Asks for it and remembers it; the tree itself is layerTree.ts.
import * as vscode from 'vscode';
import type { TreeView } from '../../server/src/protocol';

export interface TreeLook {
  view: TreeView;
  sort: 'size' | 'name';
  filter: string;
}

export const usualLook: TreeLook = { view: 'upper', sort: 'size', filter: '' };

interface ViewItem extends vscode.QuickPickItem {
  view: TreeView;
}

/** The view that a person picks; null when they give up. */
export async function pickView(current: TreeView): Promise<TreeView | null> {
  const items: ViewItem[] = (['upper', 'lower', 'merged'] as const).map((view) => ({
    view,
    label: viewName(view),
    description: view === current ? vscode.l10n.t('shown now') : '',
    detail: viewDetail(view),
    iconPath: new vscode.ThemeIcon(view === current ? 'check' : 'blank'),
  }));
  const choice = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Strata: Files of a Layer'),
    placeHolder: vscode.l10n.t('Which files each layer shows in the tree'),
  });
  return choice?.view ?? null;
}

/** The filter that a person types, empty for none; null when they give up. */
export async function askFilter(current: string): Promise<string | null> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Strata: Filter Files'),
    prompt: vscode.l10n.t(
      'Words, globs (*.so, usr/**), sizes (>10MB); ! turns a word around. Empty shows all files.',
    ),
    placeHolder: '*.so >1MB',
    value: current,
  });
  return typed === undefined ? null : typed.trim();
}

/** What stands above the rows while the look is not the usual one; undefined otherwise. */
export function lookMessage({ view, filter }: TreeLook): string | undefined {
  const parts = [
    view === 'upper' ? '' : viewName(view),
    filter === '' ? '' : vscode.l10n.t('filter: {0}', filter),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' · ') : undefined;
}

function viewName(view: TreeView): string {
  switch (view) {
    case 'upper':
      return vscode.l10n.t('This layer (upper)');
    case 'lower':
      return vscode.l10n.t('All below (lower)');
    case 'merged':
      return vscode.l10n.t('What a container sees (merged)');
  }
}

function viewDetail(view: TreeView): string {
  switch (view) {
    case 'upper':
      return vscode.l10n.t('What the layer itself stores and deletes: its own diff');
    case 'lower':
      return vscode.l10n.t('The union of all layers below it, on which it was made');
    case 'merged':
      return vscode.l10n.t('The union of the layer with all below it');
  }
}
