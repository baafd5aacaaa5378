// The diff on show as a file of a person's choice, or as text in an editor: which formats there are, where the file goes,
// and that it is written whole or not at all. The server writes the documents; text is diffReport.ts.
import * as vscode from 'vscode';
import type { DiffExportParams, DiffExportPiece, DiffHead } from '../../server/src/protocol';
import type { Query, Shown } from '../webview/diff/messages';
import { openDiffReport } from './diffReport';
import type { LayerServer } from './layerServer';
import { plainMessage } from './plainText';

type Format = DiffExportParams['format'];

interface FormatItem extends vscode.QuickPickItem {
  /** Null for text in an editor. */
  format: Format | null;
}

/** Asks for the format, then does it, and tells what went wrong; nothing happens when the person gives up. */
export async function exportDiff(
  server: LayerServer,
  shown: Shown,
  head: DiffHead,
  query: Query,
): Promise<void> {
  const picked = await vscode.window.showQuickPick(formats(), {
    title: vscode.l10n.t('Strata: Export Layer Diff'),
    placeHolder: vscode.l10n.t('The list as it is filtered and sorted now'),
    matchOnDescription: true,
  });
  if (!picked) return;
  try {
    if (picked.format === null) await openDiffReport(server, shown, head, query);
    else await saveDiff(server, shown, head, query, picked.format);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const why = vscode.l10n.t('The layer diff could not be exported: {0}', reason);
    await vscode.window.showErrorMessage(plainMessage(why));
  }
}

function formats(): FormatItem[] {
  return [
    {
      label: vscode.l10n.t('Open as Text'),
      description: vscode.l10n.t('in an editor, to search and copy'),
      format: null,
    },
    {
      label: vscode.l10n.t('Export as Markdown…'),
      description: vscode.l10n.t('for a merge request or a wiki; the first 1,000 changes'),
      format: 'markdown',
    },
    {
      label: vscode.l10n.t('Export as JSON…'),
      description: vscode.l10n.t('for scripts, as the command line writes it; all changes'),
      format: 'json',
    },
    {
      label: vscode.l10n.t('Export as HTML…'),
      description: vscode.l10n.t('a report to read and attach; the first 50,000 changes'),
      format: 'html',
    },
  ];
}

const extensions: Record<Format, string> = { markdown: 'md', json: 'json', html: 'html' };
const names: Record<Format, string> = { markdown: 'Markdown', json: 'JSON', html: 'HTML' };

async function saveDiff(
  server: LayerServer,
  shown: Shown,
  head: DiffHead,
  query: Query,
  format: Format,
): Promise<void> {
  const extension = extensions[format];
  const document = vscode.Uri.parse(shown.uri, true);
  const folder = vscode.workspace.getWorkspaceFolder(document)?.uri ?? vscode.Uri.joinPath(document, '..');
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Layer Diff'),
    defaultUri: vscode.Uri.joinPath(folder, `${fileName(head)}.${extension}`),
    filters: { [names[format]]: [extension] },
  });
  if (!target) return;
  const isWritten = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Exporting the layer diff'),
      cancellable: true,
    },
    async (progress, token) => {
      const report = (share: number) => progress.report({ increment: share * 100 });
      const { filter, kinds, sort } = query;
      const bytes = await wholeDocument(server, { ...shown, filter, kinds, sort, format }, report, token);
      if (!bytes) return false;
      await writeWhole(target, bytes);
      return true;
    },
  );
  if (!isWritten) return;
  const open = vscode.l10n.t('Open');
  const told = vscode.l10n.t('The layer diff was exported.');
  // Nobody waits for the answer: the export is done.
  void vscode.window.showInformationMessage(told, open).then((choice) => {
    if (choice !== open) return;
    return format === 'html'
      ? vscode.env.openExternal(target)
      : vscode.commands.executeCommand('vscode.open', target);
  });
}

/** `layer-diff-line-7`: of numbers alone, never of words that an image chose. */
function fileName({ layer, line }: DiffHead): string {
  if (layer === null) return 'layer-diff';
  return line === null ? `layer-diff-${layer + 1}` : `layer-diff-line-${line}`;
}

/** All pieces joined; null when the person gave up. Throws when the image was built anew between two of them. */
async function wholeDocument(
  server: LayerServer,
  params: Omit<DiffExportParams, 'offset'>,
  report: (share: number) => void,
  token: vscode.CancellationToken,
): Promise<Uint8Array | null> {
  const pieces: Buffer[] = [];
  let state: string | null = null;
  let offset: number | null = 0;
  while (offset !== null) {
    const piece: DiffExportPiece | null = await server
      .request('strata/diffExport', { ...params, offset }, token)
      .catch((error: unknown) => {
        if (token.isCancellationRequested) return null;
        throw error;
      });
    if (!piece || token.isCancellationRequested) return null;
    state ??= piece.state;
    if (piece.state !== state) {
      throw new Error(
        vscode.l10n.t('The image was built anew meanwhile. Nothing was written; export again.'),
      );
    }
    pieces.push(Buffer.from(piece.text, 'utf8'));
    if (piece.next !== null) report((piece.next - offset) / Math.max(1, piece.total));
    offset = piece.next;
  }
  return Buffer.concat(pieces);
}

/** Beside the target first: what stood there stays until the new file is whole. */
async function writeWhole(target: vscode.Uri, bytes: Uint8Array): Promise<void> {
  const beside = target.with({ path: `${target.path}.${process.pid}.part` });
  try {
    await vscode.workspace.fs.writeFile(beside, bytes);
    await vscode.workspace.fs.rename(beside, target, { overwrite: true });
  } catch (error) {
    await vscode.workspace.fs.delete(beside).then(undefined, () => {});
    throw error;
  }
}
