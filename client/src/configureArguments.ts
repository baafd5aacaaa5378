// The last step of 'Configure Build…': build arguments beside those that are declared, one at a time until the person is
// done. They are stored in the workspace and in records of builds: a secret does not belong here, and the step says so.
import * as vscode from 'vscode';
import { withoutIcons } from './plainText';

interface ArgumentItem extends vscode.QuickPickItem {
  name?: string;
  done?: boolean;
}

/**
 * @param named names that the Dockerfile or the project has
 * @returns null when the person gave up
 */
export async function editBuildArguments(
  heading: string,
  before: Readonly<Record<string, string>>,
  named: readonly string[],
): Promise<Record<string, string> | null> {
  const values = new Map(Object.entries(before));
  for (;;) {
    const picked = await vscode.window.showQuickPick(argumentItems(values, named), {
      title: heading,
      placeHolder: vscode.l10n.t('Build arguments of your own; they are kept, so secrets do not belong here'),
      matchOnDescription: true,
    });
    if (!picked) return null;
    if (picked.done) return Object.fromEntries(values);
    const entry = await askArgument(heading, picked.name ?? null, values);
    if (!entry) continue;
    if (entry.value === '') values.delete(entry.name);
    else values.set(entry.name, entry.value);
  }
}

function argumentItems(values: ReadonlyMap<string, string>, named: readonly string[]): ArgumentItem[] {
  const others = named.filter((name) => !values.has(name));
  return [
    { label: vscode.l10n.t('$(check) Done'), done: true },
    ...[...values].map(([name, value]) => ({ label: `$(edit) ${withoutIcons(`${name}=${value}`)}`, name })),
    ...others.map((name) => ({ label: `$(add) ${withoutIcons(name)}`, name })),
    { label: vscode.l10n.t('$(add) Another argument…') },
  ];
}

async function askArgument(
  heading: string,
  name: string | null,
  values: ReadonlyMap<string, string>,
): Promise<{ name: string; value: string } | null> {
  const typed = await vscode.window.showInputBox({
    title: heading,
    prompt: vscode.l10n.t('NAME=value; an empty value takes it away'),
    value: name === null ? '' : `${name}=${values.get(name) ?? ''}`,
    validateInput: (text) =>
      /^[A-Za-z_][\w.-]*=/.test(text) ? null : vscode.l10n.t('Write NAME=value: VERSION=1.2'),
  });
  if (typed === undefined) return null;
  const at = typed.indexOf('=');
  return { name: typed.slice(0, at), value: typed.slice(at + 1) };
}
