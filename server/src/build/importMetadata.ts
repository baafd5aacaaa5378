// A metadata file that buildx left (`--metadata-file`), of build and of bake, as a part of a record: the provenance, if
// BUILDX_METADATA_PROVENANCE asked for it, and which image was made. It tells no cache facts.
import { matchesPlatform, type Platform, parsePlatform } from '../image/platform';
import { isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { engineName } from './exportFacts';
import { type ImportedPart, unknownBuilder } from './importedPart';
import { type Fields, fields, parseFields, text } from './jsonFields';
import { parseProvenance } from './provenance';
import { readProvenanceRequest } from './provenanceRequest';
import { SeveralTargets, shownTargets } from './severalTargets';

export interface MetadataOptions {
  /** Which one of a build for several platforms; default: `hostPlatform`, else the first. */
  platform?: string | null;
  /** `linux/amd64`. */
  hostPlatform: string;
  /** Which target of a file of bake; default: the only one. */
  bakeTarget?: string | null;
}

const provenanceKey = 'buildx.build.provenance';
const longestName = 1024;
const mostTargets = 1_000;

/**
 * @param name for a person: the file's name
 * @throws StrataError 'unreadable' for what is no metadata file, 'usage' when it is not clear which target is meant,
 * or `platform` is none, 'not-found' for a target or a platform that is not in it
 */
export function importMetadata(json: string, name: string, options: MetadataOptions): ImportedPart {
  const document = parseFields(json);
  if (!document)
    throw new StrataError('unreadable', `${name} is no JSON object, so it is no metadata file of buildx.`);
  const metadata = targetOf(document, name, options.bakeTarget ?? null);
  const platforms = Object.keys(metadata)
    .filter((key) => key.startsWith(`${provenanceKey}/`))
    .map((key) => key.slice(provenanceKey.length + 1));
  const platform = platforms.length === 0 ? null : choosePlatform(platforms, options, name);
  const predicate = metadata[platform === null ? provenanceKey : `${provenanceKey}/${platform}`];
  const provenance = parseProvenance(predicate);
  const request = readProvenanceRequest(predicate, platform ?? otherPlatform(metadata, predicate));
  const config = metadata['containerimage.config.digest'];
  const digest = metadata['containerimage.digest'];
  const descriptor = fields(metadata['containerimage.descriptor']);
  const manifests = [digest, descriptor.digest].filter(isDigest);
  const notes: string[] = [];
  if (predicate === undefined) {
    notes.push(
      `${name} has no provenance: build with BUILDX_METADATA_PROVENANCE=max in the environment (buildx 0.14 or newer).`,
    );
  } else if (provenance === null) {
    notes.push(
      `${name} has the smallest provenance, without steps and layers: build with BUILDX_METADATA_PROVENANCE=max in the environment.`,
    );
  }
  if (platforms.length > 1)
    notes.push(`It was built for ${platforms.slice(0, 20).join(', ')}; this is ${platform}.`);
  // Without a build history an Engine tells `containerimage.digest` alone, and it is the image's id [20.10.24].
  const isEngineId = manifests.length > 0 && !('containerimage.descriptor' in metadata) && !isDigest(config);
  const ref = text(metadata['buildx.build.ref'], longestName);
  return {
    source: 'metadata',
    name,
    builder: {
      ...unknownBuilder('buildkit'),
      instance: ref?.includes('/') ? (ref.split('/')[0] ?? null) : null,
    },
    rules: 'buildkit',
    provenance,
    request: predicate === undefined ? null : request,
    platforms,
    steps: null,
    started: request.started,
    durationMs: request.durationMs,
    // A build that failed leaves no metadata.
    outcome: 'built',
    words: [],
    image: {
      ids: isDigest(config) ? [config] : isEngineId ? manifests : [],
      manifests: isEngineId ? [] : manifests,
      references: namesOf(metadata, digest),
    },
    notes,
  };
}

/** The platform of the image, where it is not the builder's own. */
function otherPlatform(metadata: Fields, predicate: unknown): string | null {
  const { os, architecture, variant } = fields(fields(metadata['containerimage.descriptor']).platform);
  const own = fields(fields(fields(predicate).invocation).environment).platform;
  const parts = [os, architecture, variant].flatMap((part) => text(part, longestName) ?? []);
  const image = parts.join('/');
  return parts.length < 2 || image === own ? null : image;
}

/** The metadata of one build; bake nests them under the names of its targets. */
function targetOf(document: Fields, name: string, wanted: string | null): Fields {
  if (isMetadata(document)) return document;
  const targets = Object.keys(document)
    .slice(0, mostTargets)
    .filter((key) => isMetadata(fields(document[key])));
  if (targets.length === 0) {
    throw new StrataError('unreadable', `${name} is no metadata file of buildx: it tells of no build.`);
  }
  if (wanted !== null) {
    if (targets.includes(wanted)) return fields(document[wanted]);
    throw new StrataError('not-found', `${name} has no target ${wanted}; it has: ${shownTargets(targets)}.`);
  }
  if (targets.length === 1) return fields(document[targets[0]!]);
  throw new SeveralTargets(name, targets);
}

function isMetadata(value: Fields): boolean {
  return Object.keys(value).some((key) => /^(?:buildx\.build\.|containerimage\.|image\.name$)/.test(key));
}

function choosePlatform(platforms: readonly string[], options: MetadataOptions, name: string): string {
  const { platform, hostPlatform } = options;
  const fitting = (wanted: string) => {
    const asked = parsePlatform(wanted);
    // A key can be of any text.
    return platforms.find((one) => {
      const own = parsedPlatform(one);
      return own !== null && matchesPlatform(asked, own);
    });
  };
  if (!platform) return fitting(hostPlatform) ?? platforms[0]!;
  const found = fitting(platform);
  if (found !== undefined) return found;
  throw new StrataError(
    'not-found',
    `${name} tells of no build for ${platform}, only for ${platforms.slice(0, 20).join(', ')}.`,
  );
}

function parsedPlatform(text: string): Platform | null {
  try {
    return parsePlatform(text);
  } catch {
    return null;
  }
}

/** A pushed image by its digest; whether it was pushed, the file does not tell, so the engine is asked as well. */
function namesOf(metadata: Fields, digest: unknown): string[] {
  const names = (text(metadata['image.name'], 64 * longestName) ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
    .slice(0, 20);
  return [
    ...names.map((one) => engineName(one, 'buildkit')),
    ...(isDigest(digest) ? names.map((one) => `docker://${one.replace(/@.*$/, '')}@${digest}`) : []),
  ];
}
