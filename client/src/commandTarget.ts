// What a command was asked to act on: the argument of a lens or a hover, a row of the tree, a menu's URI, or nothing
// but the Dockerfile and cursor in front. Commands come from links too, so nothing about the argument is believed.
import * as vscode from 'vscode';
import type { CommandTarget } from '../../server/src/protocol';
import type { ActiveDockerfile } from './activeDockerfile';

/** Null when no Dockerfile is meant. */
export function commandTarget(argument: unknown, dockerfile: ActiveDockerfile): CommandTarget | null {
  if (argument instanceof vscode.Uri) {
    const editor = vscode.window.activeTextEditor;
    const uri = argument.toString();
    return editor?.document.uri.toString() === uri ? { uri, line: cursorLine(editor) } : { uri };
  }
  if (typeof argument === 'object' && argument !== null && 'uri' in argument) {
    const { uri } = argument;
    if (typeof uri === 'string') {
      const { line, layer, target } = argument as Record<string, unknown>;
      return {
        uri,
        line: count(line),
        layer: count(layer),
        target: typeof target === 'string' ? target : null,
      };
    }
  }
  const { uri, editor } = dockerfile;
  if (uri === null) return null;
  return editor ? { uri, line: cursorLine(editor) } : { uri };
}

function cursorLine(editor: vscode.TextEditor): number {
  return editor.selection.active.line + 1;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
