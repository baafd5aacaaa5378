// The command line around its commands: the real world, the two outputs, and Ctrl-C. Which commands there are, the
// entries say: cliImages.ts and cliAll.ts.
import { userInfo } from 'node:os';
import path from 'node:path';
import { version } from '../../package.json';
import { type Commands, runCli } from './cli/run';
import { createIndexer } from './host/indexThreads';
import { createNodeHost } from './host/nodeHost';

/** Runs the process's words to their end and leaves its exit code. */
export async function main(commands: Commands): Promise<void> {
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.once('SIGTERM', () => abort.abort());
  // A reader that closed its end (`strata tree … | head`) has what it wanted: the command ends as it would, and cleans up.
  let refusal: NodeJS.ErrnoException | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') refusal ??= error;
  });
  process.stderr.on('error', () => {});
  const host = createNodeHost(withHome(process.env));
  const indexer = createIndexer(host, path.join(__dirname, 'indexWorker.js'), { plainHere: true });
  process.exitCode = await runCli(
    {
      host,
      indexer,
      version,
      workingDirectory: process.cwd(),
      signal: abort.signal,
      out: (data) => void process.stdout.write(data),
      err: (text) => void process.stderr.write(text),
      terminal: process.stderr.isTTY === true,
      columns: process.stdout.columns ?? 120,
    },
    process.argv.slice(2),
    commands,
  );
  await indexer.close();
  // Behind all that was written, and a turn later: only then is its refusal told.
  await new Promise<void>((resolve) => process.stdout.write('', () => setImmediate(resolve)));
  if (refusal === null) return;
  const { code, message }: NodeJS.ErrnoException = refusal;
  const reason = code === 'ENOSPC' ? 'no space is left on the disk' : message;
  process.stderr.write(`strata: The report could not be written whole: ${reason}.\n`);
  process.exitCode = 3;
}

/** Where HOME is not set (cron, `env -i`), the one of the user's account, so that the cache does not go into the project. */
function withHome(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (environment.HOME || process.platform === 'win32') return environment;
  try {
    return { ...environment, HOME: userInfo().homedir };
  } catch {
    // An account that the system knows nothing of.
    return environment;
  }
}
