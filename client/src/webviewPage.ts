// What the webview panels have in common: where their files are, their icon, and the HTML shell with its policy. Content is
// the script's.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export interface PageFiles {
  /** In the order of their precedence, the strongest last. */
  styles: readonly string[];
  script: string;
  /** Whether the styles load fonts; a page without them may load none. */
  fonts: boolean;
}

/** The folder of the pages' scripts and styles. */
export function webviewResources(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}

/** Two files: tabs show pictures, in which currentColor means black. */
export function panelIcon(extensionUri: vscode.Uri): { light: vscode.Uri; dark: vscode.Uri } {
  const icon = (theme: string) => vscode.Uri.joinPath(extensionUri, 'media', `panel-${theme}.svg`);
  return { light: icon('light'), dark: icon('dark') };
}

export function pageHtml(webview: vscode.Webview, resources: vscode.Uri, files: PageFiles): string {
  const nonce = randomBytes(16).toString('base64');
  const at = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(resources, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    ...(files.fonts ? [`font-src ${webview.cspSource}`] : []),
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${files.styles.map((name) => `<link rel="stylesheet" href="${at(name)}">`).join('\n')}
</head>
<body>
<main id="page"></main>
<script nonce="${nonce}" src="${at(files.script)}"></script>
</body>
</html>`;
}
