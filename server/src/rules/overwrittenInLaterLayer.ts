// Bytes that one line writes and a later one writes again at the same path. Files that are stored again only because
// their mode or owner changed are told by CopiedUpByMetadata, at the line that changes them.
import { formatBytes } from '../primitives/bytes';
import { changesMetadata } from './copiedUpByMetadata';
import { hiddenByWriter, mergeFix, relatedOf } from './hidden';
import { findingAt, linesText, measuredContext } from './measured';
import type { Rule } from './rule';

export const overwrittenInLaterLayer: Rule = {
  name: 'OverwrittenInLaterLayer',
  severity: 'info',
  summary: 'Files that a later line writes again are in the image twice.',
  check(context) {
    const measured = measuredContext(context);
    if (!measured) return [];
    const isWanted = ({ how, hider }: Parameters<Parameters<typeof hiddenByWriter>[1]>[0]) =>
      how === 'overwritten' || (how === 'copied-up' && !changesMetadata(hider));
    return hiddenByWriter(measured, isWanted).map((line) => {
      const { writer, bytes, pairs } = line;
      const who = linesText(pairs.map(({ hider }) => hider));
      return findingAt(overwrittenInLaterLayer, writer, {
        message: `${formatBytes(bytes)} written here are overwritten by ${who} and stay in the image`,
        bytes,
        fixes: mergeFix(measured, line),
        related: relatedOf(pairs, 'overwrites'),
      });
    });
  },
};
