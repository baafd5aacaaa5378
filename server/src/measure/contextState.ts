// The build context of one Dockerfile as an editor holds it: walked once, then brought up to date by what changed, and
// hashed where lines take files. Answers what a forecast asks at once from what is at hand; reading goes on behind it.
import * as path from 'node:path';
import { type ForecastInputs, sourceKey } from '../analysis/forecastInputs';
import type { RecordedPart } from '../build/model';
import { type ArchiveFinding, archiveBytes } from '../context/archive';
import { hashedFiles } from '../context/contentKey';
import type { Hashes } from '../context/hashes';
import { rescan, type WalkedContext, type WalkLimits, walkContext } from '../context/walk';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';
import type { CacheHistory } from '../forecast/cacheHistory';
import { type ContextSource, contextSources } from '../forecast/contextSources';
import type { ContextFacts } from '../forecast/takes';
import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { contentsIn, type ReadContent } from './contextContents';
import { sentBefore } from './currentFacts';

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
}

/** Hashing more than this while somebody types would be felt: such lines are left open. */
const mostBytes = 8 * 2 ** 30;
/** Archives that ADD would unpack are read for their sizes up to this many. */
const mostArchives = 20;

interface Known {
  content: ReadContent;
  /** The Dockerfile's text that is in it; null when it does not take the Dockerfile. */
  text: string | null;
}

export class ContextState {
  readonly place: ContextPlace;
  private readonly host: Host;
  private snapshot: WalkedContext | null = null;
  private facts: ContextFacts | null = null;
  private readonly known = new Map<string, Known>();
  private archives = new Map<string, ArchiveFinding>();
  /** The records that `known` was read for: what BuildKit has of the context already. */
  private sentOf: CacheHistory | null = null;
  private sent: ReadonlyMap<string, RecordedPart> = new Map();

  constructor(host: Host, place: ContextPlace) {
    this.host = host;
    this.place = place;
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

  /** Hashes what the lines of this text take and is not known yet; true when something came to be known. */
  async read(question: ContextQuestion, signal: AbortSignal): Promise<boolean> {
    const { snapshot } = this;
    if (!snapshot?.complete) return false;
    this.takeSent(question.history);
    await this.readArchives(snapshot, question, signal);
    // Lines that ask the same are answered by one.
    const distinct = new Map(this.missing(question).map((source) => [sourceKey(source), source]));
    // No line takes more than there is; most contexts are small, and finding what lines take costs a pass for each.
    const isSmall = snapshot.entries.reduce((sum, { size }) => sum + size, 0) <= mostBytes;
    const missing = [...distinct.values()].filter(
      (source) => isSmall || bytesOf(snapshot, source) <= mostBytes,
    );
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
    return this.snapshot?.complete === true && this.missing(question).length > 0;
  }

  inputs({ dockerfile, history, extraArguments }: ContextQuestion): ForecastInputs {
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

  private async readArchives(
    snapshot: WalkedContext,
    { dockerfile, choice }: ContextQuestion,
    signal: AbortSignal,
  ): Promise<void> {
    let found = false;
    for (const instruction of dockerfile.instructions) {
      if (instruction.keyword !== 'ADD') continue;
      const { words } = expandInstructionWords(dockerfile, instruction, choice);
      for (const word of words.slice(0, -1)) {
        const inside = path.posix.normalize(`/${word}`).slice(1);
        const entry = snapshot.find(inside);
        if (entry?.type !== 'file' || this.archives.has(inside) || this.archives.size >= mostArchives)
          continue;
        this.archives.set(inside, await this.readArchive(inside, entry.size, signal));
        found = true;
      }
    }
    // Another object: what is computed from facts is kept by them.
    if (found) this.facts = { snapshot, archives: this.archives };
  }

  private async readArchive(inside: string, size: number, signal: AbortSignal): Promise<ArchiveFinding> {
    if (size > mostBytes) return { kind: 'archive', bytes: null, why: 'it is too large to be looked into' };
    try {
      return await archiveBytes(this.host, path.join(this.place.root, inside), signal);
    } catch (error) {
      if (isCancelled(error) || !(error instanceof StrataError)) throw error;
      return { kind: 'archive', bytes: null, why: 'it cannot be read' };
    }
  }
}

function bytesOf(snapshot: WalkedContext, source: ContextSource): number {
  let bytes = 0;
  for (const { size } of hashedFiles(snapshot, source)) bytes += size;
  return bytes;
}
