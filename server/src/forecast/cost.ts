// What a forecast costs: time and bytes of the lines that will run, as they were last measured. A line that was never
// measured is counted, not guessed.
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import type { LineForecast } from './cache';
import { predictSize } from './sizes';
import type { ContextFacts } from './takes';

export interface LineCost {
  /** Of the line's layer, unpacked; null when never measured. */
  bytes: number | null;
  /** ms that it took when it last ran; null when that is not known. */
  durationMs: number | null;
}

export interface ForecastTotals {
  cached: number;
  reruns: number;
  depends: number;
  unknown: number;
  /** Of the lines that rerun; null when none of them was measured, and when lines are open and none reruns for certain. */
  bytes: number | null;
  durationMs: number | null;
  /** True when lines may run of which that, or what they cost, is not known: the sums are the least. */
  isPartial: boolean;
}

/**
 * @param measured the line's last layer and duration, by instruction index; null or absent when there is none
 * @param files what COPY and ADD would take now; null when it was not looked at
 */
export function lineCosts(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  measured: readonly (LineCost | null | undefined)[],
  files: ContextFacts | null,
): LineCost[] {
  return dockerfile.instructions.map((instruction) => {
    const size = predictSize(dockerfile, instruction, choice, files);
    const before = measured[instruction.index] ?? { bytes: null, durationMs: null };
    return { bytes: size.certainty === 'exact' ? size.bytes : before.bytes, durationMs: before.durationMs };
  });
}

export function forecastTotals(
  lines: readonly (LineForecast | null)[],
  costs: readonly LineCost[],
): ForecastTotals {
  const told = lines.filter((line) => line !== null);
  const count = (cache: LineForecast['cache']) => told.filter((line) => line.cache === cache).length;
  const rerun = told.filter(({ cache }) => cache === 'reruns').map(({ instruction }) => costs[instruction]!);
  const isOpen = told.some(({ cache }) => cache === 'depends' || cache === 'unknown');
  const sum = (key: keyof LineCost) => {
    const known = rerun.flatMap((cost) => cost[key] ?? []);
    const isNothingKnown = known.length === 0 && (rerun.length > 0 || isOpen);
    return isNothingKnown ? null : known.reduce((total, one) => total + one, 0);
  };
  return {
    cached: count('cached'),
    reruns: count('reruns'),
    depends: count('depends'),
    unknown: count('unknown'),
    bytes: sum('bytes'),
    durationMs: sum('durationMs'),
    isPartial: isOpen || rerun.some(({ bytes, durationMs }) => bytes === null || durationMs === null),
  };
}
