// Which processes run on this machine, by /proc, and waiting for what one of them does.
import * as fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again until the condition holds; throws when it does not within `withinMs`. */
export async function until(what: string, condition: () => boolean, withinMs: number): Promise<void> {
  for (const deadline = Date.now() + withinMs; !condition(); await delay(50)) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
  }
}

/** Ids of running processes (zombies have no command line) whose command line holds a text. */
export function processesWith(text: string): number[] {
  return commandLines()
    .filter(({ line }) => line.includes(text))
    .map(({ pid }) => pid);
}

/** All running processes but this one; arguments are set apart by blanks. */
export function commandLines(): { pid: number; line: string }[] {
  const found: { pid: number; line: string }[] = [];
  for (const name of fs.readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      found.push({ pid, line: fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ') });
    } catch {
      // It ended between the listing and the look.
    }
  }
  return found;
}
