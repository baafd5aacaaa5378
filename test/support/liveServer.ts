// The language server with a real builder behind it, as an editor starts it in a trusted window.
import path from 'node:path';
import { type LanguageClient, startLanguageClient } from './languageClient';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');

/** `env` reaches the builder, `storage` is the folder of what the server keeps, `settings` are those of `strata.*`. */
export function startLiveServer(
  env: Record<string, string>,
  storage: string,
  settings: object,
): Promise<LanguageClient> {
  return startLanguageClient({
    args: [path.join(dist, 'server.js'), '--stdio'],
    env,
    deadlineMs: 60_000,
    initializationOptions: { trusted: true, storage, locale: 'en', l10nUri: null, settings },
  });
}
