// Open Dockerfiles and what is known of each: parsed once per version, analysed once per version and knowledge.
// Holds state only; reading records and images is knowledge.ts, running builds is builds.ts.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { analyzeParsed } from '../analysis/analyze';
import { withBudgets } from '../analysis/budgeted';
import type { ForecastInputs } from '../analysis/forecastInputs';
import { type Knowledge, nothingKnown } from '../analysis/knowledge';
import type { Analysis } from '../analysis/model';
import type { BuildRecord, LineState } from '../build/model';
import type { LiveLine } from '../describe/hint';
import type { BashParser } from '../dockerfile/bash';
import { type BuildChoice, type Dockerfile, defaultChoice, type Instruction } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import { carryForward } from '../mapping/carryForward';
import { type Contents, noContents } from '../measure/contents';
import type { ContextState } from '../measure/contextState';
import { noProjectSettings, type ProjectSettings } from '../measure/projectSettings';
import type { Units } from '../primitives/bytes';
import { sum } from '../primitives/sum';
import { type Budgets, noBudgets } from '../rules/budgets';
import type { Forecaster } from './forecasts';
import { nameOfUri } from './uris';

/** A running build as the hints show it. */
export interface Building {
  abort: AbortController;
  /** The text being built. */
  built: Dockerfile;
  /** By index of the built instruction; `since` is our own clock, ms. */
  lines: Map<number, { state: LineState; since: number; durationMs: number | null }>;
  startedMs: number;
  done: number;
  total: number;
}

export class DocumentState {
  readonly uri: string;
  building: Building | null = null;
  contents: Contents = noContents;
  /** What the repository's strata.yaml asks. */
  project: ProjectSettings = noProjectSettings;
  /** True from the end of a build, or the opening of a record, until the files are indexed. */
  reading = false;
  /** Absolute folder of the context that builds here were given; null for the Dockerfile's own. */
  buildContext: string | null = null;
  /** Keeps the forecast up to date; null until the document is known. */
  forecaster: Forecaster | null = null;
  /** The context as it was last read. */
  context: ContextState | null = null;
  #forecast: (() => ForecastInputs) | null = null;
  #knowledge: Knowledge = nothingKnown;
  #previous: BuildRecord | null = null;
  #platforms: readonly string[] = [];
  /** A failed build newer than what is known, and its text parsed when first asked for. */
  #failed: BuildRecord | null = null;
  #failedText: Dockerfile | null = null;
  #document: TextDocument;
  #parsed: { dockerfile: Dockerfile; version: number } | null = null;
  #analysis: { value: Analysis; version: number; knowledge: Knowledge } | null = null;
  #live: { version: number; building: Building; from: Map<number, number> } | null = null;
  #rulesOff: ReadonlySet<string>;
  #shell: BashParser | null = null;
  #budgets: { limits: Budgets; units: Units } = { limits: noBudgets, units: 'decimal' };

  constructor(document: TextDocument, rulesOff: ReadonlySet<string>) {
    this.#document = document;
    this.uri = document.uri;
    this.#rulesOff = rulesOff;
  }

  get version(): number {
    return this.#document.version;
  }

  get knowledge(): Knowledge {
    return this.#knowledge;
  }

  update(document: TextDocument): void {
    this.#document = document;
  }

  /** What the last build told, the build before it for comparison, and all platforms it was for if they are several. */
  know(knowledge: Knowledge, previous: BuildRecord | null, platforms: readonly string[] = []): void {
    this.#knowledge = knowledge;
    this.#previous = previous;
    this.#platforms = platforms;
  }

  /** Of a build for several: the one that is shown, and all; empty for a build for one. */
  platforms(): { shown: string | null; all: readonly string[] } {
    const all = this.#platforms.length > 1 ? this.#platforms : [];
    return { shown: all.length > 0 ? (this.#knowledge.record?.choice.platform ?? null) : null, all };
  }

  /** @param inputs asked for each text anew */
  setForecast(inputs: () => ForecastInputs, context: ContextState): void {
    this.#forecast = inputs;
    this.context = context;
    this.#analysis = null;
  }

  /** Target, platform and arguments that the next build is taken to have: those of the last one. */
  choice(): BuildChoice {
    return this.#knowledge.record?.choice ?? defaultChoice;
  }

  /** The inputs of the forecast for the text as it stands; null before the context was read. */
  forecastInputs(): ForecastInputs | null {
    return this.#forecast?.() ?? null;
  }

  /** The parser is there: more merges are found with it. */
  setShell(shell: BashParser | null): void {
    this.#shell = shell;
    this.#analysis = null;
  }

  setRulesOff(rulesOff: ReadonlySet<string>): void {
    this.#rulesOff = rulesOff;
    this.#analysis = null;
  }

  /** Rules that the person or the project switched off. */
  get rulesOff(): ReadonlySet<string> {
    return this.#rulesOff;
  }

  setBudgets(limits: Budgets, units: Units): void {
    this.#budgets = { limits, units };
    this.#analysis = null;
  }

  parsed(): { dockerfile: Dockerfile; version: number } {
    if (this.#parsed?.version !== this.#document.version) {
      this.#parsed = {
        dockerfile: parseDockerfile(this.#document.getText()),
        version: this.#document.version,
      };
    }
    return this.#parsed;
  }

  analysis(): Analysis {
    const { dockerfile, version } = this.parsed();
    if (this.#analysis?.version !== version || this.#analysis.knowledge !== this.#knowledge) {
      const name = nameOfUri(this.uri);
      const forecast = this.forecastInputs();
      const options = { name, rulesOff: this.#rulesOff, forecast, shell: this.#shell };
      const found = analyzeParsed(dockerfile, this.#knowledge, options);
      const { limits, units } = this.#budgets;
      const value = withBudgets(dockerfile, found, limits, units).analysis;
      this.#analysis = { value, version, knowledge: this.#knowledge };
    }
    return this.#analysis.value;
  }

  /** The instruction that covers a 1-based line. */
  instructionAt(line: number): Instruction | null {
    const { instructions } = this.parsed().dockerfile;
    return instructions.find((one) => one.line <= line && line <= one.endLine) ?? null;
  }

  /** What the running build says of an instruction of the current text. */
  liveLine(index: number): LiveLine | null {
    const { building } = this;
    if (!building) return null;
    const { dockerfile, version } = this.parsed();
    if (this.#live?.version !== version || this.#live.building !== building) {
      const from = new Map<number, number>();
      for (const carried of carryForward(building.built, dockerfile)) {
        if (carried.state === 'same' && carried.from !== null) from.set(carried.instruction, carried.from);
      }
      this.#live = { version, building, from };
    }
    const line = building.lines.get(this.#live.from.get(index) ?? -1);
    if (!line) return null;
    const elapsedMs = line.durationMs ?? Math.max(0, Date.now() - line.since);
    return { state: line.state, elapsedMs };
  }

  /** The failing line of the last build, as long as its text still stands. */
  failure(): { instruction: Instruction; message: string; lastLines: string[] } | null {
    const failure = this.#failed?.failure;
    const line = failure?.line ?? null;
    if (!this.#failed || !failure || line === null) return null;
    this.#failedText ??= parseDockerfile(this.#failed.text);
    const built = this.#failedText.instructions.find((one) => one.line <= line && line <= one.endLine);
    const { dockerfile } = this.parsed();
    const carried =
      built && carryForward(this.#failedText, dockerfile).find((one) => one.from === built.index);
    const instruction = carried?.state === 'same' ? dockerfile.instructions[carried.instruction] : undefined;
    return instruction ? { instruction, message: failure.message, lastLines: failure.lastLines } : null;
  }

  /** A failed build keeps what was measured before; it only adds the failing line. Null clears it. */
  setFailed(record: BuildRecord | null): void {
    this.#failed = record;
    this.#failedText = null;
  }

  /** Image size now less the image size of the build before, bytes; null when one of them is unknown. */
  changeBytes(): number | null {
    const now = this.analysis().totals.unpackedBytes;
    const before = this.#previous?.image;
    const earlier = before ? sum(before.layers.map((layer) => layer.unpackedBytes)) : null;
    return now === null || earlier === null || this.analysis().image === null ? null : now - earlier;
  }
}
