// The walkthrough as package.json declares it fits what the client does and what the example holds.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type IdeaName, ideas, isIdea } from '../../../client/src/ideas';

const root = process.env.STRATA_ROOT ?? process.cwd();
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');

interface Step {
  id: string;
  title: string;
  description: string;
  media: { svg: string; altText: string };
  completionEvents: string[];
}
const { contributes } = JSON.parse(read('package.json')) as {
  contributes: {
    walkthroughs: { id: string; steps: Step[] }[];
    commands: { command: string }[];
  };
};
const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const languages = readdirSync(root).filter((name) => /^package\.nls(\.[\w-]+)?\.json$/.test(name));

/** What a `%key%` says in each language that has it. */
function wordsOf(reference: string): string[] {
  const key = reference.replaceAll('%', '');
  return languages
    .map((name) => (JSON.parse(read(name)) as Record<string, string>)[key])
    .filter((words) => words !== undefined);
}

/** Command and arguments of each link. */
function linksOf(words: string): { command: string; given: unknown[] }[] {
  return [...words.matchAll(/\]\(command:([\w.]+)(?:\?([^)]*))?\)/g)].map(([, command, given]) => ({
    command: command!,
    given: given === undefined ? [] : JSON.parse(decodeURIComponent(given)),
  }));
}

/** The idea that a link shows; `open` for the example alone. */
function ideaOf({ command, given }: ReturnType<typeof linksOf>[number]): string {
  assert.ok(
    contributes.commands.some((one) => one.command === command),
    command,
  );
  if (command === 'strata.walkthrough.open') return 'open';
  assert.equal(command, 'strata.walkthrough.show');
  assert.equal(given.length, 1);
  assert.ok(isIdea(given[0]), String(given[0]));
  return given[0];
}

test('each step has its words in each language, and a picture with words of its own', () => {
  assert.equal(steps.length, 9);
  for (const { id, title, description, media } of steps) {
    for (const words of [title, description, media.altText]) assert.ok(wordsOf(words)[0], `${id}: ${words}`);
    assert.ok(existsSync(path.join(root, media.svg)), media.svg);
  }
});

test('each button shows an idea, the same in each language, and ticks off its own step alone', () => {
  const seen = new Map<string, string>();
  for (const { id, description, completionEvents } of steps) {
    const [english, ...others] = wordsOf(description).map((words) => linksOf(words).map(ideaOf));
    assert.ok(english && english.length > 0, `${id} has no button`);
    for (const other of others) assert.deepEqual(other, english, id);
    for (const idea of english) {
      assert.equal(seen.get(idea), undefined, `${idea} has two buttons`);
      seen.set(idea, id);
    }
    for (const event of completionEvents) {
      const idea = /^onContext:strata\.walkthrough\.(\w+)$/.exec(event)?.[1];
      assert.ok(english.includes(idea ?? ''), `${id} waits for ${event}`);
    }
    assert.ok(completionEvents.length > 0, id);
  }
  assert.deepEqual([...seen.keys()].sort(), ['open', ...Object.keys(ideas)].sort());
});

test('the example has one line for each idea', () => {
  const lines = read('examples/layers/Dockerfile').split('\n');
  for (const name of Object.keys(ideas) as IdeaName[]) {
    assert.equal(lines.filter((line) => ideas[name].line.test(line)).length, 1, name);
  }
});

test('what a button is given is looked at before it is used', () => {
  for (const given of [undefined, null, 7, {}, '', 'nothing', 'constructor', 'toString']) {
    assert.equal(isIdea(given), false, String(given));
  }
});

test('the pictures take their colours from the theme and carry nothing that their page forbids', () => {
  const folder = path.join(root, 'media/walkthrough');
  const used = steps.map(({ media }) => path.basename(media.svg)).sort();
  assert.deepEqual(readdirSync(folder).sort(), used);
  for (const name of used) {
    const picture = read(`media/walkthrough/${name}`);
    // The page allows no style but its own: colours have to be attributes.
    assert.doesNotMatch(picture, /<style|\sstyle=|<script|<image|href=|\son\w+=/, name);
    for (const [, colour] of picture.matchAll(/ (?:fill|stroke)="([^"]+)"/g)) {
      assert.match(colour!, /^(none|var\(--vscode-[\w-]+, #[\da-f]+\))$/, name);
    }
  }
});

test('the package takes the example along, and it is small', () => {
  const kept = read('.vscodeignore').split('\n');
  assert.ok(kept.includes('!examples/layers/**') && kept.includes('!media/walkthrough/*.svg'));
  const folder = path.join(root, 'examples/layers');
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(path.join(entry.parentPath, entry.name)).length, 0);
  assert.ok(bytes < 300_000, `${bytes} bytes`);
});
