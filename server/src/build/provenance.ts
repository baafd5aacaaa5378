// SLSA provenance as BuildKit writes it with mode=max, v0.2 and v1 (solver/llbsolver/provenance/types), to Provenance.
// Decides where each datum lies in the two shapes; not which step made which layer of the image (mapping does).
import { isDigest } from '../primitives/digest';
import { type Fields, fields, list } from './jsonFields';
import type { Provenance, ProvenanceStep } from './model';

/** Bounds far above any real build; what lies beyond is left out. */
const mostSteps = 10_000;
const mostLayers = 1_000;
const mostLayersInAll = 1_000_000;
const longestDockerfile = 1024 * 1024;
const longestText = 4 * 1024;

const metadataKey = 'buildx.build.provenance';
const buildkitKey = 'https://mobyproject.org/buildkit@v1#metadata';

/**
 * What a provenance document says of the build's steps. Takes the bare predicate, an in-toto statement around it, or
 * buildx's metadata file. Null when it is none of them or tells no steps (mode=min). Never throws.
 * @param platform which one of a metadata file for several platforms: `linux/arm64`; by default the first
 */
export function parseProvenance(json: unknown, platform?: string | null): Provenance | null {
  const document = predicateOf(fields(json), platform ?? null);
  const { version, config, metadata } = partsOf(document);
  const definition = list(config.llbDefinition).slice(0, mostSteps);
  if (definition.length === 0) return null;
  const source = fields(metadata.source);
  const { index, info } = dockerfileOf(list(source.infos).map(fields));
  const locations = fields(source.locations);
  const digests = new Map<string, string>();
  for (const [digest, id] of Object.entries(fields(config.digestMapping)).slice(0, 2 * mostSteps)) {
    if (isDigest(digest) && typeof id === 'string') digests.set(id, digest);
  }
  const layersOf = layerReader(fields(metadata.layers));
  const steps: ProvenanceStep[] = [];
  for (const value of definition.map(fields)) {
    const id = text(value.id);
    if (id === null) continue;
    steps.push({
      id,
      digest: digests.get(id) ?? null,
      lines: linesOf(fields(locations[id]), index),
      ...operationOf(fields(fields(value.op).Op)),
      // `step2:0`: the output's index is of no use here.
      inputs: list(value.inputs).flatMap((input) => text(input)?.replace(/:\d+$/, '') ?? []),
      layers: layersOf(`${id}:0`),
    });
  }
  return { version, ...info, steps };
}

function predicateOf(json: Fields, platform: string | null): Fields {
  // A statement of in-toto has the predicate inside (attestation blobs of an image); the build history does not.
  if ('predicate' in json) return fields(json.predicate);
  if (metadataKey in json) return fields(json[metadataKey]);
  const keys = Object.keys(json).filter((key) => key.startsWith(`${metadataKey}/`));
  const key = keys.find((name) => name === `${metadataKey}/${platform}`) ?? keys[0];
  return key === undefined ? json : fields(json[key]);
}

interface Parts {
  version: Provenance['version'];
  config: Fields;
  metadata: Fields;
}

function partsOf(predicate: Fields): Parts {
  if ('buildDefinition' in predicate) {
    const internal = fields(fields(predicate.buildDefinition).internalParameters);
    const metadata = fields(fields(predicate.runDetails).metadata);
    return {
      version: '1',
      config: fields(internal.buildConfig),
      metadata: fields(metadata.buildkit_metadata ?? metadata[buildkitKey]),
    };
  }
  const metadata = fields(predicate.metadata);
  return {
    version: '0.2',
    config: fields(predicate.buildConfig),
    metadata: fields(metadata[buildkitKey] ?? metadata.buildkit_metadata),
  };
}

/** The source that is the Dockerfile, and its index, by which locations name it. */
function dockerfileOf(infos: Fields[]) {
  const index = Math.max(
    0,
    infos.findIndex((info) => info.language === 'Dockerfile'),
  );
  const info = infos[index];
  const data = info?.data;
  const decoded = typeof data === 'string' ? Buffer.from(data, 'base64') : null;
  const dockerfile = decoded && decoded.length <= longestDockerfile ? decoded.toString('utf8') : null;
  return { index, info: { dockerfile, filename: text(info?.filename) } };
}

/** First and last line over all ranges: an instruction of several lines has a range for each (parser toRanges). */
function linesOf(entry: Fields, sourceIndex: number): [number, number] | null {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const location of list(entry.locations).map(fields)) {
    // Zero is left out by protobuf's JSON.
    if ((location.sourceIndex ?? 0) !== sourceIndex) continue;
    for (const range of list(location.ranges).map(fields)) {
      const start = lineNumber(fields(range.start).line);
      const end = lineNumber(fields(range.end).line) ?? start;
      if (start === null || end === null) continue;
      first = Math.min(first, start);
      last = Math.max(last, end);
    }
  }
  return last > 0 && first <= last ? [first, last] : null;
}

const operations = ['source', 'exec', 'file', 'merge', 'diff', 'build'] as const;

function operationOf(op: Fields): Pick<ProvenanceStep, 'op' | 'source'> {
  const kind = operations.find((name) => typeof op[name] === 'object') ?? 'none';
  return { op: kind, source: kind === 'source' ? text(fields(op.source).identifier) : null };
}

/**
 * Reads `layers["step3:0"]`: chains from the base up to the step, which differ in compression only
 * (provenance.go appendLayerChain). The first is the one that was exported.
 */
function layerReader(layers: Fields): (key: string) => ProvenanceStep['layers'] {
  let left = mostLayersInAll;
  return (key) => {
    const chain = list(list(layers[key])[0]);
    if (chain.length === 0 || chain.length > Math.min(mostLayers, left)) return null;
    left -= chain.length;
    const read = chain.map(fields).map(layerOf);
    // A chain with a hole says nothing about positions.
    return read.every((layer) => layer !== null) ? read : null;
  };
}

function layerOf(value: Fields): NonNullable<ProvenanceStep['layers']>[number] | null {
  const { digest, size, mediaType } = value;
  // -1: an engine with a graph driver has no blob, and tells the DiffID [moby v2.0.0-beta.24 with overlay2].
  if (!isDigest(digest) || !Number.isSafeInteger(size) || Number(size) < -1) return null;
  return { digest, bytes: size === -1 ? null : Number(size), mediaType: text(mediaType) ?? '' };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, longestText) : null;
}

function lineNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : null;
}
