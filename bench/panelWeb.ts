// The diff panel's page as a web server gives it to a browser, its questions answered by the language server: what the
// panel is in an editor.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { answerTo } from '../client/src/diffAnswers';
import type { ToPanel } from '../client/webview/diff/messages';
import type { LanguageClient } from '../test/support/languageClient';
import type { PanelData } from './panelData';
import { shownOf } from './panelServer';

const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

/** The page's files, and its questions, answered as the panel answers them. */
export async function servePage(
  client: LanguageClient,
  data: PanelData,
  root: string,
  webview: string,
): Promise<http.Server> {
  const html = `<!DOCTYPE html><meta charset="utf-8">
<link rel="stylesheet" href="codicon.css"><link rel="stylesheet" href="page.css"><link rel="stylesheet" href="diff.css">
<body><main id="page"></main><script>
globalThis.acquireVsCodeApi = () => ({
  getState: () => undefined,
  setState() {},
  async postMessage(message) {
    const answer = await fetch('/ask', { method: 'POST', body: JSON.stringify(message) });
    for (const data of await answer.json()) window.dispatchEvent(new MessageEvent('message', { data }));
  },
});
</script><script src="diff.js"></script>`;
  const texts = textsOf(root);
  const server = http.createServer(async (request, response) => {
    const name = request.url!.slice(1).split('?')[0]!;
    if (name === '') return response.setHeader('content-type', 'text/html').end(html);
    if (name !== 'ask') {
      response.setHeader('content-type', types[path.extname(name)] ?? 'text/plain');
      return response.end(readFileSync(path.join(webview, path.basename(name))));
    }
    let body = '';
    for await (const chunk of request) body += chunk;
    return response.end(JSON.stringify(await answersTo(JSON.parse(body), client, data, texts)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function answersTo(
  message: ToPanel,
  client: LanguageClient,
  data: PanelData,
  texts: object,
): Promise<object[]> {
  const shown = shownOf(data.uri);
  const ask = <Result>(method: string, params: object) =>
    client.connection.sendRequest<Result>(method, params);
  switch (message.type) {
    case 'ready': {
      const head = await ask('strata/diff', shown);
      return [
        { type: 'loading', shown, texts },
        { type: 'head', head, units: 'decimal', locale: 'en' },
      ];
    }
    case 'rows':
    case 'children':
    case 'map':
      return [await answerTo(message, shown, ask)];
    default:
      return [];
  }
}

/** The page's words, which the panel translates: read from where they stand, in English. */
function textsOf(root: string): object {
  const source = readFileSync(path.join(root, 'client/src/diffTexts.ts'), 'utf8');
  const words = source.slice(source.indexOf('return {') + 'return '.length, source.lastIndexOf('};') + 1);
  const vscode = { l10n: { t: (text: string) => text } };
  return new Function('vscode', `return ${words}`)(vscode) as object;
}
