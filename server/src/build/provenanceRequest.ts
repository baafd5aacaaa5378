// With what a build was asked, and when it ran, as its provenance tells: target, platforms, build arguments. In the two
// shapes of SLSA (BuildKit solver/llbsolver/provenance/types); its steps and layers are provenance.ts's.

import type { RequestFacts } from './importedPart';
import { type Fields, fields, text, time } from './jsonFields';

export interface ProvenanceRequest extends RequestFacts {
  /** ISO 8601; null when it does not tell. */
  started: string | null;
  durationMs: number | null;
}

const mostArgs = 1_000;
const longestValue = 64 * 1024;
const longestName = 1024;

/**
 * @param predicate the bare predicate, or an in-toto statement around it; never throws
 * @param platform the one that the build was for, where it is known; SLSA v0.2 does not tell it [BuildKit 0.34]
 */
export function readProvenanceRequest(predicate: unknown, platform: string | null = null): ProvenanceRequest {
  const given = fields(predicate);
  const document = 'predicate' in given ? fields(given.predicate) : given;
  const { request, source, metadata, target, own } = partsOf(document);
  const args = fields(request.args);
  const started = time(metadata.started);
  const finished = time(metadata.finished);
  return {
    choice: {
      target: text(args.target, longestName) || null,
      // What was asked for is not told; where it was made for another platform than the builder's, it was.
      platform: platform ?? (target !== null && target !== own ? target : null),
      buildArgs: buildArgsOf(args),
    },
    dockerfile: text(source.path, longestName) ?? text(source.entryPoint, longestName),
    started: started === null ? null : new Date(started).toISOString(),
    durationMs: started === null || finished === null ? null : Math.max(0, finished - started),
  };
}

interface Parts {
  request: Fields;
  source: Fields;
  metadata: { started: unknown; finished: unknown };
  /** Platforms of the image and of the builder; null when not told. */
  target: string | null;
  own: string | null;
}

function partsOf(document: Fields): Parts {
  if ('buildDefinition' in document) {
    const external = fields(fields(document.buildDefinition).externalParameters);
    const { targetPlatform, builderPlatform } = fields(fields(document.buildDefinition).internalParameters);
    const { startedOn, finishedOn } = fields(fields(document.runDetails).metadata);
    return {
      request: fields(external.request),
      source: fields(external.configSource),
      metadata: { started: startedOn, finished: finishedOn },
      target: text(targetPlatform, longestName),
      own: text(builderPlatform, longestName),
    };
  }
  const invocation = fields(document.invocation);
  const { buildStartedOn, buildFinishedOn } = fields(document.metadata);
  return {
    request: fields(invocation.parameters),
    source: fields(invocation.configSource),
    metadata: { started: buildStartedOn, finished: buildFinishedOn },
    target: null,
    own: null,
  };
}

const buildArg = 'build-arg:';

function buildArgsOf(args: Fields): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [key, value] of Object.entries(args)) {
    if (!key.startsWith(buildArg) || key.length > longestName || typeof value !== 'string') continue;
    if (value.length <= longestValue && entries.length < mostArgs)
      entries.push([key.slice(buildArg.length), value]);
  }
  return Object.fromEntries(entries);
}
