// Opens a file of a layer in an editor: its text after or before the layer, or both side by side. Decides the title and
// what to say when there is nothing to open.
import * as vscode from 'vscode';
import type { FileParams } from '../../server/src/protocol';
import { type LayerFiles, layerFileUri } from './layerFiles';

export interface LayerFile extends Omit<FileParams, 'side'> {
  /** 1-based line that made the layer, for titles; null when it is not known. */
  line: number | null;
}

/** Where the editor opens. */
export type Place = Pick<vscode.TextDocumentShowOptions, 'viewColumn' | 'preserveFocus'>;

/** The file as it is after the layer (`upper`) or below it (`lower`). False when it could not be opened. */
export async function openLayerFile(
  files: LayerFiles,
  file: LayerFile,
  side: FileParams['side'],
  place: Place = {},
): Promise<boolean> {
  const uri = layerFileUri({ ...file, side });
  if (!(await canOpen(files, uri, file.path))) return false;
  await vscode.commands.executeCommand('vscode.open', uri, { ...place, preview: true });
  return true;
}

/** Below the layer on the left, after it on the right. */
export async function compareLayerFile(
  files: LayerFiles,
  file: LayerFile,
  place: Place = {},
): Promise<boolean> {
  const lower = layerFileUri({ ...file, side: 'lower' });
  const upper = layerFileUri({ ...file, side: 'upper' });
  for (const uri of [lower, upper]) if (!(await canOpen(files, uri, file.path))) return false;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const title =
    file.line === null
      ? vscode.l10n.t('{0} (below ↔ after layer {1})', name, String(file.layer + 1))
      : vscode.l10n.t('{0} (below ↔ after line {1})', name, String(file.line));
  await vscode.commands.executeCommand('vscode.diff', lower, upper, title, { ...place, preview: true });
  return true;
}

async function canOpen(files: LayerFiles, uri: vscode.Uri, path: string): Promise<boolean> {
  let reason: string | null;
  try {
    const { base64, unavailable } = await files.read(uri);
    reason = unavailable ?? (base64 === null ? vscode.l10n.t('there is no such file in this state') : null);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  if (reason === null) return true;
  void vscode.window.showWarningMessage(vscode.l10n.t('{0} cannot be shown: {1}', path, reason));
  return false;
}
