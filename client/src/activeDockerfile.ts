// Which Dockerfile the views speak of: the one in the active editor, else the last one that was, while it stays open.
// Knows nothing of layers.
import * as vscode from 'vscode';

export const dockerfileSelector = ['file', 'untitled', 'vscode-vfs'].map((scheme) => ({
  language: 'dockerfile',
  scheme,
}));

export function isDockerfile(document: vscode.TextDocument): boolean {
  return vscode.languages.match(dockerfileSelector, document) > 0;
}

export class ActiveDockerfile implements vscode.Disposable {
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly disposables: vscode.Disposable[];
  private followed: vscode.TextDocument | null = null;
  private active = false;

  /** The Dockerfile changed, or an editor for it came to the front or went. */
  readonly onDidChange = this.changes.event;

  constructor() {
    this.disposables = [
      this.changes,
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
      vscode.workspace.onDidOpenTextDocument(() => this.update()), // also when a document's language changes
      vscode.window.tabGroups.onDidChangeTabs(() => this.update()),
    ];
    this.update();
  }

  /** What the layer tree shows; null when no Dockerfile is open. */
  get document(): vscode.TextDocument | null {
    return this.followed;
  }

  get uri(): string | null {
    return this.followed ? this.followed.uri.toString() : null;
  }

  /** The text editor in front, when it holds the Dockerfile. */
  get editor(): vscode.TextEditor | null {
    const editor = vscode.window.activeTextEditor;
    return editor && editor.document === this.followed ? editor : null;
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private update(): void {
    const front = vscode.window.activeTextEditor?.document;
    const shown = vscode.window.visibleTextEditors.map((editor) => editor.document).find(isDockerfile);
    const kept = this.followed && isDockerfile(this.followed) && hasTab(this.followed) ? this.followed : null;
    const next = front && isDockerfile(front) ? front : (kept ?? shown ?? null);
    const active = next !== null && next === front;
    if (next === this.followed && active === this.active) return;
    this.followed = next;
    this.active = active;
    this.changes.fire();
  }
}

/** Not whether the document is open: VS Code keeps documents for minutes after their last tab has gone. */
function hasTab({ uri }: vscode.TextDocument): boolean {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.some(({ input }) => {
    if (input instanceof vscode.TabInputTextDiff) return input.modified.toString() === uri.toString();
    return input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
  });
}

/** An editor that shows the document: the active one first, else any, else a new one beside nothing. */
export async function showDockerfile(uri: vscode.Uri, line?: number | null): Promise<void> {
  const shown = vscode.window.visibleTextEditors.find(
    (editor) => editor.document.uri.toString() === uri.toString(),
  );
  const position = line ? new vscode.Position(line - 1, 0) : undefined;
  await vscode.window.showTextDocument(uri, {
    ...(shown?.viewColumn ? { viewColumn: shown.viewColumn } : {}),
    ...(position ? { selection: new vscode.Range(position, position) } : {}),
  });
}
