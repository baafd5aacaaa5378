// The walkthrough's example: comes with the extension, with its recorded build, and is copied into the extension's storage
// at the first need. The copy is the person's, to edit and to build; only restoring writes over it.
import * as vscode from 'vscode';

export class ExampleCopy {
  /** Of the Dockerfile in the copy. */
  readonly uri: vscode.Uri;
  private readonly shipped: vscode.Uri;
  private readonly folder: vscode.Uri;
  private making: Promise<void> | null = null;

  constructor({ extensionUri, globalStorageUri }: vscode.ExtensionContext) {
    this.shipped = vscode.Uri.joinPath(extensionUri, 'examples', 'layers');
    this.folder = vscode.Uri.joinPath(globalStorageUri, 'walkthrough', 'layers');
    this.uri = vscode.Uri.joinPath(this.folder, 'Dockerfile');
  }

  /** Rejects when the storage cannot be written to. */
  async open(): Promise<vscode.TextDocument> {
    this.making ??= this.make();
    try {
      await this.making;
    } finally {
      this.making = null;
    }
    return await vscode.workspace.openTextDocument(this.uri);
  }

  /** As it was shipped, in the open document and on disk. Undo brings a person's own text back. */
  async restore(): Promise<void> {
    const document = await this.open();
    const text = new TextDecoder().decode(
      await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.shipped, 'Dockerfile')),
    );
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(this.uri, whole, text);
    await vscode.workspace.applyEdit(edit);
    await document.save();
    await copyFiles(this.shipped, this.folder);
  }

  /** The folder is there whole or not at all: it is filled under another name. */
  private async make(): Promise<void> {
    if (await exists(this.uri)) return;
    const part = vscode.Uri.joinPath(this.folder, '..', `layers.${process.pid}`);
    await copyFiles(this.shipped, part);
    try {
      await vscode.workspace.fs.rename(part, this.folder, { overwrite: true });
    } catch (error) {
      // Another window may have been first.
      if (!(await exists(this.uri))) throw error;
      await vscode.workspace.fs.delete(part, { recursive: true });
    }
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/** Written anew, not copied as files: those of an installed extension may be read-only. */
async function copyFiles(from: vscode.Uri, to: vscode.Uri): Promise<void> {
  for (const [name, type] of await vscode.workspace.fs.readDirectory(from)) {
    const [source, target] = [vscode.Uri.joinPath(from, name), vscode.Uri.joinPath(to, name)];
    if (type === vscode.FileType.Directory) await copyFiles(source, target);
    else await vscode.workspace.fs.writeFile(target, await vscode.workspace.fs.readFile(source));
  }
}
