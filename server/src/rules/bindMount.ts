// A file that a COPY brings for the RUN right below, which deletes it at its end: mounted into that RUN instead, it is in
// no layer at all. Offered for one file, named alike in COPY, layer and `rm`; a mount is read-only, so it is for review.
import type { Instruction, TextEdit } from '../dockerfile/model';
import { formatBytes } from '../primitives/bytes';
import { addFlag, isPlainList, removeInstruction } from './appendCommand';
import type { HiddenOfLine } from './hidden';
import type { MeasuredContext } from './measured';
import type { Fix } from './rule';

const plain = /^[\w./@+-]+$/;

export function bindMountFix(context: MeasuredContext, { writer: copy, pairs }: HiddenOfLine): Fix[] {
  const { dockerfile, rules } = context;
  const [pair, ...others] = pairs;
  if (!pair || others.length > 0 || rules === 'classic') return [];
  const run = pair.hider;
  const source = sourceOf(copy);
  if (!source || run.index !== copy.index + 1 || run.stage !== copy.stage) return [];
  const target = `/${pair.places[0]?.path}`;
  if (pair.files !== 1 || !plain.test(target) || targetOf(copy) !== target) return [];
  const tail = isPlainList(context, run) ? deletionAtEnd(dockerfile.text, run, target) : null;
  const mount = addFlag(dockerfile, run, `--mount=type=bind,${source},target=${target}`);
  if (!tail || !mount) return [];
  return [
    {
      title: `Mount it into the RUN of line ${run.line}: saves ${formatBytes(pair.bytes)}`,
      effect: 'review',
      edits: [removeInstruction(dockerfile, copy), mount, tail],
      isPreferred: true,
      saves: pair.bytes,
      note: `The RUN sees ${target} as before, but cannot write to it, and its owner and mode are those of the source.`,
    },
  ];
}

/** Options of the mount that say where the file is from; null when it is not one file, or came in a way of its own. */
function sourceOf({ keyword, words, flags, heredocs, json }: Instruction): string | null {
  const [source = ''] = words;
  if (keyword !== 'COPY' || words.length !== 2 || heredocs.length > 0 || json !== null) return null;
  if (!plain.test(source) || source.split('/').includes('..')) return null;
  const [from, ...others] = flags;
  if (!from) return `source=${source}`;
  if (others.length > 0 || from.name !== 'from' || !from.value || !/^[\w./:@-]+$/.test(from.value))
    return null;
  return `from=${from.value},source=${source}`;
}

/** Where the file comes to lie; null when that depends on more than the text. */
function targetOf({ words }: Instruction): string | null {
  const [source = '', destination = ''] = words;
  if (!destination.startsWith('/')) return null;
  return destination.endsWith('/') ? destination + source.slice(source.lastIndexOf('/') + 1) : destination;
}

/** The last command of a RUN with what joins it, when it deletes that path and does nothing else. */
function deletionAtEnd(text: string, run: Instruction, target: string): TextEdit | null {
  const path = target.replaceAll(/[.+]/g, '\\$&');
  const tail = new RegExp(
    `(?:[ \\t]|\\\\[ \\t]*\\r?\\n)*&&[ \\t]*rm(?:[ \\t]+-[rf]+)*[ \\t]+${path}[ \\t]*$`,
  );
  const found = tail.exec(text.slice(run.keywordEnd, run.end));
  return found ? { start: run.keywordEnd + found.index, end: run.end, text: '' } : null;
}
