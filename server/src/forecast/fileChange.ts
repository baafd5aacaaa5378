// Which file of two contents is another, down to the attribute: the cause of a miss.
import type { ContentPart } from '../context/model';
import type { Cause, Explanation } from './missCause';

/** `from`: its path in the context. */
type NamedPart = ContentPart & { from?: string };

/** The first file that differs, in the order of `now`, then what is gone. */
export function firstChange(now: readonly NamedPart[], before: readonly NamedPart[]): Explanation | null {
  const earlier = new Map(before.map((part) => [part.path, part]));
  const told = (part: NamedPart, attribute: Cause['attribute'], because: string): Explanation => {
    const path = part.from ?? part.path;
    return {
      cause: { kind: 'file', path, attribute, line: null },
      because: `${path === '' ? 'the file' : path} ${because}`,
    };
  };
  for (const part of now) {
    const was = earlier.get(part.path);
    if (!was) return told(part, 'added', 'is new');
    if (was.type !== part.type) return told(part, 'type', `is a ${part.type}, was a ${was.type}`);
    if (was.link !== part.link) return told(part, 'link', `links to ${part.link}, did to ${was.link}`);
    if (was.digest !== part.digest) return told(part, 'content', 'changed (content)');
    if (was.mode !== part.mode) {
      return told(part, 'mode', `has mode ${octal(part.mode)}, was ${octal(was.mode)}`);
    }
  }
  const here = new Set(now.map(({ path }) => path));
  const gone = before.find(({ path }) => !here.has(path));
  return gone ? told(gone, 'removed', 'is gone') : null;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
