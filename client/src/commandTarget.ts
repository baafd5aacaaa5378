// What a command was asked to act on: the arguments of a lens or a link (protocol `commands`), a row of the tree, a
// menu's URI, or nothing but the Dockerfile and cursor in front. Links carry what anybody wrote: nothing is believed.
import * as vscode from 'vscode';
import type { ActiveDockerfile } from './activeDockerfile';

export interface CommandTarget {
  /** Of the Dockerfile. */
  uri: string;
  /** 1-based; null when no line is meant. */
  line: number | null;
  /** Layer index in the image; goes before the line. */
  layer: number | null;
}

/** Null when no Dockerfile is meant. */
export function commandTarget(
  [first, second]: readonly unknown[],
  dockerfile: ActiveDockerfile,
): CommandTarget | null {
  if (typeof first === 'string') return { uri: first, line: null, layer: count(second) };
  if (first instanceof vscode.Uri) return inEditor(first.toString());
  if (isTarget(first)) return first;
  return dockerfile.uri === null ? null : inEditor(dockerfile.uri);
}

function inEditor(uri: string): CommandTarget {
  const editor = vscode.window.activeTextEditor;
  const line = editor?.document.uri.toString() === uri ? editor.selection.active.line + 1 : null;
  return { uri, line, layer: null };
}

/** A row of the tree. */
function isTarget(value: unknown): value is CommandTarget {
  if (typeof value !== 'object' || value === null) return false;
  const { uri, line, layer } = value as Record<string, unknown>;
  return typeof uri === 'string' && count(line) === line && count(layer) === layer;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
