// Entry of the command line: the real world, the two outputs, and Ctrl-C.
import path from 'node:path';
import { version } from '../../package.json';
import { runCli } from './cli/run';
import { createIndexer } from './host/indexThreads';
import { createNodeHost } from './host/nodeHost';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args[0] === 'server') {
    require(path.join(__dirname, 'server.js'));
    return;
  }
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  process.once('SIGTERM', () => abort.abort());
  // A reader that closed its end (`strata tree … | head`) is no bug of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const host = createNodeHost();
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
    args,
  );
  await indexer.close();
}

void main();
