// The HTML shell of the diff panel: its policy and where its script and styles come from. Content is the script's.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export function diffPageHtml(webview: vscode.Webview, resources: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const at = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(resources, name)).toString();
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${at('codicon.css')}">
<link rel="stylesheet" href="${at('diff.css')}">
</head>
<body>
<main id="page"></main>
<script nonce="${nonce}" src="${at('diff.js')}"></script>
</body>
</html>`;
}
