// Bundles the outputs into dist/. `--watch` keeps going; `--dev` leaves out minification and adds source maps.

import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { context, build as esbuild } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** @param {{ dev?: boolean }} options */
function bundles({ dev = false } = {}) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    minify: !dev,
    sourcemap: dev ? 'linked' : false,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  };
  // What is loaded late is loaded by require: import() would start the loader of ES modules for it.
  const supported = { 'dynamic-import': false };
  const node = { ...common, platform: 'node', target: 'node20', format: 'cjs', supported };
  return [
    { ...node, entryPoints: { extension: 'client/src/extension.ts' }, outdir: 'dist', external: ['vscode'] },
    { ...node, entryPoints: { server: 'server/src/main.ts' }, outdir: 'dist' },
    { ...node, entryPoints: { indexWorker: 'server/src/host/indexWorker.ts' }, outdir: 'dist' },
    {
      ...node,
      entryPoints: { cli: 'server/src/cli.ts' },
      outdir: 'dist',
      banner: { js: '#!/usr/bin/env node' },
    },
    {
      ...node,
      entryPoints: { cliImages: 'server/src/cliImages.ts', cliAll: 'server/src/cliAll.ts' },
      outdir: 'dist',
    },
    {
      ...common,
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
      entryPoints: { diff: 'client/webview/diff/main.ts', image: 'client/webview/image/main.ts' },
      outdir: 'dist/webview',
      loader: { '.ttf': 'file' },
    },
  ];
}

export async function build(options = {}) {
  await rm(path.join(root, 'dist'), { recursive: true, force: true });
  await mkdir(path.join(root, 'dist/webview'), { recursive: true });
  await Promise.all(bundles(options).map((options) => esbuild(options)));
  for (const name of ['codicon.css', 'codicon.ttf']) {
    await cp(
      path.join(root, 'node_modules/@vscode/codicons/dist', name),
      path.join(root, 'dist/webview', name),
    );
  }
  for (const name of ['page.css', 'diff/diff.css', 'image/image.css']) {
    await cp(path.join(root, 'client/webview', name), path.join(root, 'dist/webview', path.basename(name)));
  }
  // server/src/dockerfile/bash.ts reads them from beside the bundle that it is in.
  for (const name of ['tree-sitter.wasm', 'tree-sitter-bash.wasm']) {
    await cp(
      path.join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm', name),
      path.join(root, 'dist', name),
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dev = process.argv.includes('--dev') || process.argv.includes('--watch');
  await build({ dev });
  if (process.argv.includes('--watch')) {
    for (const options of bundles({ dev })) await (await context(options)).watch();
  }
}
