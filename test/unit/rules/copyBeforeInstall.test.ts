import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { runRules } from '../../../server/src/rules/rule';
import { contextOf } from '../../support/dockerfileMarkers';
import { drawRule } from '../../support/measuredBuild';

const findings = (text: string) =>
  runRules(contextOf(text)).filter(({ rule }) => rule === 'CopyBeforeInstall');
const fixed = (text: string) =>
  findings(text).flatMap(({ fixes }) => fixes.map(({ edits }) => applyEdits(text, edits)));

test('an install right after the copy of everything is told without any build', () => {
  assert.deepEqual(
    findings('FROM a\nCOPY . .\nRUN npm ci').map(({ line, message }) => `${line}: ${message}`),
    ['3: npm ci runs again after each edit of a source file: line 2 copies them all before it'],
  );
});

test('what it cost in the last build is said when it ran there; what took no time is not told', async () => {
  const text = 'FROM a\nCOPY . .\nRUN npm ci';
  const drawn = async (ran: Record<number, number>) =>
    (await drawRule('CopyBeforeInstall', { text, ran }))[0];
  assert.equal(
    await drawn({ 3: 14_200 }),
    '3: npm ci runs again after each edit of a source file, 14 s in the last build: line 2 copies them all before it',
  );
  assert.equal(await drawn({ 3: 900 }), undefined);
  assert.match((await drawn({}))!, /source file: line 2/);
});

describe('the fix copies the manifest first', () => {
  const fixes: Record<string, [command: string, copied: string]> = {
    npm: ['npm ci --omit=dev', 'package.json package-lock.json'],
    'npm install': ['npm install', 'package*.json'],
    yarn: ['yarn install --frozen-lockfile', 'package.json yarn.lock'],
    pnpm: ['pnpm i', 'package.json pnpm-lock.yaml'],
    pip: ['pip install --no-cache-dir -r requirements.txt', 'requirements.txt'],
    python: ['python3 -m pip install -r ./dev.txt', 'dev.txt'],
    go: ['go mod download', 'go.mod go.sum'],
    bundler: ['bundle install --jobs=4', 'Gemfile Gemfile.lock'],
    composer: ['composer install --no-dev', 'composer.json composer.lock'],
    maven: ['mvn -B dependency:go-offline', 'pom.xml'],
  };
  for (const [name, [command, copied]] of Object.entries(fixes)) {
    test(`of ${name}`, () =>
      assert.deepEqual(fixed(`FROM a\nCOPY . .\nRUN ${command}\nCMD x\n`), [
        `FROM a\nCOPY ${copied} ./\nRUN ${command}\nCOPY . .\nCMD x\n`,
      ]));
  }
  test('with the flags, mounts, line ends and destination as they are', () => {
    assert.deepEqual(
      fixed('FROM a\r\nCOPY --chown=b . /app\r\nRUN --mount=type=cache,target=/c npm ci \\\r\n  --silent'),
      [
        'FROM a\r\nCOPY --chown=b package.json package-lock.json /app/\r\nRUN --mount=type=cache,target=/c npm ci \\\r\n  --silent\r\nCOPY --chown=b . /app',
      ],
    );
  });
  test('and is left out where a comment would lose its line', () =>
    assert.deepEqual(fixed('FROM a\nCOPY . .\n# fetch\nRUN npm ci'), []));
});

test('nothing is told where the manifest came first, where more runs, or where less is copied', () => {
  for (const text of [
    'FROM a\nCOPY package.json .\nRUN npm ci\nCOPY . .',
    'FROM a\nCOPY . .\nRUN npm ci && npm run build',
    'FROM a\nCOPY . .\nRUN npm install left-pad',
    'FROM a\nCOPY . .\nRUN npm run build',
    'FROM a\nCOPY . .\nRUN pip install .',
    'FROM a\nCOPY . .\nRUN pip install -r "$FILE"',
    'FROM a\nCOPY src .\nRUN npm ci',
    'FROM a AS b\nFROM a\nCOPY --from=b . .\nRUN npm ci',
    'FROM a\nCOPY . .\nRUN ["npm", "ci"]',
    'FROM a AS unused\nCOPY . .\nRUN npm ci\nFROM b\nRUN c',
  ])
    assert.deepEqual(findings(text), [], text);
});
