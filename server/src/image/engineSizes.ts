// What the local engine tells of an image in milliseconds, before any layer is read. Its sizes are not the sums of the
// files' sizes (docs: "What a size means"), and it does not say which history entries made a layer: sizes and history
// are told only where there is one way to bring them together with the layers.
import { chainIds, type Digest, isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJson, parseJsonObject, text } from './config';
import { type DockerOptions, runDocker } from './dockerCli';
import type { HistoryEntry, MeasuredImage } from './model';
import { formatPlatform, matchesPlatform, parsePlatform } from './platform';
import { unmeasuredLayer } from './unmeasured';

export interface EngineHistoryEntry {
  createdBy: string;
  comment: string;
  created: string | null;
  /** As the engine counts; null when it does not say. */
  bytes: number | null;
}

/**
 * A glance at an image of the engine: `engineBytes` where they are certain, nothing else measured. The history is
 * empty, and `engineBytes` null, when it cannot be told which entries made the layers.
 * @param reference `docker-daemon:NAME`, or the name alone
 * Throws StrataError('no-daemon' | 'not-found' | 'unreadable'); 'not-found' also where the engine tells of another
 * platform than the one asked for: of an image for several it picks one itself.
 */
export async function engineHistory(
  host: Host,
  reference: string,
  options: DockerOptions & { platform?: string } = {},
): Promise<MeasuredImage> {
  const name = reference.replace(/^docker-daemon:/, '');
  if (name === '' || name.startsWith('-'))
    throw new StrataError('usage', `'${name}' is no name of an image.`);
  const history = ['history', '--no-trunc', '--human=false', '--format', '{{json .}}', name];
  const [listed, inspected] = await Promise.all([
    runDocker(host, history, `Reading the history of ${name}`, options),
    runDocker(host, ['image', 'inspect', name], `Looking for the image ${name}`, options),
  ]);
  const image = parseInspect(inspected, name);
  const { platform } = options;
  if (platform !== undefined && !matchesPlatform(parsePlatform(platform), parsePlatform(image.platform))) {
    throw new StrataError('not-found', `docker tells of ${name} for ${image.platform}, not for ${platform}.`);
  }
  const entries = parseEngineHistory(listed);
  const filled = alignLayers(entries, image.diffIds.length);
  const chain = chainIds(image.diffIds);
  return {
    reference,
    id: image.id,
    platform: image.platform,
    history: filled ? entries.map((entry, i) => historyEntry(entry, !filled.includes(i))) : [],
    layers: image.diffIds.map((diffId, index) => ({
      ...unmeasuredLayer({ index, diffId, chainId: chain[index]! }),
      engineBytes: filled ? entries[filled[index]!]!.bytes : null,
    })),
    visibleBytes: null,
    waste: [],
    problems: [],
  };
}

/** Lines of `docker history --human=false --format '{{json .}}'`, which come newest first; the result is oldest first. */
export function parseEngineHistory(output: string): EngineHistoryEntry[] {
  const entries: EngineHistoryEntry[] = [];
  for (const line of output.split('\n')) {
    const json = line.trim() === '' ? null : parseJsonObject(Buffer.from(line, 'utf8'));
    if (!json) continue;
    const size = String(json.Size ?? '');
    entries.push({
      createdBy: text(json.CreatedBy) ?? '',
      comment: text(json.Comment) ?? '',
      created: text(json.CreatedAt),
      bytes: /^\d+B?$/.test(size) ? Number.parseInt(size, 10) : null,
    });
  }
  return entries.reverse();
}

/**
 * Positions of the entries that made the layers, where only one reading is possible; null otherwise. Entries with bytes
 * are layers, metadata instructions without bytes are none, and of the rest (a RUN that wrote nothing, a WORKDIR that
 * was there) either all are or none is.
 */
export function alignLayers(entries: readonly EngineHistoryEntry[], layerCount: number): number[] | null {
  const certain: number[] = [];
  const possible: number[] = [];
  for (const [i, entry] of entries.entries()) {
    if (entry.bytes === null) return null;
    if (entry.bytes > 0) certain.push(i);
    if (entry.bytes > 0 || !isMetadata(entry)) possible.push(i);
  }
  if (possible.length === layerCount) return possible;
  return certain.length === layerCount ? certain : null;
}

const metadata =
  'CMD|ENTRYPOINT|ENV|LABEL|ARG|EXPOSE|USER|VOLUME|STOPSIGNAL|SHELL|HEALTHCHECK|MAINTAINER|ONBUILD';
const buildkitMetadata = new RegExp(`^(?:${metadata})(?: |$)`);
const nopMetadata = new RegExp(`^.*?#\\(nop\\) +(?:${metadata})(?: |$)`, 'i');

/** By the text of its instruction: BuildKit's (`ENV A=1`), the classic builder's and buildah's (`… #(nop)  ENV A=1`). */
function isMetadata({ createdBy, comment }: EngineHistoryEntry): boolean {
  return comment.startsWith('buildkit') ? buildkitMetadata.test(createdBy) : nopMetadata.test(createdBy);
}

function parseInspect(output: string, name: string): { id: Digest; platform: string; diffIds: Digest[] } {
  const json = parseJson(Buffer.from(output, 'utf8'));
  const image = object(Array.isArray(json) ? json[0] : null);
  const diffIds = array(object(image?.RootFS)?.Layers);
  if (!image || !isDigest(image.Id) || !diffIds.every(isDigest)) {
    throw new StrataError(
      'unreadable',
      `docker image inspect ${name} did not tell the image's id and layers.`,
    );
  }
  const platform = {
    os: text(image.Os) ?? 'linux',
    architecture: text(image.Architecture) ?? 'unknown',
    variant: text(image.Variant),
  };
  return { id: image.Id, platform: formatPlatform(platform), diffIds };
}

function historyEntry(
  { createdBy, comment, created }: EngineHistoryEntry,
  emptyLayer: boolean,
): HistoryEntry {
  return { createdBy, comment, created, emptyLayer };
}
