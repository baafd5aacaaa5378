// What the forecast of the next build goes by beside the text: the recorded builds and what the context holds now. Held
// while a person types; the questions that the text asks of it are found anew for each text.
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { forecastCache, type LineForecast } from '../forecast/cache';
import type { KnownContent } from '../forecast/cacheGraph';
import type { CacheHistory } from '../forecast/cacheHistory';
import { type ContextSource, contextSources } from '../forecast/contextSources';
import type { ContextFacts } from '../forecast/takes';

export interface ForecastInputs {
  history: CacheHistory;
  /** What lines of such a question take from the context now; null when that has not been read. */
  contentOf(source: ContextSource): KnownContent | null;
  /** The files of the context, for sizes; null when they were not looked at. */
  files: ContextFacts | null;
  /** Words that the builder will be given beside Strata's own. */
  extraArguments: readonly string[];
}

/** By instruction index; null for those that the cache cannot hold. */
export function forecastLines(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  { history, contentOf, extraArguments }: ForecastInputs,
  noCache = false,
): (LineForecast | null)[] {
  let sources: Map<number, ContextSource> | null = null;
  return forecastCache(dockerfile, choice, history, {
    contentOf(instruction) {
      sources ??= new Map(
        contextSources(dockerfile, choice, extraArguments, history.rules).map((one) => [
          one.instruction,
          one,
        ]),
      );
      const source = sources.get(instruction);
      return source ? contentOf(source) : null;
    },
    extraArguments,
    noCache,
  });
}

/** Equal for lines that ask the same of the context. */
export function sourceKey({ selectors }: ContextSource): string {
  return JSON.stringify(selectors);
}
