// What a build's cache looked at beside the Dockerfile's text, for its record: the contents of the context before the
// build and once more after it, so that what changed while it ran is left out; the bases from what the build told.
import { pastBuilds, storeOf } from '../analysis/pastBuilds';
import type { BuilderIdentity, BuildRecord, RecordedBase, RecordedContent } from '../build/model';
import { stageBases } from '../dockerfile/bases';
import { parseDockerfile } from '../dockerfile/parse';
import { shippedChain } from '../dockerfile/stageGraph';
import { cacheHistory } from '../forecast/cacheHistory';
import type { ImageConfig } from '../image/model';
import { openImage } from '../image/open';
import { isDigest } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { baseConfig, nothingKnown } from './baseConfig';
import { type ContextRequest, readContents } from './contextContents';
import { sentBefore } from './currentFacts';

export interface BuildAsked {
  noCache: boolean;
  builder: BuilderIdentity;
  /** Earlier ones of this Dockerfile: what the builder has of the context already. */
  records: readonly BuildRecord[];
}

/**
 * Runs a build between two looks at the context and gives its record with `cache`. A context that cannot be read costs
 * the forecast, not the build.
 * @throws what the build throws
 */
export async function withCacheInputs(
  host: Host,
  { records, builder, ...asked }: Omit<ContextRequest, 'rules' | 'sent'> & BuildAsked,
  build: () => Promise<BuildRecord>,
): Promise<BuildRecord> {
  const history = cacheHistory(pastBuilds(records), storeOf(builder));
  const request = { ...asked, rules: builder.rules, sent: sentBefore(history) };
  const before = await look(host, request);
  const record = await build();
  if (record.outcome === 'cancelled' || request.signal?.aborted) return record;
  const after = before.length === 0 ? before : await look(host, request);
  const keys = new Map(after.map(({ instruction, key }) => [instruction, key]));
  const contents = before.filter(({ instruction, key }) => keys.get(instruction) === key);
  const { noCache, extraArguments } = request;
  const bases = await readBases(host, record);
  return { ...record, cache: { noCache, extraArguments: [...extraArguments], bases, contents } };
}

async function look(host: Host, request: ContextRequest): Promise<RecordedContent[]> {
  try {
    return await readContents(host, request);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return [];
  }
}

/** The images that stages stand on: their digests as the provenance has them, the config of the shipped one. */
async function readBases(host: Host, record: BuildRecord): Promise<RecordedBase[]> {
  const dockerfile = parseDockerfile(record.text);
  const { choice } = record;
  const bases = stageBases(dockerfile, choice);
  const root = shippedChain(dockerfile, choice)[0];
  const config = await finalConfig(host, record);
  return dockerfile.stages.flatMap(({ index, from, platform }): RecordedBase[] => {
    const base = bases[index]!;
    if (base.kind !== 'image') return [];
    const { line, endLine } = dockerfile.instructions[from]!;
    const step = record.provenance?.steps.find(
      ({ source, lines }) => source !== null && lines !== null && lines[0] >= line && lines[0] <= endLine,
    );
    const digest = /@(sha256:[0-9a-f]{64})$/.exec(step?.source ?? '')?.[1];
    return [
      {
        reference: base.reference,
        platform: platform ?? choice.platform ?? '',
        digest: isDigest(digest) ? digest : null,
        chain: null,
        ...(index === root && config ? baseConfig(record, config) : nothingKnown),
      },
    ];
  });
}

/** The config of the image that was built, where it can be read without much ado. */
async function finalConfig(host: Host, { imageReference, choice }: BuildRecord): Promise<ImageConfig | null> {
  if (!imageReference?.startsWith('oci:')) return null;
  try {
    const image = await openImage(host, imageReference, { platform: choice.platform ?? undefined });
    const { config } = image;
    await image.close();
    return config;
  } catch (error) {
    if (error instanceof StrataError && !isCancelled(error)) return null;
    throw error;
  }
}
