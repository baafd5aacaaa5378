// The sizes that the local engine tells in milliseconds, before any layer is read. They are not the sum of the files'
// sizes (docs: "What a size means"), and the engine does not say which history entries made a layer: a size is given
// to a layer only when there is one way to do it.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJson, parseJsonObject, text } from './config';
import { type DockerOptions, runDocker } from './dockerCli';

export interface EngineHistoryEntry {
  createdBy: string;
  comment: string;
  /** As the engine counts; null when it does not say. */
  bytes: number | null;
}

export interface EngineHistory {
  /** Oldest first. */
  entries: EngineHistoryEntry[];
  /** By layer, oldest first; null when entries and layers cannot be brought together with certainty. */
  layerBytes: number[] | null;
  /** Layers that the engine lists. */
  layerCount: number;
}

/** Throws StrataError('no-daemon' | 'not-found' | 'unreadable'). */
export async function engineHistory(
  host: Host,
  name: string,
  options: DockerOptions = {},
): Promise<EngineHistory> {
  if (name.startsWith('-')) throw new StrataError('usage', `'${name}' is no name of an image.`);
  const history = ['history', '--no-trunc', '--human=false', '--format', '{{json .}}', name];
  const [listed, inspected] = await Promise.all([
    runDocker(host, history, `Reading the history of ${name}`, options),
    runDocker(host, ['image', 'inspect', name], `Looking for the image ${name}`, options),
  ]);
  const json = parseJson(Buffer.from(inspected, 'utf8'));
  const rootfs = object(object(Array.isArray(json) ? json[0] : null)?.RootFS);
  const layerCount = array(rootfs?.Layers).length;
  const entries = parseEngineHistory(listed);
  return { entries, layerCount, layerBytes: alignSizes(entries, layerCount) };
}

/** Lines of `docker history --human=false --format '{{json .}}'`, which come newest first. */
export function parseEngineHistory(output: string): EngineHistoryEntry[] {
  const entries: EngineHistoryEntry[] = [];
  for (const line of output.split('\n')) {
    const json = line.trim() === '' ? null : parseJsonObject(Buffer.from(line, 'utf8'));
    if (!json) continue;
    const size = String(json.Size ?? '');
    entries.push({
      createdBy: text(json.CreatedBy) ?? '',
      comment: text(json.Comment) ?? '',
      bytes: /^\d+B?$/.test(size) ? Number.parseInt(size, 10) : null,
    });
  }
  return entries.reverse();
}

/**
 * Sizes by layer, where only one reading is possible: entries with bytes are layers, metadata instructions without
 * bytes are none, and of the rest (a RUN that wrote nothing, an unchanged WORKDIR) all are or none is.
 */
export function alignSizes(entries: readonly EngineHistoryEntry[], layerCount: number): number[] | null {
  if (entries.some(({ bytes }) => bytes === null)) return null;
  const certain = entries.filter(({ bytes }) => bytes !== 0);
  const possible = entries.filter((entry) => entry.bytes !== 0 || !isMetadata(entry));
  const layers = possible.length === layerCount ? possible : certain.length === layerCount ? certain : null;
  return layers && layers.map(({ bytes }) => bytes!);
}

const metadata = 'CMD|ENTRYPOINT|ENV|LABEL|ARG|EXPOSE|USER|VOLUME|STOPSIGNAL|SHELL|HEALTHCHECK|MAINTAINER|ONBUILD';
const buildkitMetadata = new RegExp(`^(?:${metadata})(?: |$)`);
const nopMetadata = new RegExp(`^.*?#\\(nop\\) +(?:${metadata})(?: |$)`, 'i');

/** By the text of its instruction: BuildKit's (`ENV A=1`), the classic builder's and buildah's (`… #(nop)  ENV A=1`). */
function isMetadata({ createdBy, comment }: EngineHistoryEntry): boolean {
  return comment.startsWith('buildkit') ? buildkitMetadata.test(createdBy) : nopMetadata.test(createdBy);
}
