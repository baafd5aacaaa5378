// A build as rules see it, from literals: the text, and for each line that made a layer what is in it. The image is
// measured by the real code; which line wrote which layer is given, so that a rule's test is about the rule.
import { ruleContext } from '../../server/src/analysis/ruleContext';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import type { MeasuredImage } from '../../server/src/image/model';
import { openImage } from '../../server/src/image/open';
import { measureImage } from '../../server/src/layers/measureImage';
import { carryForward } from '../../server/src/mapping/carryForward';
import type { LineFacts } from '../../server/src/mapping/model';
import { type Finding, type RuleContext, runRules } from '../../server/src/rules/rule';
import { imageHost, type LayerCompression, type LayerLiteral } from './imageFixture';

export interface BuildLiteral {
  text: string;
  /** Layers of the FROM image. */
  base?: LayerLiteral[];
  /** By 1-based line. */
  layers?: Record<number, LayerLiteral>;
  /** The text as it is edited since. */
  edited?: string;
  /** ms by line that ran; lines without one came from the cache. */
  ran?: Record<number, number>;
  compression?: LayerCompression;
}

/** Measures the image of layers, oldest first. */
export async function measureLiteral(
  layers: LayerLiteral[],
  compression: LayerCompression = 'none',
): Promise<MeasuredImage> {
  const { host, reference } = await imageHost({ layers }, 'oci', compression);
  const image = await openImage(host, reference);
  try {
    return (await measureImage(host, image, { findings: true })).measured;
  } finally {
    await image.close();
  }
}

export async function measuredBuild(build: BuildLiteral): Promise<RuleContext> {
  const { text, base = [], layers = {}, edited = text, ran = {}, compression } = build;
  const built = parseDockerfile(text);
  const dockerfile = parseDockerfile(edited);
  const lines = Object.keys(layers).map(Number);
  const all = [...base, ...lines.map((line) => layers[line]!)];
  const image = all.length > 0 ? await measureLiteral(all, compression) : null;
  const mapping = {
    lines: built.instructions.map(({ index, line }): LineFacts => {
      const own = lines.indexOf(line);
      return {
        instruction: index,
        layers: own < 0 ? [] : [base.length + own],
        evidence: 'steps',
        why: null,
        cache: ran[line] === undefined ? 'hit' : 'miss',
        durationMs: ran[line] ?? 0,
        error: null,
      };
    }),
    baseLayers: base.map((_, i) => i),
    unmapped: [],
    disagreements: [],
  };
  const knowledge = { record: null, image, built, mapping, rules: 'buildkit' as const };
  return ruleContext(dockerfile, defaultChoice, knowledge, carryForward(built, dockerfile));
}

/** Findings of one rule. */
export async function findingsOf(rule: string, build: BuildLiteral): Promise<Finding[]> {
  return runRules(await measuredBuild(build)).filter((finding) => finding.rule === rule);
}

/** `4: message`, and below it `  6: what that line does` and `  fix: title (effect)`. */
export async function drawRule(rule: string, build: BuildLiteral): Promise<string[]> {
  return (await findingsOf(rule, build)).flatMap(({ line, message, related = [], fixes }) => [
    `${line}: ${message}`,
    ...related.map((one) => `  ${one.line}: ${one.message}`),
    ...fixes.map(({ title, effect }) => `  fix: ${title} (${effect})`),
  ]);
}

/** A file of so many bytes, different for each seed. */
export function noise(bytes: number, seed = 1): Uint8Array {
  const content = new Uint8Array(bytes);
  let state = seed;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    content[i] = state >>> 24;
  }
  return content;
}
