// Files of layers as read-only documents: `strata-layer:/etc/passwd?{...}`, the path being the file's own, so that the
// editor picks its language, icon and viewer by it. Content comes from the server on opening; nothing is on disk.
import * as vscode from 'vscode';
import type { EntriesResult, EntryView, FileParams, FileResult } from '../../server/src/protocol';
import { isState } from '../webview/diff/messages';
import type { LayerServer } from './layerServer';

export const layerScheme = 'strata-layer';
/** Answers kept so that stat, read and the second look of an editor ask the server once. */
const kept = 40;

export function layerFileUri({ uri, state, path }: FileParams): vscode.Uri {
  return vscode.Uri.from({ scheme: layerScheme, path: `/${path}`, query: JSON.stringify({ uri, state }) });
}

/** Throws FileNotFound when the URI was not made by `layerFileUri`. */
export function layerFileOf(uri: vscode.Uri): FileParams {
  try {
    const { uri: document, state } = JSON.parse(uri.query);
    if (typeof document === 'string' && isState(state))
      return { uri: document, state, path: uri.path.slice(1) };
  } catch {
    // not ours: told below
  }
  throw vscode.FileSystemError.FileNotFound(uri);
}

export class LayerFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly answers = new Map<string, Promise<FileResult>>();
  /** URIs that an editor watches. */
  private readonly watched = new Map<string, vscode.Uri>();
  private readonly changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly rebuilds = new vscode.EventEmitter<string>();
  private readonly disposables: vscode.Disposable[];
  private readonly server: LayerServer;
  /** Dockerfiles that were built since their tree last changed. */
  private readonly rebuilt = new Set<string>();
  private version = Date.now();

  readonly onDidChangeFile = this.changes.event;
  /** A Dockerfile whose image was built anew: its layers' files may be others. */
  readonly onDidRebuild = this.rebuilds.event;

  constructor(server: LayerServer) {
    this.server = server;
    this.disposables = [
      this.changes,
      this.rebuilds,
      vscode.workspace.registerFileSystemProvider(layerScheme, this, {
        isReadonly: new vscode.MarkdownString(vscode.l10n.t('Files of image layers cannot be changed.')),
        isCaseSensitive: true,
      }),
      server.onBuildProgress(({ uri, running }) => {
        if (!running) this.rebuilt.add(uri);
      }),
      server.onTreeChanged(({ uri }) => this.forget(uri)),
    ];
  }

  /** What the server says of the file; asked once while it is kept. */
  read(uri: vscode.Uri): Promise<FileResult> {
    const key = uri.toString();
    const known = this.answers.get(key);
    if (known) return known;
    const asked = this.server.request('strata/file', layerFileOf(uri));
    this.answers.set(key, asked);
    asked.catch(() => this.answers.delete(key));
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= kept) break;
      this.answers.delete(oldest);
    }
    return asked;
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { entry } = await this.entries(uri);
    if (!entry) throw vscode.FileSystemError.FileNotFound(uri);
    return {
      type: fileType(entry.type),
      ctime: 0,
      // Editors read again when the time changes: that of the build, not that in the image.
      mtime: this.version,
      size: entry.bytes,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const { entry, children } = await this.entries(uri);
    if (!entry) throw vscode.FileSystemError.FileNotFound(uri);
    if (!children) throw vscode.FileSystemError.FileNotADirectory(uri);
    return children.map(({ name, type }) => [name, fileType(type)]);
  }

  /** The Dockerfile may be open in no editor: in a window of its own, a state of files is all that there is. */
  private async entries(uri: vscode.Uri): Promise<EntriesResult> {
    const params = layerFileOf(uri);
    await vscode.workspace.openTextDocument(vscode.Uri.parse(params.uri, true));
    return this.server.request('strata/entries', params);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { base64 } = await this.available(uri);
    return Buffer.from(base64, 'base64');
  }

  watch(uri: vscode.Uri): vscode.Disposable {
    this.watched.set(uri.toString(), uri);
    return new vscode.Disposable(() => this.watched.delete(uri.toString()));
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private async available(uri: vscode.Uri): Promise<FileResult & { base64: string }> {
    const answer = await this.read(uri);
    if (answer.unavailable !== null) throw vscode.FileSystemError.Unavailable(answer.unavailable);
    if (answer.base64 === null) throw vscode.FileSystemError.FileNotFound(uri);
    return { ...answer, base64: answer.base64 };
  }

  /** After a build the same layer number can mean another layer: open editors read again. Not at each keystroke. */
  private forget(document: string): void {
    const concerns = (uri: vscode.Uri) => layerFileOf(uri).uri === document;
    for (const key of this.answers.keys()) {
      if (concerns(vscode.Uri.parse(key))) this.answers.delete(key);
    }
    if (!this.rebuilt.delete(document)) return;
    this.rebuilds.fire(document);
    const changed = [...this.watched.values()].filter(concerns);
    if (changed.length === 0) return;
    this.version = Date.now();
    this.changes.fire(changed.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }
}

function fileType(type: EntryView['type']): vscode.FileType {
  switch (type) {
    case 'directory':
      return vscode.FileType.Directory;
    case 'symlink':
      return vscode.FileType.SymbolicLink;
    case 'file':
      return vscode.FileType.File;
    default:
      return vscode.FileType.Unknown;
  }
}
