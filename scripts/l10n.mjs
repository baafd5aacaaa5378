// The words of the sources and their translations: writes the English bundle, and says what each translation lacks,
// has too much, or tells with other placeholders, links or code than the English.
//   node scripts/l10n.mjs [--check]      --check: writes nothing
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { getL10nJson } from '@vscode/l10n-dev';
import { build } from 'esbuild';

/** The translations beside English. */
export const locales = ['zh-cn'];

/** Texts that are the same in every language: names, signs, examples. */
const names = [
  'Strata: {0}',
  'Strata',
  'ChainID {0}',
  'DiffID {0}',
  /^`[^`]*`$/, // a command line
  /^\{0\} ↔ \{1\}$/,
];

/** All English texts of client and server, sorted: those of `l10n.t`, and the sentences of the core. */
export async function sourceTexts(root) {
  const files = [];
  for (const folder of ['client/src', 'server/src']) {
    for (const name of await readdir(path.join(root, folder), { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      files.push({
        extension: '.ts',
        contents: await readFile(path.join(root, folder, name), 'utf8'),
      });
    }
  }
  const told = Object.keys(await getL10nJson(files.filter(({ contents }) => contents.includes('l10n'))));
  return [...new Set([...told, ...(await coreSentences(root))])].sort();
}

/** The catalogue of server/src/describe/sentences.ts, which says why it is not told by `l10n.t`. */
export async function coreSentences(root) {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'server/src/describe/sentences.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return (await import(`data:text/javascript;base64,${code}`)).sentences;
}

/**
 * What is wrong with a translation, one sentence each. Both: keys to texts. `words`: translations of what the editor
 * shows, which a text may quote as code.
 */
export function faults(english, translated, words = {}) {
  const quoted = (code) => `\`${words[code.slice(1, -1)] ?? code.slice(1, -1)}\``;
  const found = [];
  for (const [key, text] of Object.entries(english)) {
    const other = translated[key];
    if (other === undefined) {
      found.push(`missing: ${JSON.stringify(key)}`);
      continue;
    }
    for (const [what, pattern] of Object.entries(kept)) {
      const [here, there] = [text.replace(/`[^`]+`/g, quoted), other].map((one) =>
        [...one.matchAll(pattern)].map(String).sort().join(' '),
      );
      if (here !== there)
        found.push(`${what} differ: ${JSON.stringify(key)}: ${here || 'none'} / ${there || 'none'}`);
    }
    if (other === text && !isName(text)) found.push(`not translated: ${JSON.stringify(key)}`);
    if (other.trim() === '' && text.trim() !== '') found.push(`empty: ${JSON.stringify(key)}`);
  }
  for (const key of Object.keys(translated)) {
    if (!(key in english)) found.push(`left over: ${JSON.stringify(key)}`);
  }
  return found;
}

/** What a translation keeps as it is. */
const kept = {
  placeholders: /\{\w+\}/g,
  'command links': /\(command:[^)]*\)/g,
  code: /`[^`]+`/g,
  icons: /\$\([a-z~-]+\)/g,
  settings: /\bstrata(?:\.\w+)+/gi,
};

function isName(text) {
  const letters = text.replace(/\{\w+\}|`[^`]*`|\$\([a-z-]+\)/g, '').replace(/[^a-z]/gi, '');
  return letters === '' || names.some((name) => (typeof name === 'string' ? name === text : name.test(text)));
}

async function readJson(file) {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '{}'));
}

/** Faults of all translations of the project, each with its file in front. */
export async function allFaults(root) {
  return faultsOf(root, await englishTexts(root));
}

async function englishTexts(root) {
  return Object.fromEntries((await sourceTexts(root)).map((text) => [text, text]));
}

async function faultsOf(root, texts) {
  const english = await readJson(path.join(root, 'package.nls.json'));
  const found = [];
  const exported = Object.keys(await readJson(path.join(root, 'l10n/bundle.l10n.json')));
  if (exported.sort().join('\n') !== Object.keys(texts).join('\n')) {
    found.push('l10n/bundle.l10n.json is old: npm run l10n writes it anew');
  }
  for (const locale of locales) {
    const [bundle, manifest] = [`l10n/bundle.l10n.${locale}.json`, `package.nls.${locale}.json`];
    const words = await readJson(path.join(root, bundle));
    const told = await readJson(path.join(root, manifest));
    found.push(...faults(texts, words).map((fault) => `${bundle}: ${fault}`));
    found.push(...faults(english, told, words).map((fault) => `${manifest}: ${fault}`));
  }
  return { texts, found };
}

async function exportTexts(root, texts) {
  await mkdir(path.join(root, 'l10n'), { recursive: true });
  await writeFile(path.join(root, 'l10n/bundle.l10n.json'), `${JSON.stringify(texts, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  const texts = await englishTexts(root);
  if (!process.argv.includes('--check')) await exportTexts(root, texts);
  const { found } = await faultsOf(root, texts);
  for (const fault of found) console.log(fault);
  console.log(`${Object.keys(texts).length} texts, ${found.length} faults.`);
  if (found.length > 0) process.exitCode = 1;
}
