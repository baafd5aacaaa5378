// Services of compose files: what their `build` means, as the Compose specification has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredOf, drawn, type Project } from './declaredOf';

async function check(compose: string, expected: string[], more: Partial<Project> = {}): Promise<void> {
  const files = { 'compose.yaml': compose, ...more.files };
  assert.deepEqual(drawn(await declaredOf({ ...more, files })), expected);
}

test('a service builds this Dockerfile by its folder, by its name, or not at all', async () => {
  await check(
    `services:
  short: { build: . }
  named: { build: { context: ., dockerfile: Dockerfile } }
  above: { build: { context: web, dockerfile: ../Dockerfile } }
  other: { build: { context: ., dockerfile: other.Dockerfile } }
  elsewhere: { build: ./web }
  inline: { build: { context: ., dockerfile_inline: FROM scratch } }
  far: { build: https://example.org/repo.git }
  image: { image: alpine }
`,
    ['compose:short /w', 'compose:named /w', 'compose:above /w/web'],
  );
});

test('all that a build says is taken over, paths made absolute', async () => {
  await check(
    `services:
  app:
    build:
      context: .
      target: prod
      platforms: [linux/amd64, linux/arm64]
      args: [A=1, B, C=x=y]
      secrets: [tok, { source: key, target: deploy }]
      ssh: [default, git=keys/git]
      additional_contexts: { img: docker-image://alpine, here: ./lib, other: service:base }
      cache_from: [app/cache, "type=local,src=cache"]
      cache_to: ["type=local,dest=cache,mode=max"]
      labels: { a.b: c }
      network: none
      shm_size: 64m
      extra_hosts: ["h:1.2.3.4"]
      no_cache: true
      pull: true
      tags: [x:1]
      privileged: true
secrets:
  tok: { environment: TOKEN }
  key: { file: ./keys/deploy }
`,
    [
      'compose:app /w --target prod --platform linux/amd64 --platform linux/arm64 A=1 B=env C=x=y ' +
        'secret tok:$TOKEN secret deploy:/w/keys/deploy ssh default ssh git=/w/keys/git ' +
        'img=>docker-image://alpine here=>/w/lib other=>service:base from app/cache ' +
        'from type=local,src=/w/cache to type=local,dest=/w/cache,mode=max ' +
        "--label a.b=c --network none --shm-size 64m --add-host h:1.2.3.4 --no-cache --pull | 'privileged' of its build is not followed.",
    ],
    { environment: { B: 'env' } },
  );
});

test('variables come from the environment, else from .env, else from their default', async () => {
  await check(
    `services:
  app:
    build:
      context: \${DIR:-.}
      args:
        SHELL: \${SHELL_VALUE}
        FILE: $FILE_VALUE
        BOTH: \${BOTH-no}
        NESTED: \${NONE:-\${ALSO_NONE-deep}}
        EMPTY: \${EMPTY:-full}
        KEPT: \${EMPTY-full}
        PLUS: \${BOTH:+set}
        DOLLAR: $$HOME
        GONE: \${GONE}
        MUST: \${MUST:?say it}
`,
    [
      'compose:app /w SHELL=s FILE=f BOTH=s NESTED=deep EMPTY=full KEPT= PLUS=set DOLLAR=$HOME GONE= MUST= ' +
        '| These variables have no value: GONE, MUST (say it).',
    ],
    {
      environment: { SHELL_VALUE: 's', BOTH: 's', EMPTY: '' },
      files: { '.env': '# c\nFILE_VALUE="f" # x\nexport BOTH=f\n' },
    },
  );
});

test('anchors and merge keys are put in', async () => {
  await check(
    `x-build: &build { context: ., args: { A: 1 } }
services:
  one: { build: { <<: *build, target: a } }
  two: { build: *build }
`,
    ['compose:one /w --target a A=1', 'compose:two /w A=1'],
  );
});

test('an override file wins value by value, and the first name of each counts', async () => {
  await check(
    'services: { app: { build: ., platform: linux/arm64 } }',
    ['compose:app /w --target dev --platform linux/arm64 A=2 B=1'],
    {
      files: {
        'compose.override.yaml': 'services: { app: { build: { target: dev, args: [A=1, B=1] } } }',
        'compose.override.yml': 'services: { app: { build: { target: dev, args: { A: 2, B: 1 } } } }',
        'docker-compose.yml': 'services: { never: { build: . } }',
      },
    },
  );
});

test('.env may name the files', async () => {
  await check('services: { never: { build: . } }', ['compose:app /w --target dev'], {
    files: {
      '.env': 'COMPOSE_FILE=one.yml:two.yml',
      'one.yml': 'services: { app: { build: . } }',
      'two.yml': 'services: { app: { build: { target: dev } } }',
    },
  });
});

test('what is not followed is told', async () => {
  await check(
    `include: [https://host.example/other.git]
services:
  app: { extends: { service: base, file: oci://host.example/base }, build: { context: ., secrets: [lost, hidden] } }
secrets: { hidden: { environment: HIDDEN } }
`,
    [
      'compose:app /w secret hidden:$HIDDEN | What compose.yaml includes from elsewhere was not read: that takes docker compose.' +
        ' | What app extends was not read: it is not on this machine, and that takes docker compose.' +
        " | Secret 'lost' comes neither from a file nor from the environment." +
        ' | HIDDEN, a secret, is in .env alone, which only compose reads.',
    ],
    { files: { '.env': 'HIDDEN=never' } },
  );
});

test('docker compose is asked where it may be run, and its own words are the ones that count', async () => {
  const files = { 'compose.yaml': 'services: { app: { extends: base } }' };
  // As docker compose 2.40 writes it.
  const told = `services:
  app:
    build: { context: /w, dockerfile: Dockerfile, args: { A: $$x, "N": d }, ssh: [default, 'k: /w/keys/k'], extra_hosts: [h=1.2.3.4] }
    environment: { PASSWORD: never }
`;
  const run: Project['run'] = (_program, args) => (args[0] === 'compose' ? { stdout: told } : { code: 1 });
  assert.deepEqual(drawn(await declaredOf({ files, run })), [
    'compose:app /w A=$x N=d ssh default ssh k=/w/keys/k --add-host h:1.2.3.4',
  ]);
  const { host, builds } = await declaredOf({ files, run, trusted: false });
  assert.deepEqual([host.runs, drawn({ builds })], [[], []]);
});

test('a file that cannot be read is told', async () => {
  const { problems } = await declaredOf({ files: { 'compose.yaml': 'services:\n  - a: [' } });
  assert.match(problems.join(), /^\/w\/compose\.yaml, line 2: it is no YAML: .*\.$/);
});

test('a hostile or broken file gives no build and no exception', async () => {
  for (const text of [
    'services: [',
    '[[[[',
    '- '.repeat(30_000),
    'services: { a: { build: [1] } }',
    'services: 3',
    '\0',
    '__proto__: { build: . }',
    'x'.repeat(70_000),
  ]) {
    assert.deepEqual(drawn(await declaredOf({ files: { 'compose.yaml': text } })), [], text.slice(0, 20));
  }
  const bomb = Array.from(
    { length: 20 },
    (_, i) => `a${i}: &a${i} [${Array(9).fill(i > 0 ? `*a${i - 1}` : 'x')}]`,
  );
  assert.deepEqual(drawn(await declaredOf({ files: { 'compose.yaml': bomb.join('\n') } })), []);
  await check(
    'services: { __proto__: { build: . }, constructor: { build: { context: ., args: { __proto__: 1 } } } }',
    ['compose:__proto__ /w', 'compose:constructor /w'],
  );
});
