import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyEdits } from '../../../server/src/dockerfile/edit';
import { packageCacheLeft } from '../../../server/src/rules/packageCacheLeft';
import { loadedBash } from '../../support/bashParser';
import type { LayerLiteral } from '../../support/imageFixture';
import { type BuildLiteral, drawRule, findingsOf, measuredBuild, noise } from '../../support/measuredBuild';

const check = async (build: BuildLiteral, expected: string[]) =>
  assert.deepEqual(await drawRule('PackageCacheLeft', build), expected);
const messages = async (layer: LayerLiteral) =>
  (await findingsOf('PackageCacheLeft', { text: 'FROM a\nRUN b', layers: { 2: layer } })).map(
    ({ message }) => message,
  );

const big = noise(200_000);

test('each package manager is known by where its cache lies, in any home', async () => {
  for (const [path, name] of Object.entries({
    'var/lib/apt/lists': 'apt lists',
    'var/cache/apt': 'apt cache',
    'var/cache/apk': 'apk cache',
    'var/cache/dnf': 'dnf cache',
    'var/cache/libdnf5': 'dnf cache',
    'var/cache/yum': 'yum cache',
    'var/cache/zypp': 'zypper cache',
    'root/.cache/pip': 'pip cache',
    'srv/someone/.cache/pip': 'pip cache',
    'home/node/.npm/_cacache': 'npm cache',
    'usr/local/share/.cache/yarn': 'yarn cache',
    'root/.yarn/berry/cache': 'yarn cache',
    'root/.local/share/pnpm/store': 'pnpm cache',
    'root/.cache/pnpm': 'pnpm cache',
    'root/.cache/go-build': 'Go build cache',
    'go/pkg/mod': 'Go module cache',
    'usr/local/cargo/registry': 'cargo cache',
    'root/.cargo/git': 'cargo cache',
    'root/.cargo/registry': 'cargo cache',
    'root/.m2/repository': 'Maven repository',
    'home/gradle/.gradle/caches': 'Gradle caches',
    'root/.composer/cache': 'composer cache',
    'usr/local/bundle/cache': 'gem cache',
    'var/lib/gems/3.1.0/cache': 'gem cache',
    'home/app/.local/share/gem/ruby/3.1.0/cache': 'gem cache',
    'opt/conda/pkgs': 'conda packages',
    'root/miniconda3/pkgs': 'conda packages',
  })) {
    const expected = `200 kB of ${name} stay in the image (/${path})`;
    assert.deepEqual(await messages({ [`${path}/a/b`]: big }), [expected]);
  }
});

test('what has such a name elsewhere, or is a file, is no cache', async () => {
  for (const path of [
    'app/var/cache/apk/a',
    'var/cache/a',
    'cache/pip/a',
    'root/.npm/a',
    'app/pkgs/a',
    '.cache/pip',
  ])
    assert.deepEqual(await messages({ [path]: big }), [], path);
});

test('several caches of a line are one finding, the small ones unnamed', () =>
  check(
    {
      text: 'FROM a\nRUN apt-get update && apt-get install x',
      layers: {
        2: {
          'var/lib/apt/lists/a': big,
          'root/.cache/pip/a': noise(100_000, 2),
          'root/.npm/_cacache/a': 'x',
        },
      },
    },
    [
      '2: 300 kB of package caches stay in the image: apt lists 200 kB, pip cache 100 kB',
      '  fix: Empty the apt lists and the pip cache in this RUN: saves 300 kB (review)',
      '  fix: Keep the apt lists and the pip cache in a cache mount: saves 300 kB (review)',
    ],
  ));

test('what a later line hides, what hard links share and what the base has is not told', async () => {
  const lists = { 'var/lib/apt/lists/a': big };
  await check(
    { text: 'FROM a\nRUN b\nRUN c', layers: { 2: lists, 3: { 'var/lib/apt/lists/.wh.a': '' } } },
    [],
  );
  await check({ text: 'FROM a\nRUN b', base: [lists], layers: { 2: { x: 'x' } } }, []);
  const store = 'root/.local/share/pnpm/store/a';
  assert.deepEqual(
    await messages({ [store]: big, 'app/node_modules/a': { type: 'hardlink', link: store } }),
    [],
  );
});

describe('the fixes', () => {
  async function fixed(text: string, path = 'var/lib/apt/lists', more: LayerLiteral = {}): Promise<string[]> {
    const layers = { 2: { [`${path}/a`]: big, ...more } };
    const findings = await findingsOf('PackageCacheLeft', { text, layers });
    return findings.flatMap(({ fixes }) => fixes.map(({ edits }) => applyEdits(text, edits)));
  }
  const mount = '--mount=type=cache,target=/var/lib/apt/lists,sharing=locked';

  test('are not for what a program may run from', async () => {
    assert.deepEqual(await fixed('FROM a\nRUN yarn install', 'root/.yarn/berry/cache'), []);
    assert.equal((await fixed('FROM a\nRUN yarn install', 'root/.cache/yarn')).length, 2);
  });
  test('keep the formatting of the RUN', async () => {
    assert.deepEqual(await fixed('FROM a\nRUN apt-get update \\\n  && apt-get install x\nCMD x\n'), [
      'FROM a\nRUN apt-get update \\\n  && apt-get install x \\\n  && rm -rf /var/lib/apt/lists/*\nCMD x\n',
      `FROM a\nRUN ${mount} apt-get update \\\n  && apt-get install x\nCMD x\n`,
    ]);
  });
  test('offer the mount alone where the end of the RUN is not the end of a list', async () => {
    for (const command of ['set -e; apt-get update', 'apt-get update || true', '["apt-get", "update"]'])
      assert.deepEqual(await fixed(`FROM a\nRUN ${command}`), [`FROM a\nRUN ${mount} ${command}`]);
  });
  test('go to the end of statements below set -e, when a failure of the last has ended the shell', async () => {
    const shell = await loadedBash();
    const first = async (command: string) => {
      const text = `FROM a\nRUN ${command}`;
      const context = await measuredBuild({ text, layers: { 2: { 'var/lib/apt/lists/a': big } } });
      const [found] = packageCacheLeft.check({ ...context, shell });
      return found!.fixes
        .filter(({ title }) => title.startsWith('Empty'))
        .map(({ edits }) => applyEdits(text, edits).slice('FROM a\nRUN '.length));
    };
    const clean = 'rm -rf /var/lib/apt/lists/*';
    assert.deepEqual(await first('set -eux; \\\n\tcd /tmp; \\\n\tapt-get update'), [
      `set -eux; \\\n\tcd /tmp; \\\n\tapt-get update; \\\n\t${clean}`,
    ]);
    assert.deepEqual(await first('set -e; apt-get update;'), [`set -e; apt-get update; ${clean}`]);
    assert.deepEqual(await first('set -e; a || b; c'), [`set -e; a || b; c; ${clean}`]);
    for (const command of [
      'set -x; apt-get update',
      'set -e; apt-get update && true',
      'set -e; set +e; apt-get update',
      'set -e; apt-get update; exit 0',
      'set -e; apt-get update # lists',
      'set -e; if true; then apt-get update; fi',
    ])
      assert.deepEqual(await first(command), [], command);
  });
  test('spare what a later step needs', async () => {
    const later = 'FROM a\nRUN apt-get update\nRUN apt-get install x';
    assert.deepEqual(await fixed(later), [
      `FROM a\nRUN ${mount} apt-get update\nRUN ${mount} apt-get install x`,
    ]);
    const fresh = 'FROM a\nRUN apt-get update\nRUN apt-get update && apt-get install x';
    assert.equal((await fixed(fresh)).length, 2);
    assert.deepEqual(await fixed('FROM a\nRUN go mod download\nRUN go build', 'go/pkg/mod'), [
      'FROM a\nRUN --mount=type=cache,target=/go/pkg/mod go mod download\n' +
        'RUN --mount=type=cache,target=/go/pkg/mod go build',
    ]);
  });
  test('give the mount to the user who filled it, and to no path that a shell would read otherwise', async () => {
    const text = 'FROM a\nRUN pip install x';
    const owned = { 'home/app/.cache/pip/a': { content: big, uid: 1000 } };
    assert.equal(
      (await fixed(text, 'home/app/.cache/pip', owned)).at(-1),
      'FROM a\nRUN --mount=type=cache,target=/home/app/.cache/pip,uid=1000 pip install x',
    );
    assert.deepEqual(await fixed(text, 'home/a b/.cache/pip'), []);
    assert.deepEqual(await fixed(text, 'home/$(x)/.cache/pip'), []);
  });
  test('read the file with the escape character that it names', async () => {
    const text = '# escape=`\nFROM a\nRUN pip install `\n  x\n';
    const layers = { 3: { 'root/.cache/pip/a': big } };
    const fixes = (await findingsOf('PackageCacheLeft', { text, layers })).flatMap((found) => found.fixes);
    assert.deepEqual(
      fixes.map(({ edits }) => applyEdits(text, edits)),
      ['# escape=`\nFROM a\nRUN --mount=type=cache,target=/root/.cache/pip pip install `\n  x\n'],
    );
  });
  test('are none for a COPY', async () => assert.deepEqual(await fixed('FROM a\nCOPY . /'), []));
});
