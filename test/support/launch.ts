// A daemon of a test as a process: started with a log in a folder of its own, waited for, ended by its id, and nothing of
// it left behind: no process, no mount, no folder.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { need, searchPath } from './programs';

const startMs = 60_000;
const stopMs = 20_000;
const leftoverMs = 1000;

export interface Launched {
  until(what: string, condition: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

/** @param programs folders in which it looks for its own helpers first */
export function launch(
  folder: string,
  command: string,
  args: string[],
  programs: readonly string[] = [],
): Launched {
  const name = path.basename(command);
  const logFile = path.join(folder, `${name}.log`);
  const log = fs.openSync(logFile, 'w');
  // setpriv: the kernel ends the daemon when this process dies, however it dies; the process id stays the same.
  const child = spawn(need('setpriv'), ['--pdeathsig', 'TERM', command, ...args], {
    stdio: ['ignore', log, log],
    // Daemons look for their helpers (containerd, runc) in sbin too, which a user's PATH may lack.
    env: { ...process.env, PATH: [...programs, ...searchPath()].join(path.delimiter) },
  });
  fs.closeSync(log);
  let failure = '';
  child.on('error', (error) => {
    failure = error.message;
  });
  const stop = async () => {
    await end(child);
    await endLeftovers(folder);
    unmountBelow(folder);
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const until = async (what: string, condition: () => Promise<boolean>) => {
    const deadline = Date.now() + startMs;
    while (!(await condition())) {
      const ended = failure || hasEnded(child);
      if (!ended && Date.now() < deadline) {
        await delay(50);
        continue;
      }
      const told = fs.readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n');
      await stop();
      throw new Error(`${name} ${ended ? 'ended' : `did not ${what} in ${startMs} ms`}: ${failure}\n${told}`);
    }
  };
  return { until, stop };
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(timer);
}

/**
 * What a daemon started may outlive it: dockerd's containerd when dockerd was killed, a shim whose container was just
 * ending. Their arguments name our folder, which nobody else's do.
 */
async function endLeftovers(folder: string): Promise<void> {
  const deadline = Date.now() + leftoverMs;
  for (;;) {
    const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
    const ours = pids.filter((pid) => readIfThere(`/proc/${pid}/cmdline`).includes(`${folder}/`)).map(Number);
    if (ours.length === 0) return;
    for (const pid of ours) {
      try {
        process.kill(pid, Date.now() < deadline ? 'SIGTERM' : 'SIGKILL');
      } catch {
        // it ended between the look and the signal
      }
    }
    await delay(50);
  }
}

/** Unmounts what was left mounted in a folder. */
export function unmountBelow(folder: string): void {
  // mountinfo, proc(5): field 5 is the mount point. Later mounts lie on earlier ones.
  const points = fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  for (const point of points.filter((at) => at.startsWith(`${folder}/`)).reverse()) {
    spawnSync(need('umount'), ['--lazy', point]);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Whether an engine answers. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ socketPath, path: '/_ping', timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** A folder of its own below that of temporary files, by the path that processes are told. */
export function newFolder(name: string): string {
  return fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), `strata-${name}-`));
}
