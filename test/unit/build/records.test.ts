import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  type RecordedBuild,
  readRecordedBuild,
  recordedBuildPath,
  writeRecordedBuild,
} from '../../../server/src/build/recordedBuild';
import { createRecordStore } from '../../../server/src/build/records';
import { createNodeFiles } from '../../../server/src/host/nodeFiles';
import { sha256 } from '../../../server/src/primitives/digest';
import { numbered, sampleRecord } from './sampleRecord';

const files = createNodeFiles();
let folder: string;
let dockerfile: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'strata-records-'));
  dockerfile = path.join(folder, 'project', 'Dockerfile');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const store = (system = 'linux') => createRecordStore({ files, os: system }, path.join(folder, 'cache'));
const newest = async (of = dockerfile) => (await store().list(of))[0] ?? null;
const folderOf = (name: string) => path.join(folder, 'cache', 'records', sha256(name).slice(7));

describe('the store', () => {
  test('is empty at first', async () => {
    assert.deepEqual(await store().list(dockerfile), []);
    assert.equal(await newest(), null);
  });

  test('gives records back, newest first, after a restart too', async () => {
    await store().add(dockerfile, numbered(1));
    await store().add(dockerfile, numbered(3));
    await store().add(dockerfile, numbered(2));
    const started = (await store().list(dockerfile)).map((record) => record.started.slice(17, 19));
    assert.deepEqual(started, ['03', '02', '01']);
    assert.deepEqual(await newest(), numbered(3));
  });

  test('keeps the records of each Dockerfile apart', async () => {
    await store().add(dockerfile, numbered(1));
    assert.deepEqual(await store().list(`${dockerfile}.other`), []);
  });

  test('replaces a record of the same id', async () => {
    await store().add(dockerfile, numbered(1, { image: null }));
    await store().add(dockerfile, numbered(1));
    assert.deepEqual(await store().list(dockerfile), [numbered(1)]);
  });

  test('keeps the newest 20', async () => {
    for (let n = 0; n < 25; n++) await store().add(dockerfile, numbered(n));
    const records = await store().list(dockerfile);
    assert.deepEqual([records.length, records.at(-1)?.id], [20, numbered(5).id]);
    assert.equal(fs.readdirSync(folderOf(dockerfile)).length, 20);
  });

  test('never forgets the newest that was built', async () => {
    await store().add(dockerfile, numbered(0));
    await store().add(dockerfile, numbered(1));
    for (let n = 2; n < 30; n++) await store().add(dockerfile, numbered(n, { outcome: 'failed' }));
    const built = (await store().list(dockerfile)).filter(({ outcome }) => outcome === 'built');
    assert.deepEqual(
      built.map(({ id }) => id),
      [numbered(1).id],
    );
    assert.equal(fs.readdirSync(folderOf(dockerfile)).length, 21);
  });

  test('takes damaged, foreign and oversized files for none', async () => {
    await store().add(dockerfile, numbered(1));
    const at = (name: string) => path.join(folderOf(dockerfile), name);
    fs.writeFileSync(at(`${numbered(2).id}.json`), '{"schema":1,');
    fs.writeFileSync(at(`${numbered(3).id}.json`), '{"schema":2}');
    fs.writeFileSync(at(`${numbered(4).id}.json`), JSON.stringify(numbered(1)));
    fs.writeFileSync(at('notes.txt'), 'x');
    fs.mkdirSync(at(`${numbered(5).id}.json`));
    fs.symlinkSync('/etc/passwd', at(`${numbered(6).id}.json`));
    fs.writeFileSync(at(`${numbered(7).id}.json`), '');
    fs.truncateSync(at(`${numbered(7).id}.json`), 64 * 1024 * 1024);
    assert.deepEqual(await store().list(dockerfile), [numbered(1)]);
  });

  test('knows a file by any of its names on Windows', async () => {
    await store('windows').add('C:\\Project\\Dockerfile', numbered(1));
    assert.equal((await store('windows').list('c:/project/Dockerfile')).length, 1);
    assert.equal((await store('linux').list('c:/project/Dockerfile')).length, 0);
  });

  test('can be cleared, of one Dockerfile or of all', async () => {
    await store().add(dockerfile, numbered(1));
    await store().add('/other', numbered(1));
    await store().clear(dockerfile);
    assert.deepEqual([await newest(), (await newest('/other'))?.id], [null, numbered(1).id]);
    await store().clear();
    assert.equal(await newest('/other'), null);
  });
});

describe('a build that travels with a project', () => {
  const tar = gzipSync('not really a tar').toString('base64');
  const build = (): RecordedBuild => ({
    record: numbered(5),
    layers: [{ diffId: sha256('a'), index: Buffer.from('index').toString('base64'), tar }],
  });

  test('comes back without the place of its image, which is not here', async () => {
    await writeRecordedBuild(files, dockerfile, build());
    assert.equal(recordedBuildPath(dockerfile), path.join(folder, 'project', '.strata', 'Dockerfile.json'));
    const read = await readRecordedBuild(files, dockerfile);
    assert.deepEqual(read, { ...build(), record: numbered(5, { imageReference: null }) });
  });

  test('stands among the records by its time', async () => {
    await writeRecordedBuild(files, dockerfile, build());
    assert.equal((await newest())?.id, numbered(5).id);
    await store().add(dockerfile, numbered(7));
    await store().add(dockerfile, numbered(3));
    const ids = (await store().list(dockerfile)).map(({ id }) => id);
    assert.deepEqual(
      ids,
      [7, 5, 3].map((n) => numbered(n).id),
    );
  });

  test('is none when anything of it is wrong', async () => {
    const file = recordedBuildPath(dockerfile);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const wrong = [
      '',
      'null',
      '{',
      JSON.stringify({ ...build(), record: { ...sampleRecord(), schema: 9 } }),
      JSON.stringify({ ...build(), layers: [{ diffId: 'sha256:x', index: '', tar: null }] }),
      JSON.stringify({ ...build(), layers: [{ diffId: sha256('a'), index: 'no base64', tar: null }] }),
      JSON.stringify({ ...build(), layers: {} }),
      JSON.stringify(build()) + ' '.repeat(2 * 1024 * 1024),
    ];
    for (const text of wrong) {
      fs.writeFileSync(file, text);
      assert.equal(await readRecordedBuild(files, dockerfile), null, text.slice(0, 80));
    }
  });

  test('is not read through a link', async () => {
    await writeRecordedBuild(files, `${dockerfile}.real`, build());
    fs.symlinkSync('Dockerfile.real.json', recordedBuildPath(dockerfile));
    assert.equal(await readRecordedBuild(files, dockerfile), null);
  });

  test('is not written when it is too large to travel', async () => {
    const large = {
      ...build(),
      layers: [{ diffId: sha256('a'), index: 'A'.repeat(3 * 1024 * 1024), tar: null }],
    };
    await assert.rejects(writeRecordedBuild(files, dockerfile, large), { code: 'unsupported' });
    assert.equal(fs.existsSync(recordedBuildPath(dockerfile)), false);
  });
});
