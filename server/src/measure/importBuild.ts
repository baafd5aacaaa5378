// A build that was made elsewhere, from all that a person names of it: buildx's history, a metadata file, a log, the
// image with what is attached to it. Decides what belongs together; an image that is not known to be the build's gives
// sizes to lines by its own history, and nothing of the build is said of its layers.
import { type Knowledge, knowledgeOfImage, knowledgeOfRecord } from '../analysis/knowledge';
import { importAttestation } from '../build/importAttestation';
import type { ImportedPart } from '../build/importedPart';
import { importHistory } from '../build/importHistory';
import { importLog, longestLog } from '../build/importLog';
import { importMetadata } from '../build/importMetadata';
import { type JoinedBuild, joinParts } from '../build/joinParts';
import type { BuildRecord } from '../build/model';
import { type BuildChoice, type Dockerfile, defaultChoice } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import type { Image, MeasuredImage } from '../image/model';
import { openImage } from '../image/open';
import { formatPlatform, hostPlatform } from '../image/platform';
import type { MeasureOptions } from '../layers/measureImage';
import type { LayerIndex } from '../layers/model';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { findImage, isOfBuild } from './findImage';
import { isOfGivenText, noted, withFacts } from './importedKnowledge';
import { type MeasureTools, measureOpened } from './measureRecord';
import { readTextFile } from './readTextFile';

/** What a person names; at least one of them. */
export interface ImportSources {
  /** A build of `docker buildx history`, by its reference. */
  history: string | null;
  /** Path of a metadata file. */
  metadata: string | null;
  /** Path of a log. */
  log: string | null;
  /** Reference of an image. */
  image: string | null;
}

export interface ImportRequest extends ImportSources {
  /** The Dockerfile as it is now, and its name without folders. */
  text: string;
  name: string;
  /** With what the build was asked, where a person says so. */
  choice: BuildChoice | null;
  /** Which one of several. */
  bakeTarget: string | null;
}

export interface ImportedBuild {
  knowledge: Knowledge;
  /** What can be kept; null for an image of which no build is known. Its image is set only if it is the build's. */
  record: BuildRecord | null;
  /** Of the layers of the image that is shown; empty without one. */
  indexes: readonly (LayerIndex | null)[];
  /** All that it was built for, if they are several. */
  platforms: readonly string[];
}

type Shown = Omit<ImportedBuild, 'platforms'>;

export type ImportCallbacks = Pick<MeasureOptions, 'signal' | 'onProgress' | 'base'>;

/**
 * @throws StrataError: what the sources throw; 'usage' when they cannot be of one build; 'unreadable' for a file that is
 * none of what it should be
 */
export async function importBuild(
  tools: MeasureTools,
  request: ImportRequest,
  callbacks: ImportCallbacks = {},
): Promise<ImportedBuild> {
  const { host } = tools;
  const { signal } = callbacks;
  const given = parseDockerfile(request.text);
  const parts = await readParts(tools, request, given, signal);
  const open = { ...openOptions(tools), platform: request.choice?.platform ?? undefined, signal };
  const platforms = parts.find((part) => part.platforms.length > 1)?.platforms ?? [];
  const image = request.image === null ? null : await openImage(host, request.image, open);
  try {
    const attested = image && (await attestationOf(host, image, parts, signal));
    const joined = join(host, request, attested ? [...parts, attested] : parts);
    if (!joined) {
      const { measured, indexes } = await measureOpened(tools, image!, { ...callbacks, findings: true });
      const knowledge = knowledgeOfImage(given, measured, request.choice ?? defaultChoice);
      return { knowledge, record: null, indexes, platforms };
    }
    const imported = image
      ? await withNamedImage(tools, request, given, joined, image, callbacks)
      : await withFoundImage(tools, request, given, joined, callbacks);
    return { ...imported, platforms };
  } finally {
    await image?.close();
  }
}

async function readParts(
  tools: MeasureTools,
  request: ImportRequest,
  given: Dockerfile,
  signal: AbortSignal | undefined,
): Promise<ImportedPart[]> {
  const { host, docker } = tools;
  const { history, metadata, log, bakeTarget, choice } = request;
  const platform = choice?.platform ?? null;
  const parts: ImportedPart[] = [];
  if (history !== null) parts.push(await importHistory(host, history, { docker, platform, signal }));
  if (metadata !== null) {
    const { text, name } = await readTextFile(host, metadata, longestLog);
    const own = formatPlatform(hostPlatform(host));
    parts.push(importMetadata(text, name, { platform, hostPlatform: own, bakeTarget }));
  }
  if (log !== null) {
    const { text, name, writtenMs } = await readTextFile(host, log, longestLog);
    const options = { dockerfile: given, dockerfileName: request.name, bakeTarget, writtenMs };
    parts.push(importLog(text, name, options));
  }
  return parts;
}

/** Null when nothing usable is attached, or when the provenance is known already. */
async function attestationOf(
  host: Host,
  image: Image,
  parts: readonly ImportedPart[],
  signal: AbortSignal | undefined,
): Promise<ImportedPart | null> {
  if (parts.some(({ provenance, rules }) => provenance !== null || rules !== 'buildkit')) return null;
  // An image of another build: what is attached to it says nothing of the build that is imported.
  if (parts.some((part) => isOfBuild(part.image, null, image) === false)) return null;
  try {
    const part = await importAttestation(host, image, signal);
    return part?.provenance ? part : null;
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    image.problems.push(`What is attached to the image could not be read: ${error.message}`);
    return null;
  }
}

function join(host: Host, request: ImportRequest, parts: readonly ImportedPart[]): JoinedBuild | null {
  if (parts.length === 0) return null;
  const { text, name, choice } = request;
  const own = formatPlatform(hostPlatform(host));
  return joinParts(parts, { text, name, choice, nowMs: host.now(), hostPlatform: own });
}

async function withNamedImage(
  tools: MeasureTools,
  request: ImportRequest,
  given: Dockerfile,
  joined: JoinedBuild,
  image: Image,
  callbacks: ImportCallbacks,
): Promise<Shown> {
  const isOwn = isOfBuild(joined.image, joined.record.provenance, image);
  const { measured, indexes } = await measureOpened(tools, image, { ...callbacks, findings: true });
  if (isOwn) return asBuilt(request, given, joined, image, measured, indexes);
  const { record } = joined;
  const why = isOwn === null ? 'is not known to be' : 'is not';
  const choice = request.choice ?? record.choice;
  if (joined.hasOwnText && parseDockerfile(record.text).text !== given.text) {
    const left = `The image ${why} the one of the imported build, which was of another text: the image is shown alone.`;
    return { knowledge: noted(knowledgeOfImage(given, measured, choice), left), record, indexes };
  }
  const said = `The image ${why} the one of the imported build: lines are tied to its layers by its history alone.`;
  return { knowledge: withFacts(given, measured, record, choice, said), record, indexes };
}

async function withFoundImage(
  tools: MeasureTools,
  request: ImportRequest,
  given: Dockerfile,
  joined: JoinedBuild,
  callbacks: ImportCallbacks,
): Promise<Shown> {
  const { record, image: facts } = joined;
  const { signal } = callbacks;
  const image =
    record.outcome === 'built'
      ? await findImage(tools.host, facts, record.choice.platform, { ...openOptions(tools), signal })
      : null;
  if (!image) {
    const note = `${record.note} Its image is not at hand, so that sizes are unknown.`;
    const whole = record.outcome === 'built' ? { ...record, note } : record;
    return { knowledge: knowledgeOfRecord(whole), record: whole, indexes: [] };
  }
  try {
    // Nobody asked for a download: of an image in a registry only what it lists is told.
    const remote = image.remote ? ({ read: 'kept', listings: true } as const) : {};
    const { measured, indexes } = await measureOpened(tools, image, {
      ...callbacks,
      ...remote,
      findings: true,
    });
    return asBuilt(request, given, joined, image, measured, indexes);
  } finally {
    await image.close();
  }
}

/** The build with its own image; where no source has its text, only if the steps show that it was the given one. */
function asBuilt(
  request: ImportRequest,
  given: Dockerfile,
  { record, hasOwnText }: JoinedBuild,
  image: Image,
  measured: MeasuredImage,
  indexes: Shown['indexes'],
): Shown {
  if (hasOwnText || isOfGivenText(given, record)) {
    const whole = { ...record, imageReference: image.reference, imageId: image.id, image: measured };
    return { knowledge: knowledgeOfRecord(whole), record: whole, indexes };
  }
  const why =
    record.steps.length === 0
      ? 'Nothing tells the text that was built'
      : 'The steps of the imported build do not fit this text line by line';
  const said = `${why}: lines are tied to the layers of its image by its history alone.`;
  const choice = request.choice ?? record.choice;
  return { knowledge: withFacts(given, measured, record, choice, said), record, indexes };
}

function openOptions({ docker, podman, keep, configs }: MeasureTools) {
  return { docker, podman, keep, configs };
}
