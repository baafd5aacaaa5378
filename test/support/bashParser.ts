// The shell parser as the programs load it, from the package that the build copies its files from.
import path from 'node:path';
import { type BashParser, loadBash } from '../../server/src/dockerfile/bash';
import { createNodeHost } from '../../server/src/host/nodeHost';

const root = process.env.STRATA_ROOT ?? process.cwd();

/** The folder of the two WebAssembly files. */
const wasmFolder = path.join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm');

export async function loadedBash(): Promise<BashParser> {
  const parser = await loadBash(createNodeHost(), wasmFolder);
  if (!parser) throw new Error(`no parser could be loaded from ${wasmFolder}`);
  return parser;
}
