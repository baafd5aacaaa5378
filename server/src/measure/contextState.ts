// The build context of one Dockerfile as an editor holds it: walked once, then brought up to date by what changed, and
// hashed where lines take files. Answers what a forecast asks at once from what is at hand; reading goes on behind it.
import * as path from 'node:path';
import { type ForecastInputs, forecastLines, sourceKey } from '../analysis/forecastInputs';
import type { RecordedPart } from '../build/model';
import type { Hashes } from '../context/hashes';
import { rescan, type WalkedContext, type WalkLimits, walkContext } from '../context/walk';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import type { CacheHistory } from '../forecast/cacheHistory';
import { type ContextSource, contextSources } from '../forecast/contextSources';
import type { ContextFacts } from '../forecast/takes';
import type { IndexStore } from '../layers/store';
import type { Host } from '../primitives/host';
import { readAddedArchives } from './addedArchives';
import { contentsIn, type ReadContent } from './contextContents';
import { sentBefore } from './sentBefore';
import { hasTrees, StageFiles, type StagesAsked } from './stageFiles';

export interface ContextQuestion {
  dockerfile: Dockerfile;
  choice: BuildChoice;
  history: CacheHistory;
  extraArguments: readonly string[];
}

export interface ContextPlace {
  /** Absolute path of the Dockerfile. */
  file: string;
  /** Absolute folder. */
  root: string;
  hashes: Hashes;
  /** The kept indexes of layers, for what is copied from stages and images; without it their files are not known. */
  store?: IndexStore | null;
}

const noFacts: ContextFacts = { snapshot: null, archives: new Map() };

interface Known {
  content: ReadContent;
  /** The Dockerfile's text that is in it; null when it does not take the Dockerfile. */
  text: string | null;
}

export class ContextState {
  readonly place: ContextPlace;
  private readonly host: Host;
  private readonly stages: StageFiles;
  private snapshot: WalkedContext | null = null;
  private facts: ContextFacts | null = null;
  private readonly known = new Map<string, Known>();
  private archives: ContextFacts['archives'] = new Map();
  /** The records that `known` was read for: what BuildKit has of the context already. */
  private sentOf: CacheHistory | null = null;
  private sent: ReadonlyMap<string, RecordedPart> = new Map();

  constructor(host: Host, place: ContextPlace) {
    this.host = host;
    this.place = place;
    this.stages = new StageFiles(place.store ?? null);
  }

  /** What is wrong with the context, for a person. */
  get problems(): readonly string[] {
    return this.snapshot?.problems ?? [];
  }

  get walked(): WalkedContext | null {
    return this.snapshot;
  }

  /** Reads the whole context. @throws StrataError 'cancelled' */
  async walk(rules: CacheHistory['rules'], signal: AbortSignal, limits?: WalkLimits): Promise<void> {
    const { file, root } = this.place;
    const previous = this.snapshot ?? undefined;
    this.take(await walkContext(this.host, { root, dockerfile: file, rules, previous, signal, limits }));
  }

  /** Reads again where something changed; paths are absolute. @throws StrataError 'cancelled' */
  async update(changed: Iterable<string>, signal: AbortSignal): Promise<void> {
    const { root } = this.place;
    if (!this.snapshot) return;
    const inside = [...changed].flatMap((one) => {
      const relative = path.relative(root, one).replaceAll('\\', '/');
      return relative === '' || relative.startsWith('../') || path.isAbsolute(relative) ? [] : [relative];
    });
    if (inside.length > 0) this.take(await rescan(this.host, this.snapshot, inside, signal));
  }

  /** Reads what the lines of this text take and is not known yet; true when something came to be known. */
  async read(question: ContextQuestion, signal: AbortSignal): Promise<boolean> {
    const isNews = await this.readContext(question, signal);
    // What the context holds decides which lines come from the cache.
    const asked = this.stagesAsked(question);
    return (asked !== null && (await this.stages.read(asked, signal))) || isNews;
  }

  private async readContext(question: ContextQuestion, signal: AbortSignal): Promise<boolean> {
    const { snapshot } = this;
    if (!snapshot?.complete) return false;
    this.takeSent(question.history);
    const archives = await readAddedArchives(this.host, snapshot, question, this.archives, signal);
    // Other objects: what is computed from facts is kept by them.
    if (archives !== this.archives && snapshot === this.snapshot) {
      this.archives = archives;
      this.facts = { snapshot, archives };
    }
    // Lines that ask the same are answered by one.
    const distinct = new Map(this.missing(question).map((source) => [sourceKey(source), source]));
    const missing = [...distinct.values()];
    if (missing.length === 0) return false;
    const { hashes, file, root } = this.place;
    const own = path.relative(root, file).replaceAll('\\', '/');
    const { text } = question.dockerfile;
    const texts = new Map([[own, text]]);
    const read = await contentsIn(snapshot, missing, { hashes, sent: this.sent, texts, signal });
    if (snapshot !== this.snapshot) return false;
    const byInstruction = new Map(read.map((content) => [content.instruction, content]));
    for (const source of missing) {
      const content = byInstruction.get(source.instruction);
      if (!content) continue;
      const takesOwn = content.parts === null || content.parts.some(({ from }) => from === own);
      this.known.set(sourceKey(source), { content, text: takesOwn ? text : null });
    }
    return read.length > 0;
  }

  /** Whether `read` has something to do for this text. */
  isMissing(question: ContextQuestion): boolean {
    if (this.snapshot?.complete === true && this.missing(question).length > 0) return true;
    const asked = this.stagesAsked(question);
    return asked !== null && this.stages.isMissing(asked);
  }

  inputs(question: ContextQuestion): ForecastInputs {
    const asked = this.stagesAsked(question);
    const files = asked ? { ...(this.facts ?? noFacts), ...this.stages.facts(asked) } : this.facts;
    return { ...this.plainInputs(question), files };
  }

  private plainInputs({ dockerfile, history, extraArguments }: ContextQuestion): ForecastInputs {
    return {
      history,
      files: this.facts,
      extraArguments,
      contentOf: (source) => {
        const known = this.known.get(sourceKey(source));
        return known && (known.text === null || known.text === dockerfile.text) ? known.content : null;
      },
    };
  }

  /** Null when no line copies from a stage or an image, or no layers are kept. */
  private stagesAsked(question: ContextQuestion): StagesAsked | null {
    const { dockerfile, choice, history, extraArguments } = question;
    if (!this.place.store || history.builds === 0 || !hasTrees(dockerfile)) return null;
    const lines = forecastLines(dockerfile, choice, this.plainInputs(question));
    return { dockerfile, choice, lines, extraArguments, history };
  }

  private missing({ dockerfile, choice, history, extraArguments }: ContextQuestion): ContextSource[] {
    // Without a build there is no cache that the contents could be compared with.
    if (history.builds === 0) return [];
    return contextSources(dockerfile, choice, extraArguments, history.rules).filter((source) => {
      const known = this.known.get(sourceKey(source));
      return !known || (known.text !== null && known.text !== dockerfile.text);
    });
  }

  private take(snapshot: WalkedContext): void {
    this.snapshot = snapshot;
    this.known.clear();
    this.archives = new Map();
    this.facts = { snapshot, archives: this.archives };
  }

  private takeSent(history: CacheHistory): void {
    if (this.sentOf === history) return;
    this.sentOf = history;
    this.sent = sentBefore(history);
    this.known.clear();
  }
}
