// All files of a diff in VS Code's own multi-file diff editor: as many as a person can look through, the largest first, as
// the page has them filtered and sorted.
import * as vscode from 'vscode';
import type { DiffHead, DiffRow } from '../../server/src/protocol';
import type { Query, Shown } from '../webview/diff/messages';
import { layerFileUri } from './layerFiles';
import type { LayerServer } from './layerServer';

const mostFiles = 100;
/** Larger ones are no texts that people compare, and each is sent whole. */
const largestFile = 1_000_000;
const pageSize = 1000;

export async function openChanges(
  server: LayerServer,
  shown: Shown,
  head: DiffHead,
  query: Query,
): Promise<void> {
  const page = await server.request('strata/diffPage', { ...shown, ...query, offset: 0, limit: pageSize });
  const files = page.rows.filter(isText).slice(0, mostFiles);
  if (files.length === 0) {
    const none = vscode.l10n.t('None of these changes is of a file that can be compared as text.');
    await vscode.window.showInformationMessage(none);
    return;
  }
  const { uri, from, to } = shown;
  const resources = files.map(({ path, change }) => [
    layerFileUri({ uri, state: to, path }),
    change === 'added' ? undefined : layerFileUri({ uri, state: from, path }),
    change === 'removed' ? undefined : layerFileUri({ uri, state: to, path }),
  ]);
  await vscode.commands.executeCommand('vscode.changes', head.title, resources);
}

function isText({ type, before, after }: DiffRow): boolean {
  return (
    (type === 'file' || type === 'hardlink') && (before ?? 0) <= largestFile && (after ?? 0) <= largestFile
  );
}
