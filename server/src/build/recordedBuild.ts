// A recorded build that travels with a project, so that its lines show measured sizes where nothing can be built:
// `.strata/<name of Dockerfile>.json` beside the Dockerfile. Decides its shape and bounds: the file is someone else's.
import * as path from 'node:path';
import { type Digest, isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { HostFiles } from '../primitives/host';
import type { BuildRecord } from './model';
import * as shape from './shape';
import { readBuildRecord } from './validate';

export interface RecordedLayer {
  diffId: Digest;
  /** The layer index in its binary form, base64. */
  index: string;
  /** The layer's tar, gzip then base64, so that its files can be opened; null when it was left out for its size. */
  tar: string | null;
}

export interface RecordedBuild {
  record: BuildRecord;
  layers: RecordedLayer[];
}

const longestFile = 2 * 1024 * 1024;
const mostLayers = 1_000;

const base64 = shape.matching(
  (value): value is string =>
    typeof value === 'string' && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
);

const recordedBuild = shape.object<RecordedBuild>({
  record: shape.wanted(readBuildRecord),
  layers: shape.list(
    shape.object<RecordedLayer>({
      diffId: shape.matching(isDigest),
      index: base64,
      tar: shape.nullable(base64),
    }),
    mostLayers,
  ),
});

export function recordedBuildPath(dockerfile: string): string {
  return path.join(path.dirname(dockerfile), '.strata', `${path.basename(dockerfile)}.json`);
}

/**
 * Null when there is none, or when it is not what it should be; links are not followed. Its record can no longer be
 * read from where its image was: `imageReference` is null.
 */
export async function readRecordedBuild(files: HostFiles, dockerfile: string): Promise<RecordedBuild | null> {
  const file = recordedBuildPath(dockerfile);
  try {
    const stat = await files.stat(file);
    if (stat?.kind !== 'file' || stat.size > longestFile) return null;
    const build = shape.readShape(recordedBuild, JSON.parse((await files.readText(file)) ?? ''));
    return build && { ...build, record: { ...build.record, imageReference: null } };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof StrataError) return null;
    throw error;
  }
}

/** @throws StrataError 'unsupported' when it is larger than 2 MB: leave tars out then */
export async function writeRecordedBuild(
  files: HostFiles,
  dockerfile: string,
  build: RecordedBuild,
): Promise<void> {
  const text = `${JSON.stringify(build)}\n`;
  if (Buffer.byteLength(text) > longestFile) {
    const message = `The recorded build of ${path.basename(dockerfile)} would be larger than 2 MB.`;
    throw new StrataError('unsupported', message, "Leave the largest layers' contents out.");
  }
  await files.writeWhole(recordedBuildPath(dockerfile), text);
}
