// `docker buildx build`: rawjson progress, and the provenance of the build history through the metadata file. Decides
// where the image is kept: in the engine with driver docker, in an OCI layout of ours with any other.
import * as path from 'node:path';
import { isDigest } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { commonArguments, hasFlag, ownTag, ownTagNote } from './arguments';
import { type Fields, fields } from './jsonFields';
import { settleLayout } from './keptLayout';
import type { BuilderIdentity, BuildRequest, FoundBuilder } from './model';
import { elsewhereNote, leavesEngine } from './outputs';
import { type PlatformImage, platformImages, recordsOfPlatforms } from './platformImages';
import { parseProvenance } from './provenance';
import { createRawjsonReader } from './rawjson';
import { type BuilderCommand, type BuiltImage, type OutputReader, runBuilder } from './run';

/** The metadata of the largest real builds has a few MB; its size grows with the steps. */
const longestMetadata = 64 * 1024 * 1024;
const temporaryPrefix = 'strata-build-';

/** @param unusable why it cannot be used, null if it can */
export function buildxBuilder(
  program: string,
  identity: BuilderIdentity,
  unusable: string | null,
): FoundBuilder {
  const buildPlatforms: FoundBuilder['buildPlatforms'] = async (host, request, callbacks, signal) => {
    const temporary = await host.files.makeTemporary(temporaryPrefix);
    try {
      const metadata = path.join(temporary, 'metadata.json');
      const plan = planOf(identity, request);
      const args = buildxArguments(identity, request, plan, metadata);
      const env = environmentOf(plan);
      if (plan.layout) await host.files.makeDirectory(request.keep);
      let several: PlatformImage[] = [];
      const command: BuilderCommand = {
        ...{ identity, program, args, env, createReader: createOutputReader },
        async collect() {
          const told = await readMetadata(host, metadata);
          const image = await collect(host, request, plan, told);
          several = request.platforms ? await platformImages(host, request.platforms, told, image) : [];
          return image;
        },
      };
      const record = await runBuilder(host, command, request, callbacks, signal);
      return several.length === 0 ? [record] : recordsOfPlatforms(record, several);
    } finally {
      await host.files.remove(temporary);
    }
  };
  return {
    identity,
    unusable,
    build: async (...asked) => (await buildPlatforms(...asked))[0]!,
    buildPlatforms,
  };
}

interface Plan {
  /** Folder of the OCI layout that takes the image; null when the engine takes it. */
  layout: string | null;
  tag: string | null;
  note: string | null;
  /** Nobody but us will see this image: it needs no attestations, which would only be in the way when it is read. */
  ours: boolean;
}

const outputFlags = ['--output', '-o', '--push', '--load', '--provenance', '--attest', '--sbom'];

function planOf({ driver }: BuilderIdentity, request: BuildRequest): Plan {
  const outputs = hasFlag(request.extraArguments, ...outputFlags);
  if (driver !== 'docker') {
    return { layout: path.join(request.keep, 'layout'), tag: request.tag, note: null, ours: !outputs };
  }
  // The docker driver cannot write an OCI layout on an engine without the containerd image store (build/opt.go:
  // "OCI exporter is not supported for the docker driver"), and loads into the engine unless told otherwise.
  const named = request.tag !== null || hasFlag(request.extraArguments, '--tag', '-t');
  const tag = request.tag ?? ownTag(request);
  return { layout: null, tag, note: named ? null : ownTagNote(tag), ours: !named && !outputs };
}

function buildxArguments(
  identity: BuilderIdentity,
  request: BuildRequest,
  plan: Plan,
  metadata: string,
): string[] {
  return [
    ...['buildx', 'build', '--progress=rawjson', '--metadata-file', metadata],
    // The builder that detection saw: another one may have become the current one since.
    ...(identity.instance === null ? [] : ['--builder', identity.instance]),
    // tar=false: a folder, into which BuildKit sends only the blobs that are not there yet [buildx 0.38, BuildKit 0.34].
    ...(plan.layout === null ? [] : ['--output', outputOption(plan.layout)]),
    ...(plan.tag === null ? [] : ['--tag', plan.tag]),
    ...commonArguments(request),
    ...request.extraArguments,
    request.context,
  ];
}

/** The value is CSV (buildx util/buildflags/export.go): a field with a comma or a quote is quoted. */
function outputOption(layout: string): string {
  const destination = `dest=${layout}`;
  const field = /[",\n\r]/.test(destination) ? `"${destination.replaceAll('"', '""')}"` : destination;
  return `type=oci,tar=false,${field}`;
}

function environmentOf(plan: Plan): Record<string, string> {
  return {
    // Not --provenance=mode=max, which would embed the Dockerfile and the build arguments in the image: this one takes
    // them from the build history into the metadata file alone.
    BUILDX_METADATA_PROVENANCE: 'max',
    ...(plan.ours ? { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } : {}),
  };
}

function createOutputReader(onText: (line: string) => void): OutputReader {
  const progress = createRawjsonReader(onText);
  const words = (line: string) => {
    onText(line);
    return false;
  };
  return {
    stdout: words,
    // A line of BuildKit's own, such as `ERROR: …`, stands between the objects.
    stderr: (line) => progress.take(line) || words(line),
    steps: progress.steps,
  };
}

async function collect(host: Host, request: BuildRequest, plan: Plan, metadata: Fields): Promise<BuiltImage> {
  const provenance = parseProvenance(metadata, request.choice.platform ?? `${host.os}/${host.architecture}`);
  const digest = metadata['containerimage.digest'];
  const config = metadata['containerimage.config.digest'];
  if (plan.layout !== null) {
    const kept = isDigest(digest) && (await settleLayout(host.files, plan.layout, digest));
    return {
      provenance,
      imageReference: kept ? `oci:${plan.layout}` : null,
      imageId: isDigest(config) ? config : null,
      note: plan.note,
    };
  }
  // An engine calls the image by its config's digest, and with containerd's image store by that of its manifest or index.
  // Both 20.10 (BuildKit 0.8) and that store tell `containerimage.digest` alone, and it is the id there [moby v2.0.0-beta.24].
  // With that store an output elsewhere has a digest, too.
  if (leavesEngine(request.extraArguments))
    return { provenance, imageReference: null, imageId: null, note: elsewhereNote };
  const id = isDigest(config) ? config : digest;
  return {
    provenance,
    imageReference: isDigest(digest) ? `docker-daemon:${plan.tag}` : null,
    imageId: isDigest(id) ? id : null,
    note: plan.note,
  };
}

async function readMetadata(host: Host, file: string): Promise<Fields> {
  const stat = await host.files.stat(file);
  if (stat?.kind !== 'file' || stat.size > longestMetadata) return {};
  try {
    return fields(JSON.parse((await host.files.readText(file)) ?? ''));
  } catch {
    return {};
  }
}
