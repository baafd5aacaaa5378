// Files whose content the image holds already at another path, byte for byte: compared by their sums when the image was
// measured. Small files, and those that were not compared, are not claimed. What to do is the author's choice: copy
// once, or link.
import type { Instruction } from '../dockerfile/model';
import { formatBytes, formatCount } from '../primitives/bytes';
import { findingAt, measuredContext, pathText, relatedAt } from './measured';
import type { RelatedLine, Rule } from './rule';

interface Copies {
  bytes: number;
  files: number;
  /** The largest one: where it is, and where it was before. */
  path: string;
  same: string;
  from: Instruction | null;
  fromBase: boolean;
  related: RelatedLine[];
}

export const duplicateContent: Rule = {
  name: 'DuplicateContent',
  severity: 'info',
  summary: 'The same content is in the image more than once, at different paths.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    const byLine = new Map<Instruction, Copies>();
    for (const { bytes, copies } of measured.image.duplicates ?? []) {
      const [first, ...others] = copies;
      if (!first) continue;
      const from = measured.lineOf(first.layer);
      for (const { layer, path } of others) {
        const line = measured.lineOf(layer);
        if (!line) continue;
        const fromBase = measured.isBase(first.layer);
        const known = byLine.get(line) ?? {
          ...{ bytes: 0, files: 0, path, same: first.path, from, fromBase },
          related: [],
        };
        known.bytes += bytes;
        known.files++;
        if (from && from !== line && known.related.length < maxRelated) {
          const message = `${pathText(first.path)} is the same as ${pathText(path)}, ${formatBytes(bytes)}`;
          known.related.push(relatedAt(from, message));
        }
        byLine.set(line, known);
      }
    }
    return [...byLine].flatMap(([line, copies]) => {
      const { bytes, related } = copies;
      if (bytes < measured.leastBytes) return [];
      return [findingAt(duplicateContent, line, { message: messageOf(line, copies), bytes, related })];
    });
  },
};

const maxRelated = 10;

function messageOf(line: Instruction, { bytes, files, path, same, from, fromBase }: Copies): string {
  const where = fromBase ? ' of the base image' : from && from !== line ? ` of line ${from.line}` : '';
  const which = files === 1 ? pathText(path) : `${formatCount(files, 'file')}, the largest ${pathText(path)}`;
  return `${formatBytes(bytes)} written here are in the image already: ${which} is the same as ${pathText(same)}${where}`;
}
