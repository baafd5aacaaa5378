// Entry of the language server: a connection over the words of the command line (--stdio, --node-ipc), the real world.
import path from 'node:path';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { version } from '../../package.json';
import { createIndexer } from './host/indexThreads';
import { createNodeHost } from './host/nodeHost';
import { createServer } from './lsp/server';

const host = createNodeHost();
const indexer = createIndexer(host, path.join(__dirname, 'indexWorker.js'));
const connection = createConnection(ProposedFeatures.all);
createServer(connection, { host, indexer, version });
connection.listen();
