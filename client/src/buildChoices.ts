// What a person chose to build of each Dockerfile, remembered in the workspace. Holds names and build arguments alone:
// what a project declares is looked up by the server at each build, and secrets are never here.
import type * as vscode from 'vscode';
import type { BuildParams, DeclaredRef } from '../../server/src/protocol';

/** Null: as declared, or the builder's own. */
export interface BuildSettings {
  declared: DeclaredRef | null;
  target: string | null;
  platform: string | null;
  buildArgs: Record<string, string>;
}

const key = 'strata.buildSettings';
/** Dockerfiles; the one chosen longest ago goes first. */
const mostRemembered = 200;

export class BuildChoices {
  private readonly memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.memory = memory;
  }

  /** Null when nobody chose yet. */
  of(uri: string): BuildSettings | null {
    return this.all().find(([of]) => of === uri)?.[1] ?? null;
  }

  async remember(uri: string, settings: BuildSettings): Promise<void> {
    const others = this.all().filter(([of]) => of !== uri);
    await this.memory.update(key, [...others, [uri, settings]].slice(-mostRemembered));
  }

  private all(): [string, BuildSettings][] {
    const kept = this.memory.get<unknown>(key, []);
    return Array.isArray(kept) ? (kept as [string, BuildSettings][]) : [];
  }
}

export const nothingChosen: BuildSettings = { declared: null, target: null, platform: null, buildArgs: {} };

export function buildParams(uri: string, settings: BuildSettings): BuildParams {
  return { uri, ...settings, context: null, noCache: false };
}
