import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createNodeProcesses } from '../../../server/src/host/nodeProcesses';
import { isCancelled } from '../../../server/src/primitives/errors';

const processes = createNodeProcesses(process.env);
const node = process.execPath;
const windows = process.platform === 'win32';
let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-processes-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Runs a text as a program. */
const script = (text: string, ...more: string[]) => ['-e', text, ...more];

describe('run', () => {
  test('gives both streams and the exit code', async () => {
    const result = await processes.run(
      node,
      script('console.log("out é"); console.error("err"); process.exit(3)'),
    );
    assert.deepEqual(result, { code: 3, stdout: 'out é\n', stderr: 'err\n' });
  });

  test('hands arguments over as they are', async () => {
    const args = ['a b', '$HOME', '"', "'", '*', ';', '--', ''];
    const { stdout } = await processes.run(
      node,
      script('console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args),
    );
    assert.deepEqual(JSON.parse(stdout), args);
  });

  test('adds to the environment and removes from it', async () => {
    const own = createNodeProcesses({ ...process.env, STRATA_A: 'a', STRATA_B: 'b' });
    const print = 'console.log([process.env.STRATA_A, process.env.STRATA_B, process.env.STRATA_C].join())';
    const { stdout } = await own.run(node, script(print), { env: { STRATA_B: undefined, STRATA_C: 'c' } });
    assert.equal(stdout, 'a,,c\n');
  });

  test('starts in the given folder, with the given input', async () => {
    const echo = 'process.stdin.on("data", (d) => process.stdout.write(process.cwd() + " " + d))';
    assert.equal(
      (await processes.run(node, script(echo), { cwd: folder, input: 'hi' })).stdout,
      `${folder} hi`,
    );
    assert.equal(
      (await processes.run(node, script('process.stdin.resume()'))).code,
      0,
      'otherwise it is closed',
    );
  });

  test('keeps the first 16 MiB of a stream', async () => {
    const flood = 'for (let n = 0; n < 20; n++) process.stdout.write("x".repeat(1024 * 1024))';
    const { code, stdout } = await processes.run(node, script(flood));
    assert.deepEqual([code, stdout.length], [0, 16 * 1024 * 1024]);
  });

  test('a program that is not there', async () => {
    await assert.rejects(processes.run('strata-no-such-program', []), {
      code: 'not-found',
      message: 'Could not start strata-no-such-program: there is no such program.',
    });
    await assert.rejects(processes.run(path.join(folder, 'absent'), []), { code: 'not-found' });
    await assert.rejects(processes.run(node, [], { cwd: path.join(folder, 'absent') }), {
      code: 'not-found',
    });
  });

  test('ends after its time with no exit code', async () => {
    const { code, stdout } = await processes.run(
      node,
      script('console.log("hi"); setInterval(() => {}, 1000)'),
      {
        timeoutMs: 500,
      },
    );
    assert.deepEqual([code, stdout], [null, 'hi\n']);
  });

  test('a child that outlives the program and holds its output does not hold us', {
    skip: windows,
  }, async () => {
    const started = Date.now();
    const leave = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'inherit', detached: true }); child.unref(); console.log(child.pid)`;
    const { code, stdout } = await processes.run(node, script(leave));
    assert.equal(code, 0);
    assert.ok(Date.now() - started < 10_000);
    process.kill(Number(stdout), 'SIGKILL');
  });
});

describe('stream', () => {
  test('hands on whole lines of both streams', async () => {
    const [out, err]: [string[], string[]] = [[], []];
    const print =
      'process.stdout.write("one\\ntw"); process.stdout.write("o\\r\\n\\nlast"); process.stderr.write("e\\n")';
    const { code } = await processes.stream(node, script(print), {
      onStdoutLine: (line) => out.push(line),
      onStderrLine: (line) => err.push(line),
    });
    assert.deepEqual([code, out, err], [0, ['one', 'two', '', 'last'], ['e']]);
  });

  test('waits for a slow receiver and loses nothing', async () => {
    let bytes = 0;
    let most = 0;
    let inside = 0;
    await processes.stream(node, script('process.stdout.write(Buffer.alloc(3_000_000))'), {
      onStdout: async (chunk) => {
        most = Math.max(most, ++inside);
        await delay(10);
        bytes += chunk.length;
        inside--;
      },
    });
    assert.deepEqual([bytes, most], [3_000_000, 1]);
  });

  test('an error of the receiver ends the program and comes out', async () => {
    const pidFile = path.join(folder, 'pid');
    const loop = `require('node:fs').writeFileSync(process.argv[1], String(process.pid)); setInterval(() => console.log('x'), 10)`;
    const failing = processes.stream(node, script(loop, pidFile), {
      onStdoutLine: () => {
        throw new RangeError('ours');
      },
    });
    await assert.rejects(failing, RangeError);
    assert.equal(isAlive(Number(fs.readFileSync(pidFile, 'utf8'))), false);
  });
});

describe('abort', () => {
  /** Starts a program and its child, each of which may ignore SIGTERM, and aborts when both run. */
  async function abortFamily(ignore: boolean): Promise<{ pids: number[]; ms: number }> {
    const self = ignore ? "process.on('SIGTERM', () => {});" : '';
    const child = `${self} console.log(process.pid); setInterval(() => {}, 1000)`;
    const parent = `${self} console.log(process.pid); require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
    const pids: number[] = [];
    const cancel = new AbortController();
    let aborted = 0;
    const running = processes.stream(node, script(parent), {
      signal: cancel.signal,
      onStdoutLine: (line) => {
        if (pids.push(Number(line)) < 2) return;
        aborted = Date.now();
        cancel.abort();
      },
    });
    await assert.rejects(running, isCancelled);
    return { pids, ms: Date.now() - aborted };
  }

  test('ends a program and its children', async () => {
    const { pids } = await abortFamily(false);
    assert.deepEqual(pids.map(isAlive), [false, false]);
  });

  test('by force after a while, if they will not', { skip: windows }, async () => {
    const { pids, ms } = await abortFamily(true);
    assert.deepEqual(pids.map(isAlive), [false, false]);
    assert.ok(ms >= 1_900 && ms < 6_000, `${ms} ms`);
  });

  test('before the start nothing is started', async () => {
    const cancel = new AbortController();
    cancel.abort();
    const file = path.join(folder, 'made');
    const make = script('require("node:fs").writeFileSync(process.argv[1], "")', file);
    await assert.rejects(processes.run(node, make, { signal: cancel.signal }), isCancelled);
    assert.equal(fs.existsSync(file), false);
  });

  test('after the end nothing happens', async () => {
    const cancel = new AbortController();
    assert.equal((await processes.run(node, script(''), { signal: cancel.signal })).code, 0);
    cancel.abort();
  });
});

describe('find', () => {
  const make = (name: string, mode: number) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), '#!/bin/sh\n', { mode });
    return path.join(folder, name);
  };

  test('the first runnable file on PATH, or the given one', { skip: windows }, async () => {
    make('a/tool', 0o644);
    fs.mkdirSync(path.join(folder, 'b', 'tool'), { recursive: true });
    const tool = make('c/tool', 0o755);
    make('d/tool', 0o755);
    const PATH = ['a', 'b', 'c', 'd'].map((name) => path.join(folder, name)).join(':');
    const own = createNodeProcesses({ PATH });
    assert.equal(await own.find('tool'), tool);
    assert.equal(await own.find(tool), tool);
    assert.equal(await own.find(path.join(folder, 'a', 'tool')), null);
    assert.equal(await own.find('other'), null);
    assert.equal(await own.find(''), null);
    assert.equal(await own.find('a\0b'), null);
  });

  test('not in the current folder, even if PATH says so', { skip: windows }, async () => {
    make('tool', 0o755);
    const here = path.relative(process.cwd(), folder);
    assert.equal(await createNodeProcesses({ PATH: `:.:${here}` }).find('tool'), null);
    assert.equal(await createNodeProcesses({}).find('tool'), null);
  });
});

test('programs end with us', { skip: windows }, async () => {
  // A process of its own that starts a program through the host and then exits without waiting.
  const source = path.join(folder, 'parent.cjs');
  const esbuild = await import('esbuild');
  await esbuild.build({
    stdin: {
      contents: `import { createNodeProcesses } from './server/src/host/nodeProcesses';
        createNodeProcesses(process.env).stream(process.execPath, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], {
          onStdoutLine: (line) => { console.log(line); process.exit(0); },
        });`,
      resolveDir: process.env.STRATA_ROOT ?? process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: source,
  });
  const parent = spawn(node, [source]);
  let out = '';
  parent.stdout.on('data', (text) => {
    out += text;
  });
  await new Promise((resolve) => parent.once('close', resolve));
  const pid = Number(out.trim());
  assert.ok(pid > 0);
  for (const deadline = Date.now() + 5_000; isAlive(pid) && Date.now() < deadline; ) await delay(20);
  assert.equal(isAlive(pid), false);
});

/** A zombie, which only waits for its parent to look, is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = fs.existsSync(`/proc/${pid}/stat`) ? fs.readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
  return !/\) Z /.test(stat);
}
