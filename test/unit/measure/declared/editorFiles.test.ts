// devcontainer.json and tasks.json: the builds of this Dockerfile among them, comments and variables included.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredOf, drawn, type Project } from './declaredOf';

async function check(files: Record<string, string>, expected: string[], more: Partial<Project> = {}) {
  const { builds, problems } = await declaredOf({ files, ...more });
  assert.deepEqual(drawn({ builds }), expected);
  return problems;
}

test('a dev container builds by paths from its own file', async () => {
  await check(
    {
      '.devcontainer/devcontainer.json': `{
  // the image of this repository
  "name": "Dev",
  "build": {
    "dockerfile": "../Dockerfile",
    "context": "..",
    "target": "dev",
    "args": { "WHO": "\${localEnv:USER}", "NONE": "\${localEnv:NOBODY:fallback}", "DIR": "\${localWorkspaceFolderBasename}" },
    "cacheFrom": "ghcr.io/x/y",
    "options": ["--network=host", "--build-context", "lib=../lib", "--tag", "never", "--push"],
  },
  "features": { "a": {}, "b": {} },
}`,
      '.devcontainer/other/devcontainer.json': '{ "dockerFile": "../../Dockerfile", "context": "../.." }',
      '.devcontainer/none/devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" } }',
    },
    [
      'devcontainer:Dev /w --target dev WHO=me NONE=fallback DIR=w lib=>/w/lib from ghcr.io/x/y --network=host' +
        ' | Its 2 features add layers of their own, which are not built here.',
      'devcontainer:other /w',
    ],
    { environment: { USER: 'me' } },
  );
});

test('a dev container may be a service of compose files, in the order in which they are named', async () => {
  await check(
    {
      '.devcontainer.json': '{ "dockerComposeFile": ["base.yml", "dev.yml"], "service": "app" }',
      'base.yml': 'services: { app: { build: . }, db: { build: . } }',
      'dev.yml': 'services: { app: { build: { target: dev } } }',
    },
    ['devcontainer:devcontainer /w --target dev'],
  );
});

test('a build that hangs on what only the editor knows is told, not built with something else', async () => {
  const unknown = '\u0024{input:version}';
  const problems = await check(
    {
      '.vscode/tasks.json': `{ "tasks": [{ "label": "ask", "command": "docker build --build-arg V=${unknown} ." }] }`,
      '.devcontainer.json': `{ "build": { "dockerfile": "Dockerfile", "target": "${unknown}" } }`,
    },
    [],
  );
  assert.deepEqual(problems, [
    `/w/.devcontainer.json was not taken: ${unknown} is known to the editor alone.`,
    `Task 'ask' was not taken: ${unknown} is known to the editor alone.`,
  ]);
});

test('tasks of type docker-build, and commands that build', async () => {
  await check(
    {
      '.vscode/tasks.json': `{
  "tasks": [
    { "label": "ext", "type": "docker-build", "dockerBuild": { "dockerfile": "\${workspaceFolder}/Dockerfile",
      "context": "\${workspaceFolder}/web", "target": "dev", "buildArgs": { "A": "1" }, "pull": true,
      "customOptions": "--secret id=t,env=TOK --network none", "labels": { "l": "v" }, "tag": "x" } },
    { "label": "line", "type": "shell", "command": "docker build -t x --build-arg 'B=two words' --build-arg C . --file Dockerfile" },
    { "label": "args", "type": "process", "command": "podman", "args": ["build", { "value": "--target=p" }, "-f", "\${file}", "web"] },
    { "label": "x", "command": "docker", "args": ["buildx", "build", "--platform", "linux/arm64", "."], "options": { "cwd": "\${workspaceFolder}" } },
    { "label": "ask", "command": "docker build --build-arg V=\${input:version} ." },
    { "label": "several", "command": "docker build . && docker push x" },
    { "label": "other", "command": "docker build -f other.Dockerfile ." },
    { "label": "far", "command": "docker build https://example.org/x.git" },
    { "label": "run", "command": "docker run build ." },
    { "label": "piped", "command": "docker build - < Dockerfile" },
  ]
}`,
    },
    [
      'task:ext /w/web --target dev A=1 secret t:$TOK --network none --label l=v --pull',
      'task:line /w B=two words C=c',
      'task:args /w/web --target p',
      'task:x /w --platform linux/arm64',
    ],
    { environment: { C: 'c' } },
  );
});

test('broken and hostile files give no exception, and are told', async () => {
  for (const text of [
    '',
    '{',
    '[[[',
    '['.repeat(50_000),
    '{"tasks": {"a": 1}}',
    '{"tasks": [1, null, {"command": {}}]}',
    '\0',
    'null',
  ]) {
    await check({ '.vscode/tasks.json': text, '.devcontainer.json': text }, []);
  }
  const problems = await check({ '.vscode/tasks.json': '{ "tasks": [ { "command": "docker build ." ' }, [
    'task:build /w',
  ]);
  assert.match(problems.join(), /tasks\.json was not read whole: it is no JSON: .* in line 1\.$/);
});
