// The language that the server speaks: the bundle of translations that the client names. Without one, or when it cannot be
// read, the server speaks English; that is no reason to have no server.
import * as l10n from '@vscode/l10n';
import type { RemoteConsole } from 'vscode-languageserver/node';

/** `uri`: of a bundle on this machine; others are not fetched. */
export async function speak(console: Pick<RemoteConsole, 'warn'>, uri: string | null): Promise<void> {
  if (uri === null) return;
  try {
    if (new URL(uri).protocol !== 'file:') throw new Error('not a file');
    await l10n.config({ uri });
  } catch (error) {
    console.warn(`translations ${uri}: ${error}`);
  }
}
