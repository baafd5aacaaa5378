// One past build of buildx's history as a part of a record: its provenance (always whole there, whatever the image got),
// its progress, and which image it left. Several platforms: one is looked at, the others are named.
import { hostPlatform, matchesPlatform, parsePlatform } from '../image/platform';
import { isDigest } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { createExportReader } from './exportFacts';
import {
  builderFlag,
  type HistoryTools,
  historyFolder,
  historyProgram,
  inspectBuild,
  refusal,
  runHistory,
  splitRef,
} from './history';
import { type ImageFacts, type ImportedPart, noImageFacts, unknownBuilder } from './importedPart';
import { type Fields, fields, list, parseFields, text, time } from './jsonFields';
import { parseProvenance } from './provenance';
import { readProvenanceRequest } from './provenanceRequest';
import { createRawjsonReader } from './rawjson';

const logsMs = 120_000;
const longestName = 1024;
const mostAttachments = 1_000;
/** Of a log: what one of 20,000 steps with full output prints. */
const mostLogBytes = 512 * 1024 * 1024;

export interface ImportHistoryOptions extends HistoryTools {
  /** Which one of a build for several platforms; default: this machine's, else the first. */
  platform?: string | null;
}

/** @throws StrataError 'not-found' when buildx does not know the build; 'unsupported', 'no-builder', 'usage', 'cancelled' */
export async function importHistory(
  host: Host,
  ref: string,
  options: ImportHistoryOptions = {},
): Promise<ImportedPart> {
  const { id, builder } = splitRef(ref, options);
  const told = await inspectBuild(host, options, ref);
  const status = text(told.Status, longestName) ?? '';
  if (/^running/i.test(status)) {
    throw new StrataError('unsupported', `Build ${id} still runs.`, 'Import it when it has ended.');
  }
  const attachments = list(told.Attachments).slice(0, mostAttachments).map(attachment);
  const platforms = list(told.Platform).flatMap((one) => text(one, longestName) ?? []);
  const platform = choosePlatform(host, platforms, options.platform ?? null);
  const attached = (type: RegExp) =>
    attachments.find((one) => type.test(one.type) && (one.platform === null || one.platform === platform)) ??
    // A build for the builder's own platform names it on some attachments only [buildx 0.38].
    (platform === null ? attachments.find((one) => type.test(one.type)) : undefined);
  const read = async (one: Attachment | undefined): Promise<Fields | null> =>
    one
      ? parseFields(
          await runHistory(host, options, ['inspect', 'attachment', ...builderFlag(builder), id, one.digest]),
        )
      : null;

  const predicate = await read(attached(/^https:\/\/slsa\.dev\/provenance\//));
  const manifest = await read(attached(/manifest\.v[12]\+json$/)).catch(() => null);
  const request = readProvenanceRequest(predicate, platform);
  const { steps, image } = await readLogs(host, options, id, builder);
  const config = fields(manifest?.config).digest;
  const failed = /^(?:failed|error)/i.test(status);
  const started = time(told.StartedAt);
  const name = `build history ${id}`;
  const identity = { ...unknownBuilder('buildkit'), instance: builder ?? null };
  const provenance = parseProvenance(predicate);
  const notes: string[] = [];
  if (!failed && provenance === null)
    notes.push(`The history keeps no steps of build ${id}: its lines are tied by their names alone.`);
  if (platforms.length > 1) notes.push(`It was built for ${platforms.join(', ')}; this is ${platform}.`);
  return {
    source: 'history',
    name,
    builder: identity,
    rules: 'buildkit',
    provenance,
    request: predicate ? request : requestOf(told, platform),
    platforms,
    steps,
    started: started === null ? null : new Date(started).toISOString(),
    durationMs: typeof told.Duration === 'number' ? Math.max(0, Math.round(told.Duration / 1e6)) : null,
    outcome: failed ? 'failed' : /^cancel/i.test(status) ? 'unfinished' : 'built',
    words: failed ? failureWords(fields(told.Error)) : [],
    image: {
      ids: isDigest(config) ? [config] : image.ids,
      manifests: attachments.flatMap(({ type, digest }) =>
        /(?:manifest|index)\.v/.test(type) && isDigest(digest) ? [digest] : [],
      ),
      references: image.references,
    },
    notes,
  };
}

interface Attachment {
  digest: string;
  platform: string | null;
  type: string;
}

function attachment(value: unknown): Attachment {
  const { Digest, Platform, Type } = fields(value);
  return {
    digest: isDigest(Digest) ? Digest : '',
    platform: text(Platform, longestName),
    type: isDigest(Digest) ? (text(Type, longestName) ?? '') : '',
  };
}

/** @throws StrataError 'not-found' when it was not built for the platform that is wanted */
function choosePlatform(host: Host, platforms: readonly string[], wanted: string | null): string | null {
  if (platforms.length === 0) return null;
  const fitting = (platform: ReturnType<typeof parsePlatform>) =>
    platforms.find((one) => matchesPlatform(platform, parsePlatform(one)));
  if (wanted === null) return fitting(hostPlatform(host)) ?? platforms[0]!;
  const found = fitting(parsePlatform(wanted));
  if (found !== undefined) return found;
  throw new StrataError('not-found', `It was not built for ${wanted}, only for ${platforms.join(', ')}.`);
}

/** A failed build has no provenance: inspect tells the rest. */
function requestOf(told: Fields, platform: string | null): ImportedPart['request'] {
  const buildArgs = list(told.BuildArgs).slice(0, mostAttachments).map(fields);
  return {
    choice: {
      target: text(told.Target, longestName) || null,
      platform,
      buildArgs: Object.fromEntries(
        buildArgs.flatMap(({ Name, Value }) => {
          const name = text(Name, longestName);
          return name === null ? [] : [[name, text(Value, 64 * 1024) ?? '']];
        }),
      ),
    },
    dockerfile: text(told.Dockerfile, longestName),
  };
}

async function readLogs(host: Host, options: HistoryTools, id: string, builder: string | undefined) {
  const reader = createRawjsonReader();
  const facts = createExportReader();
  const words: string[] = [];
  let left = mostLogBytes;
  const take = (line: string) => {
    left -= line.length;
    if (left < 0) return;
    if (reader.take(line)) facts.take(line);
    else if (words.length < 20) words.push(line);
  };
  const args = ['buildx', 'history', 'logs', ...builderFlag(builder), '--progress=rawjson', id];
  const { code } = await host.processes.stream(historyProgram(host, options), args, {
    cwd: historyFolder,
    signal: options.signal,
    timeoutMs: logsMs,
    onStdoutLine: take,
    onStderrLine: take,
  });
  if (code !== 0) throw refusal(code === null, words.join('\n'));
  const image: ImageFacts = { ...noImageFacts, ...facts.facts() };
  return { steps: reader.steps(), image };
}

/** The excerpt that buildx prints, and the message: as a builder's own words. */
function failureWords(error: Fields): string[] {
  const excerpt = text(error.Sources, 1024 * 1024);
  const lines =
    excerpt === null ? [] : Buffer.from(excerpt, 'base64').toString('utf8').split('\n').slice(0, 200);
  const message = text(error.Message, 64 * 1024);
  return [...lines, ...(message === null ? [] : [`ERROR: ${message}`])];
}
