// Whether a text may remove or move the folder that its RUN starts in. A RUN of its own would start in the new one; the
// second half of a joined RUN would go on in the one that is gone.
import { perDockerfile } from '../dockerfile/memo';
import type { Dockerfile } from '../dockerfile/model';
import type { ReadRun } from './mergeReading';

/** A clause that follows `line 4`; null when the folder stays. */
export function workdirHazard(dockerfile: Dockerfile, { run, facts }: ReadRun): string | null {
  const workdir = workdirs(dockerfile)[run.index] ?? null;
  const unsure = 'may remove the folder that the next step starts in';
  /** Folders that a relative word may start from; null for one that is not known. */
  const places: (string | null)[] = [workdir];
  const temporary = facts.calls.some(({ name }) => name === 'mktemp');
  for (const { name, words } of facts.calls) {
    const base = name === null ? null : name.slice(name.lastIndexOf('/') + 1);
    if (base === 'cd' || base === 'pushd') {
      const [to] = words.filter((word) => !word?.startsWith('-'));
      for (const place of [...places])
        places.push(to == null ? (temporary ? '/tmp/made' : null) : resolve(place, to));
    }
    if (base !== 'rm' && base !== 'rmdir' && base !== 'mv') continue;
    const recursive = words.some((word) => word !== null && /^-[a-zA-Z]*[rR]|^--recursive/.test(word));
    if (base === 'rm' && !recursive) continue;
    const operands = words.filter((word) => !word?.startsWith('-'));
    for (const word of base === 'mv' ? operands.slice(0, -1) : operands) {
      if (
        word === null
          ? !temporary
          : places.some((place) => mayHold(place, word, workdir, places.length === 1))
      ) {
        return unsure;
      }
    }
  }
  return null;
}

/** Linux's PATH_MAX: no build gets further, and ten thousand steps down must not cost their square. */
const longestPath = 4096;

/** The folder in force at each RUN; null when it is the base image's or holds a variable. */
const workdirs = perDockerfile((dockerfile) => {
  const found: (string | null)[] = [];
  const ends: (string | null)[] = [];
  for (const { base, instructions } of dockerfile.stages) {
    let at = base.kind === 'stage' ? ends[base.stage]! : base.kind === 'scratch' ? '/' : null;
    for (const index of instructions) {
      const { keyword, rest } = dockerfile.instructions[index]!;
      if (keyword === 'RUN') found[index] = at;
      if (keyword !== 'WORKDIR') continue;
      at = /[$"'\\]/.test(rest) ? null : resolve(at, rest);
      if (at !== null && at.length > longestPath) at = null;
    }
    ends.push(at);
  }
  return found;
});

function resolve(from: string | null, to: string): string | null {
  if (!to.startsWith('/') && from === null) return null;
  const parts: string[] = [];
  for (const part of `${to.startsWith('/') ? '' : from}/${to}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Folders below which no image has its working directory. */
const never =
  /^\/(?:tmp|var\/tmp|var\/lib\/(?:apt|dpkg|apk)|var\/cache|var\/log|s?bin|usr\/(?:s?bin|share|lib|include)|usr\/local\/(?:lib|share|s?bin)|etc|lib|run|boot|root\/\.[^/]+)\/./;

function mayHold(place: string | null, word: string, workdir: string | null, unmoved: boolean): boolean {
  const glob = word.search(/[*?[{]/);
  const literal = glob < 0 ? word : word.slice(0, glob);
  const parts = word.split('/');
  // What lies in the folder that the step starts in is not that folder, wherever it is.
  if (
    unmoved &&
    !word.startsWith('/') &&
    !word.startsWith('~') &&
    !parts.includes('..') &&
    word !== '.' &&
    word !== './'
  )
    return false;
  const path = resolve(place, literal.replace(/^~/, '/root'));
  if (path === null) return true;
  if (workdir === null) return !never.test(`${path}/${literal.endsWith('/') ? 'x' : ''}`.replace(/\/$/, ''));
  if (glob < 0) return workdir === path || workdir.startsWith(path === '/' ? '/' : `${path}/`);
  return workdir.startsWith(literal.endsWith('/') && path !== '/' ? `${path}/` : path);
}
