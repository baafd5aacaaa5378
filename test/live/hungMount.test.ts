// A file system that never answers, as a share whose server is gone: mounted here through FUSE, with nobody behind it. The
// build context is told of and not read, and this process, in which the server would live, goes on.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { walkContext } from '../../server/src/context/walk';
import { createNodeHost } from '../../server/src/host/nodeHost';

const mount = `
import ctypes, os, sys
fd = os.open('/dev/fuse', os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
options = f'fd={fd},rootmode=40000,user_id=0,group_id=0'
failed = libc.mount(b'silent', os.fsencode(sys.argv[1]), b'fuse', 0, options.encode())
print('refused' if failed else 'mounted', flush=True)
sys.stdin.read()
libc.umount2(os.fsencode(sys.argv[1]), 2)
`;

const missing =
  process.platform !== 'linux' || process.getuid?.() !== 0 || !fs.existsSync('/dev/fuse')
    ? 'this machine lacks Linux, root or /dev/fuse'
    : spawnSync('python3', ['--version']).error
      ? 'this machine lacks python3'
      : false;

describe('a mount that does not answer', { skip: missing, timeout: 60_000 }, () => {
  const context = fs.mkdtempSync(path.join(fs.realpathSync(tmpdir()), 'strata-hung-'));
  const silent = path.join(context, 'share');
  let holder: ChildProcess;
  before(async () => {
    fs.mkdirSync(silent);
    fs.writeFileSync(path.join(context, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
    holder = spawn('python3', ['-c', mount, silent], { stdio: ['pipe', 'pipe', 'inherit'] });
    const said = await new Promise<string>((resolve) =>
      holder.stdout!.once('data', (data) => resolve(String(data))),
    );
    assert.equal(said.trim(), 'mounted');
  });
  after(async () => {
    const gone = new Promise((resolve) => holder.on('exit', resolve));
    holder.stdin!.end();
    await gone;
    fs.rmSync(context, { recursive: true, force: true });
  });

  for (const root of [context, silent]) {
    test(`in a context (${path.basename(root)}): it is named, and nothing waits for it`, async () => {
      const host = createNodeHost();
      const request = { root, dockerfile: path.join(context, 'Dockerfile'), rules: 'buildkit' as const };
      const found = await walkContext(host, { ...request, limits: { answerMs: 300 } });
      assert.deepEqual(found.problems, [`${silent} does not answer: the build context was not read.`]);
      const again = await walkContext(host, { ...request, limits: { answerMs: 60_000 } });
      assert.deepEqual(again.problems, found.problems);
    });
  }
});
