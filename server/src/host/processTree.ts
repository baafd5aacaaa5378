// How a program is ended together with its children. Decides signals and delays; not when to end one.
import { setTimeout as delay } from 'node:timers/promises';

/** Between the request to end and the end by force. buildx cancels its build and ends in well under 1 s [0.38]. */
const graceMs = 2_000;
/** How long force is waited for: orphans count as alive until init has reaped them, which not every init does. */
const forceMs = 1_000;
const lookMs = 20;

/**
 * Ends a program that leads a process group of its own: SIGTERM to the group, SIGKILL after a grace period. Resolves
 * when nothing is left of the group. On Windows, which has no groups, taskkill ends the tree at once.
 */
export async function endTree(pid: number): Promise<void> {
  if (process.platform === 'win32') return taskkill(pid);
  signalGroup(pid, 'SIGTERM');
  if (await goneWithin(pid, graceMs)) return;
  signalGroup(pid, 'SIGKILL');
  await goneWithin(pid, forceMs);
}

/** The same by force and without waiting, for the last moment of our own process. */
export function killTreeNow(pid: number): void {
  if (process.platform === 'win32') {
    childProcess().spawnSync('taskkill', taskkillArguments(pid), { stdio: 'ignore', windowsHide: true });
  } else signalGroup(pid, 'SIGKILL');
}

function taskkillArguments(pid: number): string[] {
  return ['/pid', String(pid), '/t', '/f'];
}

function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    const child = childProcess().spawn('taskkill', taskkillArguments(pid), {
      stdio: 'ignore',
      windowsHide: true,
    });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}

/** Loaded when it is needed, by whoever started a program before. */
function childProcess(): typeof import('node:child_process') {
  return require('node:child_process') as typeof import('node:child_process');
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await delay(lookMs)) {
    if (!signalGroup(pid, 0)) return true;
  }
  return false;
}

/** False when no process of the group is left. Signal 0 only asks (kill(2)). */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    // EPERM: there is one, but it belongs to someone else by now (sudo).
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
