// The shape and the bounds of one step of a record; see validate.ts.
import { isDigest } from '../primitives/digest';
import type { BuildStep, StepLayers } from './model';
import * as shape from './shape';

const word = shape.text(1024);
const longText = shape.text(64 * 1024);

/** What a step, or a failure, printed last. */
export const lastLines = shape.list(longText, 1_000);

const stepLayers = shape.object<StepLayers>({
  count: shape.whole(),
  top: shape.nullable(shape.matching(isDigest)),
  bytes: shape.optional<number | undefined>(shape.whole(), undefined),
  tarBytes: shape.optional<number | undefined>(shape.whole(), undefined),
});

export const step = shape.object<BuildStep>({
  digest: shape.nullable(word),
  name: longText,
  stage: shape.nullable(longText),
  number: shape.nullable(shape.whole()),
  total: shape.nullable(shape.whole()),
  platform: shape.optional(shape.nullable(longText), null),
  keyword: shape.nullable(longText),
  onBuild: shape.flag,
  linkMerge: shape.flag,
  group: shape.nullable(longText),
  cached: shape.flag,
  startedMs: shape.nullable(shape.amount),
  durationMs: shape.nullable(shape.amount),
  error: shape.nullable(longText),
  lastLines,
  imageId: shape.nullable(word),
  imageLayers: shape.optional(shape.nullable(stepLayers), undefined),
});
