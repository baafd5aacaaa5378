// What is known of a build that was made elsewhere, where its text or its image is in doubt: the image's layers by its own
// history, and beside them what the build did with each line. Nothing of the one is concluded from the other.
import { type Knowledge, knowledgeOfImage } from '../analysis/knowledge';
import type { BuildRecord } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { reachableStages } from '../dockerfile/stageGraph';
import type { MeasuredImage } from '../image/model';
import { mapLayers } from '../mapping/mapLayers';
import type { CacheFact } from '../mapping/model';

/** @param said what a person must know of it, one sentence */
export function withFacts(
  given: Dockerfile,
  image: MeasuredImage,
  record: BuildRecord,
  choice: BuildChoice,
  said: string,
): Knowledge {
  const knowledge = noted(knowledgeOfImage(given, image, choice), said);
  const { mapping } = knowledge;
  if (!mapping) return knowledge;
  const facts = mapLayers(given, record, null, choice);
  const unmapped = [...mapping.unmapped];
  const lines = mapping.lines.map((line, at) => {
    const { cache, durationMs, error, why } = facts.lines[at]!;
    const told = { ...line, cache, durationMs, error, why: line.why ?? why };
    if (!isRefuted(given, record, at, cache)) return told;
    const because = 'The build has another text where this line is.';
    unmapped.push(...line.layers.map((layer) => ({ layer, why: because })));
    return { ...told, layers: [], evidence: 'none' as const, why: because };
  });
  return { ...knowledge, record, rules: record.builder.rules, mapping: { ...mapping, lines, unmapped } };
}

/**
 * Builders that print lines as they stand told of another line here. Their history is no help then: that of buildah
 * tells no sources of a COPY.
 */
function isRefuted({ instructions }: Dockerfile, record: BuildRecord, at: number, cache: CacheFact): boolean {
  const { keyword } = instructions[at]!;
  const { rules } = record.builder;
  return (
    rules !== 'buildkit' &&
    record.steps.length > 0 &&
    /^(?:RUN|COPY|ADD)$/.test(keyword) &&
    cache === 'unknown'
  );
}

export function noted(knowledge: Knowledge, disagreement: string): Knowledge {
  const { mapping } = knowledge;
  if (!mapping) return knowledge;
  return { ...knowledge, mapping: { ...mapping, disagreements: [...mapping.disagreements, disagreement] } };
}

/**
 * Whether the steps show that this text was built: each line that runs or copies, in stages that were built, has its
 * step. A text with a line more or less has not, since steps are numbered.
 */
export function isOfGivenText(given: Dockerfile, record: BuildRecord): boolean {
  const { lines } = mapLayers(given, record, null, record.choice);
  const reachable = reachableStages(given, record.choice);
  const own = given.instructions.filter(
    ({ keyword, stage }) => /^(?:RUN|COPY|ADD)$/.test(keyword) && reachable.has(stage ?? -1),
  );
  return own.length > 0 && own.every(({ index }) => lines[index]?.cache !== 'unknown');
}
