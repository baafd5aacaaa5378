// What is declared once is told the same everywhere: settings, commands, rules and subcommands in package.json, the
// README, the protocol and the help.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { commandNames } from '../../server/src/cli/help';
import { defaultSettings } from '../../server/src/protocol';
import { allRules } from '../../server/src/rules/all';

const root = process.env.STRATA_ROOT ?? process.cwd();
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const words = JSON.parse(read('package.nls.json')) as Record<string, string>;
const manifest = JSON.parse(read('package.json')) as {
  contributes: {
    configuration: { properties: Record<string, { default: unknown }> }[];
    commands: { command: string; title: string; category: string }[];
    menus: { commandPalette?: { command: string; when: string }[] };
  };
};
const readme = read('README.md');

/** First cells of a table below a heading, backticks taken off. */
function firstCells(heading: string): string[] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => /^\| (?!---)/.test(line))
    .map((line) => line.split('|')[1]!.trim().replaceAll('`', ''))
    .slice(1);
}

const declared = Object.fromEntries(
  manifest.contributes.configuration.flatMap((group) =>
    Object.entries(group.properties).map(([name, { default: value }]) => [name, value]),
  ),
);

test('the README lists each setting of package.json, with its default', () => {
  assert.deepEqual(firstCells('Settings').sort(), Object.keys(declared).sort());
  for (const [name, value] of Object.entries(declared)) {
    const cell = readme
      .match(new RegExp(`\\| \`${name.replaceAll('.', '\\.')}\` \\| ([^|]*)\\|`))?.[1]
      ?.trim();
    assert.equal(
      cell ?? '',
      value === '' ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``,
      name,
    );
  }
});

test('the settings that the server knows are declared with the same defaults', () => {
  const flat = (value: object, prefix: string): [string, unknown][] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner) && Object.keys(inner).length > 0
        ? flat(inner as object, `${prefix}.${key}`)
        : [[`${prefix}.${key}`, inner] as [string, unknown]],
    );
  for (const [name, value] of flat(defaultSettings, 'strata')) assert.deepEqual(declared[name], value, name);
});

test('the README lists each command of the palette', () => {
  const hidden = new Set(
    (manifest.contributes.menus.commandPalette ?? [])
      .filter(({ when }) => when === 'false')
      .map((one) => one.command),
  );
  const titles = manifest.contributes.commands
    .filter(({ command }) => !hidden.has(command))
    .map(({ title, category }) => `${category}: ${words[title.replaceAll('%', '')] ?? title}`);
  assert.deepEqual(firstCells('Commands').sort(), titles.sort());
});

test('the README lists each rule', () => {
  assert.deepEqual(firstCells('Rules').sort(), allRules.map((rule) => rule.name).sort());
});

test('the README lists each subcommand, and the help tells the same', () => {
  const listed = firstCells('On the command line').map((cell) => cell.replace('strata ', ''));
  assert.deepEqual(listed.sort(), [...commandNames].sort());
});

test('each text of package.json is in package.nls.json, and none is left over', () => {
  const used = new Set([...read('package.json').matchAll(/%([\w.]+)%/g)].map((match) => match[1]!));
  assert.deepEqual([...used].sort(), Object.keys(words).sort());
});

test('what the README links to in docs is there, and pictures are small', () => {
  for (const [, file] of readme.matchAll(/\]\((docs\/[^)]+)\)/g)) {
    assert.ok(readFileSync(path.join(root, file!)).length < 300_000, file);
  }
});
