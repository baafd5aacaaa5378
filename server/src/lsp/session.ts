// One server process: its world, its settings, its documents, and how it tells the editor that something changed.
import type { Connection } from 'vscode-languageserver/node';
import type { RecordStore } from '../build/records';
import type { Style } from '../describe/style';
import type { Indexer } from '../layers/indexer';
import type { IndexStore } from '../layers/store';
import type { Host } from '../primitives/host';
import { defaultSettings, type InitializationOptions, type Settings } from '../protocol';
import type { DocumentState } from './documents';

/** What main.ts gives the server. */
export interface ServerWorld {
  host: Host;
  indexer: Indexer;
  version: string;
}

export interface Stores {
  records: RecordStore;
  indexes: IndexStore;
  /** Folder in which builders leave images between builds. */
  images: string;
}

export interface Session extends ServerWorld {
  connection: Connection;
  settings: Settings;
  style: Style;
  /** No process is started and no image is opened before the workspace is trusted. */
  trusted: boolean;
  documents: Map<string, DocumentState>;
  /** The platform that a person chose to see of builds for several, by the Dockerfile's URI. */
  shownPlatform: Map<string, string>;
  /** Null: nothing is kept on disk. */
  stores: Stores | null;
  /** Told after anything about a document changed that the editor did not ask for. */
  changed(document: DocumentState): void;
}

/** Settings as the client sent them, with defaults for what is missing or of another type. */
export function readSettings(given: unknown): Settings {
  return merge(defaultSettings, given) as Settings;
}

function merge(standard: unknown, given: unknown): unknown {
  if (Array.isArray(standard)) {
    return Array.isArray(given) && given.every((one) => typeof one === 'string') ? given : standard;
  }
  if (typeof standard !== 'object' || standard === null) {
    return given !== undefined && given !== null && typeof given === typeof standard ? given : standard;
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return standard;
  const result: Record<string, unknown> = { ...(standard as Record<string, unknown>) };
  for (const [key, value] of Object.entries(given)) {
    if (key === '__proto__') continue;
    result[key] = key in result ? merge(result[key], value) : value;
  }
  return result;
}

export function readInitialization(given: unknown): InitializationOptions {
  const options = (
    typeof given === 'object' && given !== null ? given : {}
  ) as Partial<InitializationOptions>;
  return {
    trusted: options.trusted === true,
    storage: typeof options.storage === 'string' ? options.storage : null,
    locale: typeof options.locale === 'string' ? options.locale : 'en',
    l10nUri: typeof options.l10nUri === 'string' ? options.l10nUri : null,
    settings: readSettings(options.settings),
  };
}

/** Rules that a person switched off. */
export function rulesOff(settings: Settings): ReadonlySet<string> {
  return new Set(Object.entries(settings.rules).flatMap(([name, value]) => (value === 'off' ? [name] : [])));
}
