// The shape and the bounds of a BuildRecord that comes from disk, where anyone may have written it. Decides what is
// taken over; a record with one wrong field is no record.
import type { BuildChoice } from '../dockerfile/model';
import type {
  Deposit,
  DepositKind,
  DuplicateContent,
  HiddenBytes,
  HistoryEntry,
  MeasuredImage,
  MeasuredLayer,
  SecretFile,
  WastedFile,
} from '../image/model';
import { isDigest } from '../primitives/digest';
import type { StrataErrorCode } from '../primitives/errors';
import type { BuilderIdentity, BuildFailure, BuildRecord, Provenance, ProvenanceStep } from './model';
import * as shape from './shape';
import { recordedCache } from './validateCache';
import { lastLines, step } from './validateStep';

const word = shape.text(1024);
const longText = shape.text(64 * 1024);
const digest = shape.matching(isDigest);
const steps = 20_000;
const layers = 10_000;

const choice = shape.object<BuildChoice>({
  target: shape.nullable(word),
  platform: shape.nullable(word),
  buildArgs: shape.dictionary(64 * 1024, 1_000),
});

const builder = shape.object<BuilderIdentity>({
  kind: shape.oneOf('buildx', 'docker', 'podman', 'buildah'),
  rules: shape.oneOf('buildkit', 'classic', 'buildah'),
  version: shape.nullable(word),
  engine: shape.nullable(word),
  instance: shape.nullable(word),
  driver: shape.nullable(word),
});

const provenanceStep = shape.object<ProvenanceStep>({
  id: longText,
  digest: shape.nullable(digest),
  lines: shape.nullable(shape.pair(shape.whole(1))),
  op: shape.oneOf('source', 'exec', 'file', 'merge', 'diff', 'build', 'none'),
  source: shape.nullable(longText),
  inputs: shape.list(longText, steps),
  layers: shape.nullable(
    shape.list(shape.object({ digest, bytes: shape.nullable(shape.whole()), mediaType: longText }), layers),
  ),
});

const provenance = shape.object<Provenance>({
  version: shape.oneOf('0.2', '1'),
  dockerfile: shape.nullable(shape.text(1024 * 1024)),
  filename: shape.nullable(longText),
  steps: shape.list(provenanceStep, steps),
});

const layer = shape.object<MeasuredLayer>({
  index: shape.whole(),
  diffId: digest,
  chainId: digest,
  blobDigest: shape.nullable(digest),
  compressedBytes: shape.nullable(shape.whole()),
  unpackedBytes: shape.nullable(shape.whole()),
  engineBytes: shape.nullable(shape.whole()),
  added: shape.nullable(shape.whole()),
  modified: shape.nullable(shape.whole()),
  removed: shape.nullable(shape.whole()),
  wastedBytes: shape.nullable(shape.whole()),
});

const historyEntry = shape.object<HistoryEntry>({
  createdBy: shape.text(1024 * 1024),
  comment: longText,
  emptyLayer: shape.flag,
  created: shape.nullable(word),
});

const how = shape.oneOf('overwritten', 'deleted', 'copied-up');

const wastedFile = shape.object<WastedFile>({
  path: longText,
  bytes: shape.whole(),
  writtenBy: shape.whole(),
  hiddenBy: shape.whole(),
  how,
});

const hidden = shape.object<HiddenBytes>({
  writtenBy: shape.whole(),
  hiddenBy: shape.whole(),
  how,
  bytes: shape.whole(),
  files: shape.whole(),
  special: shape.flag,
  places: shape.list(shape.object({ path: longText, bytes: shape.whole() }), 3),
});

const kinds: Record<DepositKind, true> = {
  'apt-lists': true,
  'apt-cache': true,
  apk: true,
  dnf: true,
  yum: true,
  zypper: true,
  pip: true,
  npm: true,
  yarn: true,
  pnpm: true,
  'go-build': true,
  'go-mod': true,
  cargo: true,
  maven: true,
  gradle: true,
  composer: true,
  gem: true,
  conda: true,
  git: true,
  compiler: true,
  headers: true,
};

const deposit = shape.object<Deposit>({
  kind: shape.oneOf(...(Object.keys(kinds) as DepositKind[])),
  layer: shape.whole(),
  path: longText,
  bytes: shape.whole(),
  files: shape.whole(),
  visibleBytes: shape.whole(),
  uid: shape.whole(),
});

const duplicate = shape.object<DuplicateContent>({
  bytes: shape.whole(),
  count: shape.whole(2),
  copies: shape.list(shape.object({ layer: shape.whole(), path: longText }), 100),
});

const secret = shape.object<SecretFile>({
  layer: shape.whole(),
  path: longText,
  kind: shape.oneOf('private-key', 'credentials', 'environment'),
  read: shape.flag,
  hiddenBy: shape.nullable(shape.whole()),
});

const findings = 10_000;

const image = shape.object<MeasuredImage>({
  reference: longText,
  id: digest,
  platform: word,
  history: shape.list(historyEntry, layers),
  layers: shape.list(layer, layers),
  visibleBytes: shape.nullable(shape.whole()),
  waste: shape.list(wastedFile, 100_000),
  hidden: shape.optional(shape.list(hidden, findings), undefined),
  deposits: shape.optional(shape.list(deposit, findings), undefined),
  duplicates: shape.optional(shape.list(duplicate, findings), undefined),
  secrets: shape.optional(shape.list(secret, findings), undefined),
  problems: shape.list(longText, 10_000),
});

const codes: Record<StrataErrorCode, true> = {
  usage: true,
  untrusted: true,
  'no-builder': true,
  'no-daemon': true,
  'build-failed': true,
  cancelled: true,
  'not-found': true,
  unreadable: true,
  unsupported: true,
  hostile: true,
  'no-space': true,
};

const failure = shape.object<BuildFailure>({
  code: shape.optional(shape.oneOf(...(Object.keys(codes) as StrataErrorCode[])), 'build-failed'),
  message: longText,
  line: shape.nullable(shape.whole(1)),
  lastLines,
  hint: longText,
});

/** As `newRecordId` writes it; it becomes the name of a file. */
export const recordIdPattern = /^[0-9A-Za-z-]{1,64}$/;

const record = shape.object<BuildRecord>({
  schema: shape.oneOf(1),
  id: shape.matching((value): value is string => typeof value === 'string' && recordIdPattern.test(value)),
  text: shape.text(1024 * 1024),
  dockerfile: word,
  choice,
  builder,
  started: shape.matching(
    (value): value is string => word(value) === value && !Number.isNaN(Date.parse(String(value))),
  ),
  durationMs: shape.amount,
  outcome: shape.oneOf('built', 'failed', 'cancelled'),
  steps: shape.list(step, steps),
  provenance: shape.nullable(provenance),
  imageReference: shape.nullable(longText),
  imageId: shape.optional(shape.nullable(digest), null),
  image: shape.nullable(image),
  failure: shape.nullable(failure),
  note: shape.nullable(longText),
  cache: shape.optional(shape.nullable(recordedCache), undefined),
});

/** The record, with fields it does not know left out; null when the value is none. Never throws. */
export function readBuildRecord(value: unknown): BuildRecord | null {
  return shape.readShape(record, value);
}
