// One build as a person asked for it, for one platform or for several: a record for each. Decides which builder can; what
// a builder does is its own.
import type { BuildCallbacks, BuildRecord, BuildRequest, FoundBuilder } from '../build/model';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type CacheInputsAsked, eachWithCacheInputs, withCacheInputs } from './cacheInputs';

/**
 * At least one record; of several platforms the one of `request.choice` is the first.
 * @throws StrataError 'unsupported' when the builder makes images for one platform at a time; what the build throws
 */
export async function buildRecords(
  host: Host,
  builder: FoundBuilder,
  asked: Pick<CacheInputsAsked, 'dockerfile' | 'records' | 'hashes'>,
  request: BuildRequest,
  callbacks: BuildCallbacks,
  signal: AbortSignal,
): Promise<BuildRecord[]> {
  const { choice, noCache, extraArguments, context, dockerfile: path, platforms = [] } = request;
  const { identity } = builder;
  const inputs = { ...asked, choice, noCache, extraArguments, context, path, builder: identity, signal };
  if (platforms.length < 2) {
    return [await withCacheInputs(host, inputs, () => builder.build(host, request, callbacks, signal))];
  }
  const { buildPlatforms } = builder;
  if (!buildPlatforms) {
    throw new StrataError(
      'unsupported',
      `Strata builds with ${identity.kind} for one platform at a time, and ${platforms.join(', ')} were asked for.`,
      'Name one platform, or build with docker buildx.',
    );
  }
  const choices = platforms.map((platform) => ({ ...choice, platform }));
  return eachWithCacheInputs(host, inputs, choices, () => buildPlatforms(host, request, callbacks, signal));
}
