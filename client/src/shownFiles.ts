// Files of layers as documents of text whatever they hold: `strata-shown:/usr/bin/git (hex)?{...}`. A text is itself, all
// else a page of hexadecimal; of two that are compared both are shown the same way. The bytes are layerFiles.ts.
import * as vscode from 'vscode';
import type { FileParams, StateRef } from '../../server/src/protocol';
import { isState } from '../webview/diff/messages';
import { encodingOf } from './fileKind';
import { comparedFrom, hexPart } from './hexText';
import { type LayerFiles, layerFileUri } from './layerFiles';
import { readSettings } from './settings';
import { sizeText } from './sizes';

export const shownScheme = 'strata-shown';

/**
 * @param other the state whose file of the same path it is compared with; null for none
 * @param suffix behind the name, so that the editor takes it for no program text or image: ` (hex)`
 */
export function shownFileUri(
  { uri, state, path }: FileParams,
  other: StateRef | null,
  suffix = '',
): vscode.Uri {
  const query = JSON.stringify({ uri, state, path, other });
  return vscode.Uri.from({ scheme: shownScheme, path: `/${path}${suffix}`, query });
}

/** Throws FileNotFound when the URI was not made by `shownFileUri`. */
export function shownFileOf(uri: vscode.Uri): FileParams & { other: StateRef | null } {
  try {
    const { uri: document, state, path, other } = JSON.parse(uri.query);
    if (typeof document === 'string' && typeof path === 'string' && isState(state))
      return { uri: document, state, path, other: isState(other) ? other : null };
  } catch {
    // not ours: told below
  }
  throw vscode.FileSystemError.FileNotFound(uri);
}

export class ShownFiles implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[];
  private readonly files: LayerFiles;

  readonly onDidChange = this.changes.event;

  constructor(files: LayerFiles) {
    this.files = files;
    this.disposables = [
      this.changes,
      vscode.workspace.registerTextDocumentContentProvider(shownScheme, this),
      files.onDidRebuild((document) => {
        for (const { uri } of vscode.workspace.textDocuments) {
          if (uri.scheme === shownScheme && shownFileOf(uri).uri === document) this.changes.fire(uri);
        }
      }),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { other, ...file } = shownFileOf(uri);
    const own = await this.bytes(file);
    if (typeof own === 'string') return own;
    if (own === null) return '';
    const others = other && (await this.bytes({ ...file, state: other }));
    // What cannot be read on the other side says so there.
    const compared = typeof others === 'string' ? null : others;
    const encoding = encodingOf(own);
    if (encoding !== null && (compared === null || encodingOf(compared) !== null))
      return new TextDecoder(encoding).decode(own);
    return hexDocument(own, compared === null ? 0 : comparedFrom(own, compared));
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  /** Null when the state has no such file; a sentence when it cannot be had. */
  private async bytes(file: FileParams): Promise<Uint8Array | string | null> {
    const { base64, unavailable } = await this.files.read(layerFileUri(file));
    if (unavailable !== null) return `${vscode.l10n.t('{0} cannot be shown: {1}', file.path, unavailable)}\n`;
    return base64 === null ? null : Buffer.from(base64, 'base64');
  }
}

/** A page of hexadecimal, with what it is of above it and what is left out below. */
function hexDocument(bytes: Uint8Array, start: number): string {
  const { lines, before, behind } = hexPart(bytes, start);
  const count = (bytes: number) => bytes.toLocaleString(vscode.env.language);
  const size = sizeText(bytes.length, readSettings().units);
  const head = [vscode.l10n.t('{0} ({1} bytes), shown in hexadecimal.', size, count(bytes.length))];
  if (before > 0)
    head.push(
      vscode.l10n.t('The first {0} bytes are left out: they are the same on both sides.', count(before)),
    );
  const foot =
    behind === 0
      ? []
      : [
          '',
          vscode.l10n.t(
            '{0} more bytes are not shown. ‘Save File As…’ in the title bar of this editor saves the whole file.',
            count(behind),
          ),
        ];
  return `${[...head, '', ...lines, ...foot].join('\n')}\n`;
}
