// Bytes that one line writes and a later one deletes: they stay in the layer of the first and are pulled by everyone.
// Only what the project's own lines wrote; what is deleted of the base image costs nothing that could be saved here.
import { formatBytes } from '../primitives/bytes';
import { appendCommand, isShellRun, removeInstruction } from './appendCommand';
import { bindMountFix } from './bindMount';
import { type HiddenOfLine, hiddenByWriter, mergeFix, relatedOf } from './hidden';
import { findingAt, linesText, type MeasuredContext, measuredContext } from './measured';
import type { Fix, Rule } from './rule';

export const deletedInLaterLayer: Rule = {
  name: 'DeletedInLaterLayer',
  severity: 'warning',
  summary: 'Files that a later line deletes stay in the image, in the layer of the line that wrote them.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    return hiddenByWriter(measured, ({ how }) => how === 'deleted').map((line) => {
      const { writer, bytes, pairs } = line;
      const who = linesText(pairs.map(({ hider }) => hider));
      const [fixes = []] = [mergeFix, bindMountFix, moveFix]
        .map((fix) => fix(measured, line))
        .filter(({ length }) => length > 0);
      return findingAt(deletedInLaterLayer, writer, {
        message: `${formatBytes(bytes)} written here are deleted by ${who} and stay in the image`,
        bytes,
        fixes,
        related: relatedOf(pairs, 'deletes'),
      });
    });
  },
};

/** A RUN that is nothing but `rm` of absolute paths becomes the end of the RUN that wrote them. */
function moveFix(context: MeasuredContext, { writer, bytes, pairs }: HiddenOfLine): Fix[] {
  const [first, ...others] = pairs;
  if (!first || others.length > 0 || first.hider.stage !== writer.stage) return [];
  const { dockerfile } = context;
  const { hider } = first;
  if (hider.flags.length > 0 || !isShellRun(dockerfile, hider) || !deletion.test(hider.rest)) return [];
  const edit = appendCommand(context, writer, hider.rest.replace(/\s+/g, ' '));
  if (!edit) return [];
  return [
    {
      title: `Delete in this RUN, not in line ${hider.line}: saves ${formatBytes(bytes)}`,
      effect: 'review',
      edits: [edit, removeInstruction(dockerfile, hider)],
      isPreferred: false,
      saves: bytes,
      note: `No line between ${writer.line} and ${hider.line} may need what is deleted, or write it again.`,
    },
  ];
}

const deletion = /^rm(?:\s+-[rfv]+)*(?:\s+\/[\w./*+@-]+)+$/;
