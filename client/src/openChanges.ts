// All files of a diff in VS Code's own multi-file diff editor: as many as a person can look through, the largest first, as
// the page has them filtered and sorted. What is no text is compared in hexadecimal.
import * as vscode from 'vscode';
import type { DiffHead, DiffRow } from '../../server/src/protocol';
import type { Query, Shown } from '../webview/diff/messages';
import type { LayerServer } from './layerServer';
import { shownFileUri } from './shownFiles';

const mostFiles = 100;
/** Larger ones are nothing that people look through, and each is sent whole. */
const largestFile = 1_000_000;
const pageSize = 1000;

export async function openChanges(
  server: LayerServer,
  shown: Shown,
  head: DiffHead,
  query: Query,
): Promise<void> {
  const page = await server.request('strata/diffPage', { ...shown, ...query, offset: 0, limit: pageSize });
  const files = page.rows.filter(isComparable).slice(0, mostFiles);
  if (files.length === 0) {
    const none = vscode.l10n.t('None of these changes is of a file of a size that can be compared here.');
    await vscode.window.showInformationMessage(none);
    return;
  }
  const { uri, from, to } = shown;
  const resources = files.map(({ path, change }) => {
    // A file that is there on one side only is compared with nothing.
    const isBoth = change === 'modified';
    const before = shownFileUri({ uri, state: from, path }, isBoth ? to : null);
    const after = shownFileUri({ uri, state: to, path }, isBoth ? from : null);
    return [
      change === 'removed' ? before : after,
      change === 'added' ? undefined : before,
      change === 'removed' ? undefined : after,
    ];
  });
  await vscode.commands.executeCommand('vscode.changes', head.title, resources);
}

function isComparable({ type, before, after }: DiffRow): boolean {
  return (
    (type === 'file' || type === 'hardlink') && (before ?? 0) <= largestFile && (after ?? 0) <= largestFile
  );
}
