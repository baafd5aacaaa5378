// The inputs of a forecast for one look at a Dockerfile, as a command takes it: the context is read once, with bounds.
import type { ForecastInputs } from '../analysis/forecastInputs';
import { pastBuilds } from '../analysis/pastBuilds';
import type { BuildRecord } from '../build/model';
import { createHashes } from '../context/hashes';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { cacheHistory } from '../forecast/cacheHistory';
import type { IndexStore } from '../layers/store';
import type { Host } from '../primitives/host';
import { ContextState } from './contextState';

export interface ForecastAsked {
  dockerfile: Dockerfile;
  /** Absolute path of the Dockerfile. */
  file: string;
  /** Absolute folder of the context. */
  context: string;
  choice: BuildChoice;
  records: readonly BuildRecord[];
  /** Words that the builder will be given beside Strata's own; default: those of the last record. */
  extraArguments?: readonly string[];
  /** ms that reading the context may take; default: 20 s, which is more than somebody waits who did not ask for it. */
  ms?: number;
  /** The kept indexes of layers; without it nothing is known of the files of stages. */
  store?: IndexStore | null;
  signal: AbortSignal;
}

const longestMs = 20_000;

/** @throws StrataError 'cancelled' */
export async function forecastNow(host: Host, asked: ForecastAsked): Promise<ForecastInputs> {
  const { dockerfile, file, context, choice, records, ms = longestMs, store, signal } = asked;
  const history = cacheHistory(pastBuilds(records));
  const state = new ContextState(host, { file, root: context, hashes: createHashes(host), store });
  const extraArguments = asked.extraArguments ?? records[0]?.cache?.extraArguments ?? [];
  const question = { dockerfile, choice, history, extraArguments };
  await state.walk(history.rules, signal, { ms });
  await state.read(question, signal);
  return state.inputs(question);
}
