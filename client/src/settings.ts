// Reads the `strata.*` settings into the shape that the protocol names. package.json declares them, the protocol types
// them; this only walks the one by the other.
import * as vscode from 'vscode';
import { defaultSettings, type Settings } from '../../server/src/protocol';

const section = 'strata';
/** Settings whose value is an object or a list as a whole. */
const leaves = new Set(['rules', 'budgets', 'build.extraArguments']);

export function readSettings(): Settings {
  const configuration = vscode.workspace.getConfiguration(section);
  const read = (defaults: object, prefix: string): object =>
    Object.fromEntries(
      Object.entries(defaults).map(([key, value]) => {
        const name = prefix + key;
        const group = typeof value === 'object' && value !== null && !leaves.has(name);
        return [key, group ? read(value, `${name}.`) : configuration.get(name, value)];
      }),
    );
  return read(defaultSettings, '') as Settings;
}

export function changesSettings(event: vscode.ConfigurationChangeEvent): boolean {
  return event.affectsConfiguration(section);
}
