// What services extend and what files include, read as compose reads them. Beside the real one: declaredBuilds.test.ts in
// test/live, where bake reads the same files with compose's own library.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declaredOf, drawn } from './declaredOf';

async function check(
  files: Record<string, string>,
  expected: string[],
  broken: string[] = [],
  environment: Record<string, string> = {},
): Promise<void> {
  const found = await declaredOf({ files, environment, trusted: false });
  assert.deepEqual(drawn(found), expected);
  assert.deepEqual(found.problems, broken);
}

const here = 'dockerfile: /w/Dockerfile';

describe('extends', () => {
  test('a service of the same file lies below what the service says itself', () =>
    check(
      {
        'compose.yaml': `services:
  base: { build: { context: ., target: prod, args: [A=1, B=2], labels: { x: y }, platforms: [linux/amd64] } }
  app: { extends: base, build: { args: { B: 3 }, platforms: [linux/arm64] }, image: app }
  long: { extends: { service: app }, build: { target: dev } }
`,
      },
      [
        'compose:base /w --target prod --platform linux/amd64 A=1 B=2 --label x=y',
        'compose:app /w --target prod --platform linux/amd64 --platform linux/arm64 A=1 B=3 --label x=y',
        'compose:long /w --target dev --platform linux/amd64 --platform linux/arm64 A=1 B=3 --label x=y',
      ],
    ));

  test('paths of another file are meant from its own folder, and what that extends in turn', () =>
    check(
      {
        'compose.yaml':
          'services: { app: { extends: { service: web, file: common/web.yaml }, build: { ssh: [k=key] } } }',
        'common/web.yaml': `services:
  web: { extends: { service: base, file: ../deep/base.yaml }, build: { additional_contexts: { lib: ./lib }, ssh: { w: web } } }
`,
        'deep/base.yaml': `services: { base: { build: { context: ctx, ${here}, additional_contexts: [b=.] } } }`,
      },
      ['compose:app /w/deep/ctx ssh w=/w/common/web ssh k=/w/key b=>/w/deep lib=>/w/common/lib'],
    ));

  test('a build without a context in another file has that of the project', () =>
    check(
      {
        'compose.yaml': 'services: { app: { extends: { service: web, file: x/web.yaml } } }',
        'x/web.yaml': 'services: { web: { build: { target: prod } } }',
      },
      ['compose:app /w --target prod'],
    ));

  test('variables have the project’s values', () =>
    check(
      {
        'compose.yaml': 'services: { app: { extends: { service: web, file: x/web.yaml } } }',
        'x/web.yaml': `services: { web: { build: { context: ., ${here}, args: { A: $V } } } }`,
        '.env': 'V=project',
        'x/.env': 'V=own',
      },
      ['compose:app /w/x A=project'],
    ));

  test('what cannot be had is told with its reason', () =>
    check(
      {
        'compose.yaml': `services:
  a: { build: ., extends: nobody }
  b: { build: ., extends: { service: x, file: none.yaml } }
  c: { build: ., extends: { service: x, file: broken.yaml } }
  d: { build: ., extends: { service: x, file: other.yaml } }
  e: { build: ., extends: f }
  f: { build: ., extends: e }
  g: { build: ., extends: {} }
  h: { build: ., extends: { service: a, file: compose.yaml } }
`,
        'broken.yaml': 'a: [',
        'other.yaml': 'services: { y: { build: . } }',
      },
      [
        "compose:a /w | What a extends was not read: compose.yaml has no service 'nobody'.",
        'compose:b /w | What b extends was not read: /w/none.yaml is not there.',
        'compose:c /w | What c extends was not read: /w/broken.yaml, line 1: it is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ].',
        "compose:d /w | What d extends was not read: other.yaml has no service 'x'.",
        'compose:e /w | What e extends was not read: e extends itself in the end, which compose refuses.',
        'compose:f /w | What f extends was not read: e extends itself in the end, which compose refuses.',
        'compose:g /w | What g extends was not read: it names no service.',
        "compose:h /w | What h extends was not read: compose.yaml has no service 'nobody'.",
      ],
    ));
});

describe('include', () => {
  test('services of included projects are there, their paths meant from their own folders', () =>
    check(
      {
        'compose.yaml': `include: [sub/compose.yaml, { path: [x/a.yaml, x/b.yaml], project_directory: y }]
services: { own: { build: . } }
`,
        'sub/compose.yaml': `include: [deep/compose.yaml]
services: { sub: { build: { ${here}, secrets: [tok] } }, short: { build: .. } }
secrets: { tok: { file: tok.txt } }
`,
        'sub/deep/compose.yaml': `services: { deep: { build: { context: c, ${here} } } }`,
        'x/a.yaml': `services: { x: { build: { context: c, ${here}, args: [A=1] } } }`,
        'x/b.yaml': 'services: { x: { build: { args: [A=2] } } }',
      },
      [
        'compose:own /w',
        'compose:sub /w/sub secret tok:/w/sub/tok.txt',
        'compose:short /w',
        'compose:deep /w/sub/deep/c',
        'compose:x /w/y/c A=2',
      ],
    ));

  test('the project’s variables win over the included one’s own, and a named file over its .env', () =>
    check(
      {
        'compose.yaml': 'include: [sub/a.yaml, { path: sub/b.yaml, env_file: [one.env, two.env] }]',
        'sub/a.yaml': `services: { a: { build: { ${here}, args: { O: $OUTER, I: $INNER, E: $SET } } } }`,
        'sub/b.yaml': `services: { b: { build: { ${here}, args: { O: $OUTER, I: $INNER } } } }`,
        '.env': 'OUTER=outer',
        'sub/.env': 'OUTER=sub\nINNER=sub\nSET=sub',
        'one.env': 'INNER=one',
        'two.env': 'INNER=two',
      },
      ['compose:a /w/sub O=outer I=sub E=set', 'compose:b /w/sub O=outer I=two'],
      [],
      { SET: 'set' },
    ));

  test('a later file of the project changes what was included', () =>
    check(
      {
        'compose.yaml': 'include: [sub/a.yaml]',
        'sub/a.yaml': `services: { a: { build: { ${here}, args: [A=1] } } }`,
        'compose.override.yaml': 'services: { a: { build: { args: [A=2] } } }',
      },
      ['compose:a /w/sub A=2'],
    ));

  test('what compose refuses is said, and the rest is told', () =>
    check(
      {
        'compose.yaml': `include: [none.yaml, again.yaml, same.yaml, loop.yaml]
services: { own: { build: . } }
`,
        'again.yaml': 'services: { own: { build: { context: ., target: x } }, more: { build: . } }',
        'same.yaml': 'services: { more: { build: . } }',
        'loop.yaml': 'include: [compose.yaml]',
      },
      ['compose:own /w --target x', 'compose:more /w'],
      [
        '/w/none.yaml is not there.',
        "compose.yaml includes again.yaml, and both have 'own' among their services: older versions of compose refuse that, newer ones merge them.",
        'loop.yaml includes compose.yaml, and so itself in the end: compose refuses that.',
      ],
    ));
});

test('whatever the files hold, nothing is thrown and the work is bounded', async () => {
  for (const text of [
    'include: 5',
    'include: [[], {}, null, 7, { path: 3 }, { path: [] }]',
    'include: { a: b }',
    'services: { a: { extends: [] } }',
    'services: { a: { extends: { service: {}, file: [] } } }',
    'services: [a]',
    'services: { __proto__: { extends: constructor }, constructor: { build: . } }',
    'include: [.]',
    'services: { a: { extends: { service: a, file: / } } }',
  ])
    await declaredOf({ files: { 'compose.yaml': text }, trusted: false });
  const files: Record<string, string> = { 'compose.yaml': 'include: [f0.yaml, f0.yaml]' };
  for (let at = 0; at < 30; at++) files[`f${at}.yaml`] = `include: [f${at + 1}.yaml, ./f${at + 1}.yaml]`;
  const { host, problems } = await declaredOf({ files, trusted: false });
  assert.ok(host.calls.length < 2_000, `${host.calls.length} calls`);
  assert.match(problems.join(), /more than 60 compose files/);
});
