// What a build's cache looked at beside the Dockerfile's text, for its record: the contents of the context before the
// build and once more after it, so that what changed while it ran is left out; the bases from what the build told.
import { pastBuilds, storeOf } from '../analysis/pastBuilds';
import type { BuilderIdentity, BuildRecord, RecordedBase } from '../build/model';
import { recordedArguments, withoutSecretPlaces } from '../build/recordedArguments';
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Instruction } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { shippedChain } from '../dockerfile/stageGraph';
import { cacheHistory } from '../forecast/cacheHistory';
import type { EngineTools } from '../image/engines';
import { openImage } from '../image/open';
import { type Digest, isDigest } from '../primitives/digest';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { type BaseConfig, type BuiltConfig, baseConfig, nothingKnown } from './baseConfig';
import { contextToRecord } from './buildPlan';
import { type ContextRequest, type ReadContent, readContentsOf } from './contextContents';
import { engineConfig, engineOf } from './engineConfigs';
import { sentBefore } from './sentBefore';

export interface BuildAsked {
  noCache: boolean;
  builder: BuilderIdentity;
  /** Earlier ones of this Dockerfile: what the builder has of the context already. */
  records: readonly BuildRecord[];
  /** Programs of engines, asked for the configs of base images; those on PATH when absent. */
  engines?: EngineTools;
}

/**
 * Runs a build between two looks at the context and gives its record with `cache`. A context that cannot be read costs
 * the forecast, not the build.
 * @throws what the build throws
 */
export async function withCacheInputs(
  host: Host,
  asked: CacheInputsAsked,
  build: () => Promise<BuildRecord>,
): Promise<BuildRecord> {
  const [record] = await eachWithCacheInputs(host, asked, [asked.choice], async () => [await build()]);
  return record!;
}

export type CacheInputsAsked = Omit<ContextRequest, 'rules' | 'sent'> & BuildAsked;

/** The same for one build of several choices: what a line takes may hang on its platform. Records in their order. */
export async function eachWithCacheInputs(
  host: Host,
  { records, builder, engines = {}, ...asked }: CacheInputsAsked,
  choices: readonly BuildChoice[],
  build: () => Promise<readonly BuildRecord[]>,
): Promise<BuildRecord[]> {
  const history = cacheHistory(pastBuilds(records), storeOf(builder));
  const request = { ...asked, rules: builder.rules, sent: sentBefore(history) };
  const before = await look(host, request, choices);
  const told = (await build()).map((record) => withoutSecretPlaces(record, asked.extraArguments));
  if (told.every(({ outcome }) => outcome === 'cancelled') || asked.signal?.aborted) return told;
  // A build that failed has one record for all.
  const own = choices.slice(0, told.length);
  const after = before.flat().length === 0 ? before : await look(host, request, own);
  const built: BuildRecord[] = [];
  for (const [at, record] of told.entries()) {
    const wasCancelled = record.outcome === 'cancelled';
    built.push(
      wasCancelled
        ? record
        : await withInputs(host, { ...request, engines }, before[at]!, after[at]!, record),
    );
  }
  return built;
}

type LookRequest = Omit<ContextRequest, 'choice'> & Pick<BuildAsked, 'noCache' | 'engines'>;

async function withInputs(
  host: Host,
  request: LookRequest,
  before: readonly ReadContent[],
  after: readonly ReadContent[],
  record: BuildRecord,
): Promise<BuildRecord> {
  const keys = new Map(after.map(({ instruction, key }) => [instruction, key]));
  const contents = before
    .filter(({ instruction, key }) => keys.get(instruction) === key)
    .map(({ instruction, key, parts }) => ({ instruction, key, parts }));
  const { noCache } = request;
  const extraArguments = recordedArguments(request.extraArguments);
  const context = contextToRecord(request.path, request.context);
  const { engines = {}, signal } = request;
  const bases = await readBases(host, record, { ...engines, signal });
  return {
    ...record,
    cache: { noCache, extraArguments, context, bases, contents },
  };
}

async function look(
  host: Host,
  request: LookRequest,
  choices: readonly BuildChoice[],
): Promise<ReadContent[][]> {
  try {
    return await readContentsOf(host, request, choices);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return choices.map(() => []);
  }
}

/** The images that stages stand on: their digests as the provenance has them, their configs as far as anybody tells. */
async function readBases(host: Host, record: BuildRecord, tools: EngineTools): Promise<RecordedBase[]> {
  const dockerfile = parseDockerfile(record.text);
  const { choice } = record;
  const bases = stageBases(dockerfile, choice);
  const root = shippedChain(dockerfile, choice)[0];
  const config = await finalConfig(host, record, tools);
  const found = new Map<string, RecordedBase>();
  for (const { index, from, platform: own } of dockerfile.stages) {
    const base = bases[index]!;
    if (base.kind !== 'image') continue;
    const platform = own ?? choice.platform ?? '';
    const key = `${base.reference} ${platform}`;
    // Stages on one image have one step, which bears the line of one of them.
    const before = found.get(key);
    const digest = before?.digest ?? digestOf(record, dockerfile.instructions[from]!);
    const isShipped = index === root && config !== null;
    const told = before
      ? configOf(before)
      : await toldConfig(host, record, base.reference, platform, digest, tools);
    const known = told.environment === null && isShipped ? baseConfig(record, config) : told;
    found.set(key, { reference: base.reference, platform, digest, chain: null, ...known });
  }
  return [...found.values()];
}

/**
 * A name in an engine is what its own builder builds on; where BuildKit resolves it, the digest has to be the same, and
 * what it makes of an image without a PATH is its own affair. Of a named platform the engine may have another image.
 */
async function toldConfig(
  host: Host,
  { builder }: BuildRecord,
  reference: string,
  platform: string,
  digest: Digest | null,
  tools: EngineTools,
): Promise<BaseConfig> {
  const engine = engineOf(builder);
  const told = engine && platform === '' ? await engineConfig(host, engine, reference, tools) : null;
  const isBuildkit = builder.rules === 'buildkit';
  if (!told || (isBuildkit && (digest === null || !told.digests.includes(digest)))) return nothingKnown;
  const { environment, user, directory, shell } = told;
  if (isBuildkit && !environment.some((one) => one.startsWith('PATH='))) return nothingKnown;
  return { environment, doubtful: [], user, directory, shell };
}

function configOf({ environment, doubtful, user, directory, shell }: RecordedBase): BaseConfig {
  return { environment, doubtful, user, directory, shell };
}

function digestOf({ provenance }: BuildRecord, { line, endLine }: Instruction): Digest | null {
  const step = provenance?.steps.find(
    ({ source, lines }) => source !== null && lines !== null && lines[0] >= line && lines[0] <= endLine,
  );
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(step?.source ?? '')?.[1];
  return isDigest(digest) ? digest : null;
}

/** The config of the image that was built, where it can be read without much ado. */
async function finalConfig(
  host: Host,
  { builder, imageReference, choice }: BuildRecord,
  tools: EngineTools,
): Promise<BuiltConfig | null> {
  const engine = engineOf(builder);
  const name = /^(?:docker-daemon|containers-storage):(.+)$/s.exec(imageReference ?? '')?.[1];
  if (engine && name !== undefined) {
    const told = await engineConfig(host, engine, name, tools);
    return told && { env: told.environment, user: told.user, workingDir: told.directory, history: [] };
  }
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
