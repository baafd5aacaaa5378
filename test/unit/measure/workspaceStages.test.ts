// The Dockerfiles of a workspace: which are found, what files decide, and where sizes come from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { allGroups } from '../../../server/src/forecast/stageSharing';
import { findDockerfiles, isDockerfileName } from '../../../server/src/measure/findDockerfiles';
import { workspaceStages } from '../../../server/src/measure/workspaceStages';
import { memoryHost } from '../../support/memoryHost';

const root = process.env.STRATA_ROOT ?? process.cwd();

async function look(files: Record<string, string>, texts: Record<string, string> = {}) {
  const host = memoryHost({ files });
  const asked = { folders: ['/w'], records: null, texts: new Map(Object.entries(texts)) };
  const found = await workspaceStages(host, asked);
  const line = (file: number, instruction: number) =>
    `${found.files[file]!.path.slice('/w/'.length)}:${found.files[file]!.dockerfile.instructions[instruction]!.line}`;
  const groups = allGroups(found.sharing.groups);
  return {
    found,
    host,
    shared: groups.flatMap(({ steps }) =>
      steps.map(({ places }) => places.map(({ file, instruction }) => line(file, instruction)).join(' ')),
    ),
    apart: groups.flatMap((group) =>
      group.apart.map(({ place, why }) => `${line(place.file, place.instruction)} ${why}`),
    ),
  };
}

test('Dockerfiles are known by their names', () => {
  for (const name of [
    'Dockerfile',
    'dockerfile',
    'Containerfile',
    'Dockerfile.dev',
    'web.Dockerfile',
    'a.b.containerfile',
  ])
    assert.equal(isDockerfileName(name), true, name);
  for (const name of [
    'Dockerfile.dockerignore',
    '.dockerignore',
    'Dockerfile.md',
    'Dockerfile~',
    'MyDockerfile',
    'Dockerfiles',
  ])
    assert.equal(isDockerfileName(name), false, name);
});

test('fetched packages, histories and hidden folders are not entered, dev containers are', async () => {
  const names = ['Dockerfile', 'a/Dockerfile', '.devcontainer/Dockerfile', 'node_modules/a/Dockerfile'];
  const others = ['a/vendor/Dockerfile', '.git/Dockerfile', '.cache/Dockerfile'];
  const files = Object.fromEntries([...names, ...others].map((name) => [`/w/${name}`, 'FROM x\n']));
  const { paths, complete } = await findDockerfiles(memoryHost({ files }), ['/w', '/w/a']);
  assert.deepEqual(paths, ['/w/Dockerfile', '/w/.devcontainer/Dockerfile', '/w/a/Dockerfile']);
  assert.equal(complete, true);
});

test('more Dockerfiles than the bound are cut, and that is told', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 450 }, (_, at) => [`/w/${at}/Dockerfile`, 'FROM x\n']),
  );
  const { paths, complete } = await findDockerfiles(memoryHost({ files }), ['/w']);
  assert.deepEqual([paths.length, complete], [400, false]);
});

test('a cancelled search is given up', async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(findDockerfiles(memoryHost({ files: {} }), ['/w'], signal), { code: 'cancelled' });
});

const copying = 'FROM x\nCOPY a /a\nRUN one\n';

test('a COPY of two Dockerfiles in one folder is shared when both see the same files', async () => {
  const files = { '/w/Dockerfile': copying, '/w/b.Dockerfile': copying, '/w/a/one': '1' };
  const same = await look(files);
  assert.deepEqual(same.shared, ['Dockerfile:2 b.Dockerfile:2', 'Dockerfile:3 b.Dockerfile:3']);
  // An ignore file beside one of them takes a file out.
  const other = await look({ ...files, '/w/a/two': '2', '/w/b.Dockerfile.dockerignore': 'a/two\n' });
  assert.deepEqual(other.shared, []);
  assert.deepEqual(other.apart, ['Dockerfile:2 files', 'b.Dockerfile:2 files']);
});

test('of two folders it depends on the files, though they are the same', async () => {
  const files = { '/w/p/Dockerfile': copying, '/w/q/Dockerfile': copying, '/w/p/a': '1', '/w/q/a': '1' };
  const { shared, apart } = await look(files);
  assert.deepEqual(shared, []);
  assert.deepEqual(apart, ['p/Dockerfile:2 files', 'q/Dockerfile:2 files']);
});

test('files are read only where texts would go together', async () => {
  const { host } = await look({
    '/w/Dockerfile': copying,
    '/w/b.Dockerfile': 'FROM x\nCOPY a /b\n',
    '/w/a': '1',
  });
  assert.deepEqual(
    host.calls.filter((call) => call.startsWith('digest')),
    [],
  );
});

test('texts that are not saved yet go before those on the disk, and others are left out', async () => {
  const files = {
    '/w/Dockerfile': 'FROM x\nRUN old\n',
    '/w/b.Dockerfile': 'FROM x\nRUN new\n',
    '/w/c.Dockerfile': '# no\n',
  };
  const { found, shared } = await look(files, { '/w/Dockerfile': 'FROM x\nRUN new\n' });
  assert.equal(found.files.length, 2);
  assert.deepEqual(shared, ['Dockerfile:2 b.Dockerfile:2']);
});

test('sizes are those of a recorded build of the very steps, and name it', async () => {
  const read = (name: string) => readFileSync(path.join(root, 'examples/layers', name), 'utf8');
  const text = read('Dockerfile');
  const noted = read('.strata/Dockerfile.json');
  const record = noted.replace(/"note": ?"[^"]*"/, '"note":null');
  const files = {
    '/w/a/Dockerfile': text,
    '/w/a/.strata/Dockerfile.json': record,
    '/w/b/Dockerfile': text.slice(0, text.indexOf('\nCOPY --from=build')),
  };
  const { found } = await look(files);
  const group = found.sharing.groups.find(({ base }) => base.name === 'busybox:1.36')!;
  const base = found.sizes.get(group.base.key)!;
  assert.equal(base.dockerfile, '/w/a/Dockerfile');
  assert.ok(base.bytes > 1_000_000);
  const workdir = allGroups([group])
    .flatMap(({ steps }) => steps)
    .find(
      ({ places }) =>
        found.files[0]!.dockerfile.instructions[places[0]!.instruction]!.text === 'WORKDIR /srv',
    )!;
  assert.equal(found.sizes.get(workdir.key)?.bytes, 0);
  // Without a record nothing has a size, nor with one that tells of a base that was replaced.
  const { '/w/a/.strata/Dockerfile.json': _, ...unbuilt } = files;
  assert.equal((await look(unbuilt)).found.sizes.size, 0);
  assert.equal((await look({ ...files, '/w/a/.strata/Dockerfile.json': noted })).found.sizes.size, 0);
});
