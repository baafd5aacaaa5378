// The shape and the bounds of what a record keeps for the forecast; see validate.ts.
import { isDigest } from '../primitives/digest';
import type { RecordedBase, RecordedCache, RecordedContent, RecordedPart } from './model';
import * as shape from './shape';

/** As many as a record keeps of all its contents together. */
export const mostContentParts = 20_000;

const word = shape.text(1024);
const longText = shape.text(64 * 1024);
const digest = shape.matching(isDigest);

const contentPart = shape.object<RecordedPart>({
  path: longText,
  type: shape.oneOf('file', 'directory', 'symlink', 'fifo', 'char', 'block'),
  mode: shape.whole(),
  link: shape.nullable(longText),
  digest: shape.nullable(digest),
  size: shape.whole(),
  from: longText,
  mtimeMs: shape.amount,
});

const base = shape.object<RecordedBase>({
  reference: longText,
  platform: word,
  digest: shape.nullable(digest),
  chain: shape.nullable(digest),
  environment: shape.nullable(shape.list(longText, 10_000)),
  doubtful: shape.list(longText, 10_000),
  user: shape.nullable(longText),
  directory: shape.nullable(longText),
  shell: shape.nullable(longText),
});

const content = shape.object<RecordedContent>({
  instruction: shape.whole(),
  key: digest,
  parts: shape.nullable(shape.list(contentPart, mostContentParts)),
});

export const recordedCache = shape.object<RecordedCache>({
  noCache: shape.flag,
  extraArguments: shape.list(longText, 1_000),
  context: shape.optional(shape.nullable(longText), null),
  bases: shape.list(base, 1_000),
  contents: shape.list(content, 20_000),
});
