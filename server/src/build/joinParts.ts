// Joins what several sources tell of one build to a record: the provenance from the one that has it, the steps from
// another, the text from the provenance or, without one, the text that is given. Pure; who wins is decided here.
import { type BuildChoice, defaultChoice } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { sha256 } from '../primitives/digest';
import { StrataError } from '../primitives/errors';
import { explainFailure } from './failure';
import { type ImageFacts, type ImportedPart, type ImportSource, unknownBuilder } from './importedPart';
import { bareText } from './logBuilds';
import type { BuildRecord } from './model';
import { wasCancelled } from './progress';

export interface GivenText {
  /** The Dockerfile as it is now. */
  text: string;
  /** Its name, without folders. */
  name: string;
  /** What a person said with what it was built; null where they said nothing. */
  choice: BuildChoice | null;
  /** ms since 1970: the date of a build of which no source tells one. */
  nowMs: number;
  /** Of several platforms, of which nobody chose one: `linux/amd64`. */
  hostPlatform: string;
}

export interface JoinedBuild {
  record: BuildRecord;
  image: ImageFacts;
  /** The record's text is the one that was built; false: it is the one that was given, for no source has the text. */
  hasOwnText: boolean;
}

/** Who is asked first for what several tell. */
const order: readonly ImportSource[] = ['history', 'metadata', 'attestation', 'log'];

/**
 * @param parts at least one
 * @throws StrataError 'usage' when two of them tell of builds that cannot be the same
 */
export function joinParts(parts: readonly ImportedPart[], given: GivenText): JoinedBuild {
  const sorted = [...parts].sort((a, b) => order.indexOf(a.source) - order.indexOf(b.source));
  refuseStrangers(sorted);
  const first = <T>(read: (part: ImportedPart) => T | null): T | null => {
    for (const part of sorted) {
      const value = read(part);
      if (value !== null) return value;
    }
    return null;
  };
  const provenance = first((part) => part.provenance);
  const request = first((part) => part.request);
  const rules = sorted[0]!.rules;
  const outcome = first((part) => (part.outcome === 'built' ? null : part.outcome)) ?? 'built';
  const text = provenance?.dockerfile ?? given.text;
  const started = first((part) => part.started) ?? new Date(given.nowMs).toISOString();
  const builder = first((part) => part.builder) ?? unknownBuilder(rules);
  const steps = first((part) => part.steps) ?? [];
  const choice = request?.choice ?? given.choice ?? defaultChoice;
  // A source that chose one of several has said so itself.
  const platforms =
    choice.platform === null
      ? (first((part) => (part.platforms.length > 1 ? part.platforms : null)) ?? [])
      : [];
  const words = first((part) => (part.words.length > 0 ? part.words : null)) ?? [];
  const ids = [...new Set(sorted.flatMap(({ image }) => image.ids))];
  const whole = ids.filter((id) => id.startsWith('sha256:'));
  const notes = [`Imported from ${sorted.map(({ name }) => name).join(' and ')}.`];
  for (const part of sorted) notes.push(...part.notes);
  const chosen = platforms.find((one) => one === given.hostPlatform) ?? platforms[0] ?? null;
  const chosenPlatform = choice.platform ?? chosen;
  if (platforms.length > 1) notes.push(`It was built for ${platforms.join(', ')}; this is ${chosen}.`);
  const record: BuildRecord = {
    schema: 1,
    // The same build imported again replaces itself.
    id: `${started.replace(/[^0-9TZ]/g, '')}-${sha256(JSON.stringify([rules, ids, chosenPlatform, text, steps])).slice(-6)}`,
    text,
    dockerfile: given.name,
    choice: platforms.length > 1 ? { ...choice, platform: chosen } : choice,
    builder,
    started,
    durationMs: first((part) => part.durationMs) ?? 0,
    outcome: outcome === 'unfinished' ? 'cancelled' : outcome,
    steps,
    provenance,
    imageReference: null,
    imageId: whole.length === 1 ? (whole[0] as BuildRecord['imageId']) : null,
    image: null,
    failure: null,
    note: notes.join(' '),
  };
  if (outcome === 'failed') {
    record.failure = failureOf(record, words);
    record.note = `${record.note} It failed: ${record.failure?.message ?? 'no reason was told.'}`;
  }
  return {
    record,
    image: {
      ids,
      manifests: [...new Set(sorted.flatMap(({ image }) => image.manifests))],
      references: [...new Set(sorted.flatMap(({ image }) => image.references))],
    },
    hasOwnText: provenance?.dockerfile != null,
  };
}

/** Two sources that both name the image and name different ones are of two builds. */
function refuseStrangers(parts: readonly ImportedPart[]): void {
  const telling = parts.filter(({ image }) => image.ids.length > 0);
  const [one, ...others] = telling;
  for (const other of others) {
    const isSame = one!.image.ids.some((id) =>
      other.image.ids.some(
        (own) => own === id || own.startsWith(`sha256:${id}`) || id.startsWith(`sha256:${own}`),
      ),
    );
    if (isSame) continue;
    throw new StrataError(
      'usage',
      `${one!.name} and ${other.name} are not of the same build: they tell of different images.`,
      'Name one of them alone.',
    );
  }
  if (new Set(parts.map(({ rules }) => rules)).size > 1) {
    throw new StrataError(
      'usage',
      `${parts.map(({ name }) => name).join(' and ')} are of different builders.`,
    );
  }
}

/** A line is told only where the text there is known to be the one that failed: a file may be edited since. */
function failureOf(record: BuildRecord, words: readonly string[]): BuildRecord['failure'] {
  const explained = (text: string) =>
    explainFailure({
      builder: record.builder,
      name: record.dockerfile,
      dockerfile: parseDockerfile(text),
      steps: record.steps,
      words,
      code: 1,
      // No folder of ours took part in it.
      keep: '\0',
    });
  const failure = explained(record.text);
  return failure.line === null || isText(record, failure.line, words) ? failure : explained('');
}

/** The builder's excerpt shows the line as it stands, or the step that failed bears the instruction's text. */
function isText({ text, steps }: BuildRecord, line: number, words: readonly string[]): boolean {
  const [, number, marked] = words.flatMap((one) => /^ +(\d{1,7}) \| >>> (.*)$/.exec(one) ?? []);
  if (number !== undefined) return text.split(/\r?\n/)[Number(number) - 1]?.trim() === marked?.trim();
  const { instructions } = parseDockerfile(text);
  const instruction = instructions.find((one) => one.line <= line && line <= one.endLine);
  const step = steps.find((one) => one.error !== null && !wasCancelled(one));
  const name = step?.name.replace(/^\[[^\]]*\] /, '') ?? '';
  return instruction !== undefined && bareText(instruction.text) === bareText(name);
}
