// Opens a file of a layer in an editor: after or before the layer, or both side by side. Decides by the bytes whether that is
// text, an image or hexadecimal, the title, and what to say when there is nothing to open.
import * as vscode from 'vscode';
import type { DiffParams, FileParams } from '../../server/src/protocol';
import { type FileKind, fileKind, isNamedAsImage } from './fileKind';
import { type LayerFiles, layerFileUri } from './layerFiles';
import { plainMessage } from './plainText';
import { shownFileUri } from './shownFiles';

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

function sideFile({ uri, from, to, path }: LayerFile, side: Side): FileParams {
  return { uri, state: side === 'upper' ? to : from, path };
}

function sideUri(file: LayerFile, side: Side): vscode.Uri {
  return layerFileUri(sideFile(file, side));
}

/** Where the editor opens. */
export type Place = Pick<vscode.TextDocumentShowOptions, 'viewColumn' | 'preserveFocus'>;

/** VS Code's own viewer of images, and its editor of text. */
const imageEditor = 'imagePreview.previewEditor';
const textEditor = 'default';

/** The file as one side has it: text, an image, or hexadecimal. False when it could not be opened. */
export async function openLayerFile(
  files: LayerFiles,
  file: LayerFile,
  side: Side,
  place: Place = {},
): Promise<boolean> {
  const uri = sideUri(file, side);
  const bytes = await readable(files, uri, file.path);
  if (!bytes) return false;
  const options = { ...place, preview: true };
  const kind = fileKind(bytes);
  if (kind === 'image' && hasImagePreview()) {
    await vscode.commands.executeCommand('vscode.openWith', uri, imageEditor, options);
  } else if (kind !== 'text') {
    const hex = shownFileUri(sideFile(file, side), null, hexSuffix());
    await vscode.commands.executeCommand('vscode.open', hex, options);
  } else if (isNamedAsImage(file.path)) {
    await vscode.commands.executeCommand('vscode.openWith', uri, textEditor, options);
  } else await vscode.commands.executeCommand('vscode.open', uri, options);
  return true;
}

/** Before on the left, after on the right: two texts, two images, or both in hexadecimal. */
export async function compareLayerFile(
  files: LayerFiles,
  file: LayerFile,
  place: Place = {},
): Promise<boolean> {
  const kinds: FileKind[] = [];
  for (const side of ['lower', 'upper'] as const) {
    const bytes = await readable(files, sideUri(file, side), file.path);
    if (!bytes) return false;
    kinds.push(fileKind(bytes));
  }
  const isBoth = (kind: FileKind) => kinds.every((one) => one === kind);
  // VS Code puts two images side by side where their name says that they are some, as it does for those of git.
  const asTheyAre = isNamedAsImage(file.path) ? isBoth('image') && hasImagePreview() : isBoth('text');
  const suffix = isBoth('text') ? textSuffix() : hexSuffix();
  const [lower, upper] = asTheyAre
    ? [sideUri(file, 'lower'), sideUri(file, 'upper')]
    : [
        shownFileUri(sideFile(file, 'lower'), file.to, suffix),
        shownFileUri(sideFile(file, 'upper'), file.from, suffix),
      ];
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const title = vscode.l10n.t('{0} (before ↔ after {1})', name, file.about);
  await vscode.commands.executeCommand('vscode.diff', lower, upper, title, { ...place, preview: true });
  return true;
}

/** Behind a file's name, for what is not shown as the name would have it. */
function hexSuffix(): string {
  return ` (${vscode.l10n.t('hex')})`;
}

function textSuffix(): string {
  return ` (${vscode.l10n.t('text')})`;
}

/** An extension of VS Code's own, which a person can turn off. */
function hasImagePreview(): boolean {
  return vscode.extensions.getExtension('vscode.media-preview') !== undefined;
}

/** The bytes; null, and a person is told why, when there are none to show. */
async function readable(files: LayerFiles, uri: vscode.Uri, path: string): Promise<Uint8Array | null> {
  let reason: string | null;
  try {
    const { base64, unavailable } = await files.read(uri);
    if (unavailable === null && base64 !== null) return Buffer.from(base64, 'base64');
    reason = unavailable ?? vscode.l10n.t('there is no such file in this state');
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  const why = vscode.l10n.t('{0} cannot be shown: {1}', path, reason);
  void vscode.window.showWarningMessage(plainMessage(why));
  return null;
}
