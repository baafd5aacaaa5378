// Opens a file of a layer in an editor: its text after or before the layer, or both side by side. Decides the title and
// what to say when there is nothing to open.
import * as vscode from 'vscode';
import type { DiffParams } from '../../server/src/protocol';
import { type LayerFiles, layerFileUri } from './layerFiles';
import { plainMessage } from './plainText';

/** A file in both states of a diff. */
export interface LayerFile extends DiffParams {
  path: string;
  /** What the diff is about, for titles: `line 7`, `layer 3`, `the last build`. */
  about: string;
}

/** A layer inside another title: by the line that made it, where that is known. */
export function aboutLayer(layer: number, line: number | null): string {
  return line === null
    ? vscode.l10n.t('layer {0}', String(layer + 1))
    : vscode.l10n.t('line {0}', String(line));
}

/** `upper`: the state after the layer, or the later one; `lower`: the state below it, or the earlier one. */
export type Side = 'upper' | 'lower';

function sideUri({ uri, from, to, path }: LayerFile, side: Side): vscode.Uri {
  return layerFileUri({ uri, state: side === 'upper' ? to : from, path });
}

/** Where the editor opens. */
export type Place = Pick<vscode.TextDocumentShowOptions, 'viewColumn' | 'preserveFocus'>;

/** The file as one side has it. False when it could not be opened. */
export async function openLayerFile(
  files: LayerFiles,
  file: LayerFile,
  side: Side,
  place: Place = {},
): Promise<boolean> {
  const uri = sideUri(file, side);
  if (!(await canOpen(files, uri, file.path))) return false;
  await vscode.commands.executeCommand('vscode.open', uri, { ...place, preview: true });
  return true;
}

/** Before on the left, after on the right. */
export async function compareLayerFile(
  files: LayerFiles,
  file: LayerFile,
  place: Place = {},
): Promise<boolean> {
  const lower = sideUri(file, 'lower');
  const upper = sideUri(file, 'upper');
  for (const uri of [lower, upper]) if (!(await canOpen(files, uri, file.path))) return false;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const title = vscode.l10n.t('{0} (before ↔ after {1})', name, file.about);
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
  const why = vscode.l10n.t('{0} cannot be shown: {1}', path, reason);
  void vscode.window.showWarningMessage(plainMessage(why));
  return false;
}
