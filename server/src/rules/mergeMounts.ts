// The flags of a merged RUN: those of its parts where all have the same, or where what one mounts cannot matter to the
// others. A mount is a folder that appears for one step; a command that is not known well might see it.
import { mountOptions, mountTarget } from '../dockerfile/mount';
import type { ReadRun } from './mergeReading';

/** Flags as written, in order, or why the parts' flags do not go together. */
export function uniteFlags(reads: readonly ReadRun[]): { flags: string[] } | { refusal: string } {
  const [first, ...others] = reads as [ReadRun, ...ReadRun[]];
  for (const read of others) {
    const differs =
      difference(settings(first), settings(read)) ?? difference(settings(read), settings(first));
    if (differs) {
      const [has, lacks] = settings(first).includes(differs) ? [first, read] : [read, first];
      return {
        refusal: `line ${has.run.line} has the flag ${differs}, which line ${lacks.run.line} has not`,
      };
    }
  }
  const flags = [...new Set(reads.flatMap(({ run }) => run.flags.map(({ raw }) => raw)))];
  const mounts: Mount[] = [];
  for (const { run } of reads) {
    for (const { name, value, raw } of run.flags) {
      if (name !== 'mount' || mounts.some((mount) => mount.raw === raw)) continue;
      const mount = readMount(raw, value ?? '', run.line);
      if (typeof mount === 'string') return { refusal: mount };
      const clash = mounts.find(
        (other) => below(mount.target, other.target) || below(other.target, mount.target),
      );
      if (clash) return { refusal: `${clash.raw} and ${raw} mount the same place` };
      mounts.push(mount);
    }
  }
  for (const mount of mounts) {
    const blind = reads.find(
      (read) => !read.run.flags.some(({ raw }) => raw === mount.raw) && maySee(read, mount),
    );
    if (blind)
      return {
        refusal: `line ${mount.line} has the flag ${mount.raw}, and line ${blind.run.line} might see what it mounts`,
      };
    const users = reads.filter(({ run }) => run.flags.some(({ raw }) => raw === mount.raw));
    if (users.length > 1 && mount.anew) {
      return { refusal: `${mount.raw} is empty or unchanged at the start of each step` };
    }
  }
  return { flags };
}

function settings({ run }: ReadRun): string[] {
  return run.flags.filter(({ name }) => name !== 'mount').map(({ raw }) => raw);
}

function difference(from: readonly string[], other: readonly string[]): string | undefined {
  return from.find((raw) => !other.includes(raw));
}

interface Mount {
  raw: string;
  line: number;
  /** Absolute, without a slash at the end; the name of a variable for a secret that is one. */
  target: string;
  /** What a step writes there is gone for the next. */
  anew: boolean;
}

function readMount(raw: string, value: string, line: number): Mount | string {
  const options = mountOptions(value);
  const type = options?.get('type') ?? 'bind';
  const unread = `line ${line} has the flag ${raw}, whose target is not sure`;
  if (!options || value.includes('$')) return unread;
  const source = options.get('source') ?? options.get('src') ?? '';
  const id = options.get('id') ?? source.slice(source.lastIndexOf('/') + 1);
  const given = mountTarget(options);
  const standard = type === 'secret' ? `/run/secrets/${id}` : type === 'ssh' ? '/run/buildkit' : null;
  const target = (given ?? standard ?? '').replace(/\/+$/, '');
  if (!/^\/[^/]/.test(target) || /\/\.\.?(?:\/|$)|\/\//.test(target)) return unread;
  if (!/^(?:bind|cache|tmpfs|secret|ssh)$/.test(type)) return unread;
  if (options.has('env')) return unread;
  const writable = ['rw', 'readwrite'].some((name) => options.has(name) && options.get(name) !== 'false');
  return { raw, line, target, anew: type === 'tmpfs' || (type === 'bind' && writable) };
}

function below(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Commands that touch nothing but what their words name. */
const plainTools = new Set(
  'echo printf true : test [ mkdir touch chmod chown chgrp rm cat head tail grep'.split(' '),
);

/** Whether a text might notice a folder that is mounted for another one. */
function maySee({ facts, quoted, run }: ReadRun, { target }: Mount): boolean {
  if (!facts.plain || facts.leak !== null || quoted !== null || run.heredocs.length > 0) return true;
  for (const { name, words } of facts.calls) {
    if (name === null || !plainTools.has(name)) return true;
    if (words.some((word) => word === null || /[*?[~]/.test(word))) return true;
    if (name === 'echo' || name === 'printf' || name === 'true' || name === ':') continue;
    const operands = words.filter((word) => !word!.startsWith('-'));
    const paths = /^ch(?:mod|own|grp)$/.test(name) ? operands.slice(1) : operands;
    if (name !== 'test' && name !== '[' && paths.some((word) => !word!.startsWith('/'))) return true;
  }
  // Also the folder that holds the target may be there only because of the mount.
  const top = `/${target.split('/')[1]}`;
  const named = run.rest.match(/[^\s"'<>|&;()=]+/g) ?? [];
  const redirected = run.rest.match(/[<>]\s*[^\s&<>]/g) ?? [];
  return (
    redirected.some((to) => !to.endsWith('/')) ||
    /["'\\$`]\//.test(run.rest) ||
    named.some(
      (word) =>
        word === '/' ||
        word.includes('/..') ||
        word.includes('/./') ||
        word.includes('//') ||
        below(word, top),
    )
  );
}
