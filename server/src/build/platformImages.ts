// What a build for several platforms left for each of them: its provenance from the metadata file, its image from the
// layout. Decides what each platform is called; the records differ in nothing else.
import { openOciLayout } from '../image/ociLayout';
import type { Digest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { BuildRecord } from './model';
import { namedPlatform, platformId } from './platforms';
import { parseProvenance } from './provenance';
import type { BuiltImage } from './run';

export interface PlatformImage extends BuiltImage {
  /** As the builder's steps name it. */
  platform: string;
}

/** buildx 0.38: `buildx.build.provenance/linux/arm/v7`, whatever spelling was asked for. */
const metadataKey = 'buildx.build.provenance/';

/** @param built what is the same for all: where the image lies, and what is to be said of it */
export async function platformImages(
  host: Host,
  platforms: readonly string[],
  metadata: Record<string, unknown>,
  built: BuiltImage,
): Promise<PlatformImage[]> {
  const names = Object.keys(metadata).flatMap((key) =>
    key.startsWith(metadataKey) ? [key.slice(metadataKey.length)] : [],
  );
  return Promise.all(
    platforms.map(async (wanted) => {
      const platform = namedPlatform(names, wanted) ?? wanted;
      const told = metadata[`${metadataKey}${platform}`];
      return {
        ...built,
        platform,
        // Never that of another one: without its own, nothing is known.
        provenance: told === undefined ? null : parseProvenance(told),
        imageId: await imageId(host, built.imageReference, platform),
      };
    }),
  );
}

/** The records of one build: the same start and steps, of which mapping takes each platform's own. */
export function recordsOfPlatforms(record: BuildRecord, images: readonly PlatformImage[]): BuildRecord[] {
  return images.map(({ platform, ...image }, at) => ({
    ...record,
    ...image,
    id: platformId(record.id, at),
    text: image.provenance?.dockerfile ?? record.text,
    choice: { ...record.choice, platform },
  }));
}

/** Null where the layout has no image for it, as when the builder was told more than Strata knows. */
async function imageId(host: Host, reference: string | null, platform: string): Promise<Digest | null> {
  if (!reference?.startsWith('oci:')) return null;
  try {
    const folder = reference.slice('oci:'.length);
    const image = await openOciLayout(host, folder, { reference, choice: null, platform });
    await image.close();
    return image.id;
  } catch (error) {
    if (error instanceof StrataError) return null;
    throw error;
  }
}
