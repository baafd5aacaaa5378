// Keeps the forecast of each open Dockerfile up to date while a person types: the context is read when a Dockerfile opens,
// again where files changed, and hashed where a new line takes new files. Typing never waits for any of it.
import path from 'node:path';
import { pastBuilds } from '../analysis/pastBuilds';
import type { BuildRecord } from '../build/model';
import { createHashes, type Hashes } from '../context/hashes';
import { type CacheHistory, cacheHistory } from '../forecast/cacheHistory';
import { recordedContext } from '../measure/buildPlan';
import { type ContextQuestion, ContextState } from '../measure/contextState';
import { isCancelled } from '../primitives/errors';
import type { DocumentState } from './documents';
import { describeError } from './guard';
import { filePath } from './knowledge';
import type { Session } from './session';
import { pathOfUri } from './uris';
import type { WatchedFolders } from './watchedFolders';

/** Files change in bursts; a person types in bursts. */
const settleMs = 250;
/** Of a context with this many entries, each look at what `COPY . .` takes costs as long as a keystroke may not. */
const manyEntries = 20_000;
const settleManyMs = 2_000;

const hashesOf = new WeakMap<Session, Hashes>();

/** Digests of files are shared by all Dockerfiles, and kept where records are. */
export function sessionHashes(session: Session): Hashes {
  let hashes = hashesOf.get(session);
  if (!hashes) {
    const { host, stores } = session;
    hashes = createHashes(host, stores ? { file: path.join(stores.images, 'digests') } : {});
    hashesOf.set(session, hashes);
  }
  return hashes;
}

export class Forecaster {
  private readonly session: Session;
  private readonly document: DocumentState;
  private readonly folders: WatchedFolders;
  private readonly abort = new AbortController();
  private context: ContextState | null = null;
  private history: CacheHistory;
  private readonly changed = new Set<string>();
  private walkAgain = true;
  private timer: NodeJS.Timeout | undefined;
  private working = false;

  constructor(session: Session, document: DocumentState, folders: WatchedFolders) {
    this.session = session;
    this.document = document;
    this.folders = folders;
    this.history = cacheHistory([]);
  }

  /** Folder of the context; null for a Dockerfile that is nowhere on disk. */
  get root(): string | null {
    const file = filePath(this.document);
    return file === null
      ? null
      : (this.document.buildContext ?? recordedContext(file, this.document.knowledge.record));
  }

  /** Builds are known, or another one is. */
  setRecords(records: readonly BuildRecord[]): void {
    this.history = cacheHistory(pastBuilds(records));
    this.refresh();
  }

  /** Reads the whole context again. */
  refresh(): void {
    this.walkAgain = true;
    this.soon();
  }

  /** Some files were written, made or removed; URIs. */
  filesChanged(uris: readonly string[]): void {
    const { root } = this;
    if (root === null) return;
    for (const uri of uris) {
      const file = pathOfUri(uri);
      if (file === null) continue;
      if (file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep))
        this.changed.add(file);
      // An ignore file may stand beside a Dockerfile that is not in the context.
      else if (file.endsWith('.dockerignore')) this.walkAgain = true;
    }
    if (this.changed.size > 0 || this.walkAgain) this.soon();
  }

  /** The text changed: what it asks of the context may be new. */
  edited(): void {
    if (!this.context?.isMissing(this.question())) return;
    this.soon((this.context.walked?.entries.length ?? 0) > manyEntries ? settleManyMs : settleMs);
  }

  /** The person changed settings: what was off may be on. */
  settingsChanged(): void {
    if (this.context === null) this.refresh();
  }

  close(): void {
    clearTimeout(this.timer);
    this.abort.abort();
    this.folders.follow(this, null);
  }

  private question(): ContextQuestion {
    const { knowledge } = this.document;
    return {
      dockerfile: this.document.parsed().dockerfile,
      choice: this.document.choice(),
      history: this.history,
      extraArguments: knowledge.record?.cache?.extraArguments ?? this.session.settings.build.extraArguments,
    };
  }

  private soon(afterMs = settleMs): void {
    if (!this.session.settings.forecast.enabled || this.abort.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.work(), afterMs);
  }

  private async work(): Promise<void> {
    if (this.working) return this.soon();
    this.working = true;
    try {
      await this.update();
    } catch (error) {
      if (!isCancelled(error) && !this.abort.signal.aborted)
        this.session.connection.console.error(`forecast: ${describeError(error)}`);
    } finally {
      this.working = false;
    }
  }

  private async update(): Promise<void> {
    const { session, document, root } = this;
    const { signal } = this.abort;
    const file = filePath(document);
    if (file === null || root === null || signal.aborted) return;
    // A build with another context moves it.
    this.folders.follow(this, root);
    if (this.context?.place.root !== root) {
      this.context = new ContextState(session.host, {
        file,
        root,
        hashes: sessionHashes(session),
        store: session.stores?.indexes ?? null,
      });
      this.walkAgain = true;
    }
    const { context } = this;
    const changed = [...this.changed];
    this.changed.clear();
    const isOld = this.walkAgain || changed.length > 0;
    if (this.walkAgain) {
      this.walkAgain = false;
      await context.walk(this.history.rules, signal);
    } else if (changed.length > 0) await context.update(changed, signal);
    // An edit alone was analysed when it was typed.
    if (isOld) this.show(context);
    if (await context.read(this.question(), signal)) {
      this.show(context);
      await sessionHashes(session).save();
    }
  }

  /** The inputs ask for the question of each text anew, so they are handed over as a function. */
  private show(context: ContextState): void {
    this.document.setForecast(() => context.inputs(this.question()), context);
    this.session.changed(this.document);
  }
}
