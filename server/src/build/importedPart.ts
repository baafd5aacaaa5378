// What one source tells of a build that was made elsewhere: its history, a metadata file, a log, an attestation. The
// form that all of them have in common; who may say what when they are joined is joinParts.ts.
import type { BuildChoice } from '../dockerfile/model';
import type { Digest } from '../primitives/digest';
import { identityOf } from './askProgram';
import type { BuilderIdentity, BuildRules, BuildStep, Provenance } from './model';

export type ImportSource = 'history' | 'metadata' | 'log' | 'attestation';

export interface ImportedPart {
  source: ImportSource;
  /** For a person, without an article at its start: `build history l4d5b…`, `log ci.txt`. */
  name: string;
  /** Null where the source does not tell. */
  builder: BuilderIdentity | null;
  rules: BuildRules;
  provenance: Provenance | null;
  /** Null where the source does not tell with what the build was asked. */
  request: RequestFacts | null;
  /** All that it was built for, as far as the source tells; none or one where it was not for several. */
  platforms: string[];
  /** Null where the source tells no steps; empty where it told that there were none. */
  steps: BuildStep[] | null;
  /** ISO 8601; null when unknown. */
  started: string | null;
  durationMs: number | null;
  /** `unfinished`: a log that ends before the build does. */
  outcome: 'built' | 'failed' | 'unfinished';
  /** What the builder said of its failure, its last lines; empty when it did not fail. */
  words: string[];
  image: ImageFacts;
  /** What a person must know, whole sentences. */
  notes: string[];
}

/** With what a build was asked. */
export interface RequestFacts {
  choice: BuildChoice;
  /** The Dockerfile, relative to its context; null when unknown. */
  dockerfile: string | null;
}

/** What a source tells of the image that the build left. */
export interface ImageFacts {
  /** Digests of configs, which are the images' ids, one for each platform, in no order; a short one is its first digits. */
  ids: string[];
  /** Digests of manifests and indexes. */
  manifests: Digest[];
  /** Where it can be read again, the surest first: `docker://app@sha256:…`, `docker-daemon:app:1`. */
  references: string[];
}

export const noImageFacts: ImageFacts = { ids: [], manifests: [], references: [] };

/** A builder of which nothing is known but how it makes layers. */
export function unknownBuilder(rules: BuildRules): BuilderIdentity {
  return identityOf(rules === 'buildkit' ? 'buildx' : rules === 'classic' ? 'docker' : 'buildah', rules);
}

/** Whether an image is one of those that a build left; null when the source does not tell any. */
export function isImageOf({ ids }: ImageFacts, id: Digest): boolean | null {
  if (ids.length === 0) return null;
  return ids.some((one) => one === id || (/^[0-9a-f]{12,}$/.test(one) && id.startsWith(`sha256:${one}`)));
}
