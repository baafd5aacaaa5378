// Writes a file of a layer to where a person says; never by itself into a name that an image chose.
import * as vscode from 'vscode';
import type { FileParams } from '../../server/src/protocol';
import { type LayerFiles, layerFileUri } from './layerFiles';

/** Rejects when the bytes cannot be had or written; nothing happens when the person gives up. */
export async function saveLayerFile(files: LayerFiles, file: FileParams): Promise<void> {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/[^\w.+-]/g, '_');
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Save File of a Layer'),
    defaultUri: folder && vscode.Uri.joinPath(folder, name),
  });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, await files.readFile(layerFileUri(file)));
}
