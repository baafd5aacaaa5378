// The image config (OCI image spec, config.md; Docker's is the same with more in it) as the model has it. Tolerant:
// what is missing or wrong is left out and said. That history and layers agree is verify.ts.
import { type Digest, isDigest } from '../primitives/digest';
import type { HistoryEntry, ImageConfig } from './model';

export interface ParsedConfig {
  config: ImageConfig;
  problems: string[];
}

/** Engines stop at 127 layers, and a history has a few entries more; beyond this it is an attack. */
const maxEntries = 10_000;

/** Null when the bytes are no JSON object. */
export function parseImageConfig(bytes: Uint8Array): ParsedConfig | null {
  const json = parseJsonObject(bytes);
  if (!json) return null;
  const problems: string[] = [];
  const run = object(json.config);
  const config: ImageConfig = {
    os: text(json.os) ?? 'linux',
    architecture: text(json.architecture) ?? 'unknown',
    variant: text(json.variant),
    diffIds: diffIdsOf(json, problems),
    history: historyOf(json, problems),
    workingDir: text(run?.WorkingDir) ?? '',
    user: text(run?.User) ?? '',
    env: texts(run?.Env),
    onBuild: texts(run?.OnBuild),
  };
  if (text(json.architecture) === null) problems.push('The image config names no architecture.');
  return { config, problems };
}

/** A JSON object; null for anything else. */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | null {
  return object(parseJson(bytes));
}

/** Undefined when it is no JSON. A byte order mark is no part of it. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8').decode(bytes));
  } catch {
    return undefined;
  }
}

export function object(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return array(value).filter((item): item is string => typeof item === 'string');
}

function diffIdsOf(json: Record<string, unknown>, problems: string[]): Digest[] {
  const all = array(object(json.rootfs)?.diff_ids);
  const listed = all.slice(0, maxEntries);
  if (all.length > maxEntries) problems.push(tooMany('layers', all.length));
  const diffIds = listed.filter(isDigest);
  if (diffIds.length < listed.length) {
    // With one left out, all above it would be taken for another layer.
    problems.push('The image config has a DiffID that is no sha256 digest; no layer can be told.');
    return [];
  }
  return diffIds;
}

function historyOf(json: Record<string, unknown>, problems: string[]): HistoryEntry[] {
  const all = array(json.history);
  const listed = all.slice(0, maxEntries);
  if (all.length > maxEntries) problems.push(tooMany('history entries', all.length));
  const entries = listed.map((value): HistoryEntry => {
    const entry = object(value) ?? {};
    return {
      createdBy: text(entry.created_by) ?? '',
      comment: text(entry.comment) ?? '',
      emptyLayer: entry.empty_layer === true,
      created: text(entry.created),
    };
  });
  if (listed.some((value) => object(value) === null))
    problems.push('The history has entries that are no objects.');
  return entries;
}

function tooMany(what: string, count: number): string {
  return `The image config lists ${count} ${what}; only the first ${maxEntries} were read.`;
}
