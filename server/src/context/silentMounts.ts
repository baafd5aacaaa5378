// Whether what a walk would touch answers at all: a share whose server is gone, or a file system whose process is stopped,
// holds every call for ever. Each mount in the context is asked first, in a call that somebody else waits for. One that
// falls silent while it is walked is not noticed here.
import * as path from 'node:path';
import type { Host } from '../primitives/host';

/** A share that takes longer for a listing of its top is none to walk while somebody types. */
const longestMs = 5_000;
/** Containers and snaps mount many; more than this in one context nobody asks one by one. */
const mostMounts = 64;

/** Calls that were never answered: each holds one of the few threads that wait for the disk, so none is made twice. */
const waiting = new WeakMap<Host, Map<string, Promise<void>>>();

/** The first of the folders, and of what is mounted below them, that does not answer; null when all do. */
export async function silentMount(
  host: Host,
  folders: readonly string[],
  answerMs = longestMs,
): Promise<string | null> {
  const held = waiting.get(host) ?? new Map<string, Promise<void>>();
  waiting.set(host, held);
  const mounts = (await mountPoints(host)).filter((mount) =>
    folders.some((folder) => mount.startsWith(folder === '/' ? folder : `${folder}/`)),
  );
  for (const folder of [...folders, ...mounts.slice(0, mostMounts)]) {
    if (held.has(folder)) return folder;
    // Refused is answered.
    const asked = host.files.list(folder).then(
      () => {},
      () => {},
    );
    held.set(folder, asked);
    void asked.then(() => held.delete(folder));
    if (!(await inTime(asked, answerMs))) return folder;
    held.delete(folder);
  }
  return null;
}

/** Absolute paths; none where the system keeps no such list. */
async function mountPoints({ os, files }: Host): Promise<string[]> {
  if (os !== 'linux') return [];
  let text: string;
  try {
    text = (await files.readText('/proc/self/mountinfo')) ?? '';
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const mount = line.split(' ')[4];
    if (!mount?.startsWith('/')) return [];
    const plain = mount.replace(/\\([0-7]{3})/g, (_, octal) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    return [path.posix.normalize(plain)];
  });
}

async function inTime(asked: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([asked.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
