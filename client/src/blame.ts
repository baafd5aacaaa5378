// 'Which Line Put This File Here?…': a path is picked from all that the layers ever held, and its history shows line by
// line: who added it, changed it, hid it, deleted it, with bytes. A step leads to its line.
import * as vscode from 'vscode';
import type { BlameStep, StateRef } from '../../server/src/protocol';
import { showDockerfile } from './activeDockerfile';
import type { LayerServer } from './layerServer';
import { plainMessage, withoutIcons } from './plainText';
import { readSettings } from './settings';
import { shownState } from './shownState';
import { sizeText } from './sizes';

const mostPaths = 100;
const typingMs = 120;

interface PathItem extends vscode.QuickPickItem {
  path: string;
}

interface StepItem extends vscode.QuickPickItem {
  step: BlameStep;
}

/** @param path asked for when it is null */
export async function blamePath(server: LayerServer, uri: string, path: string | null): Promise<void> {
  const state = await shownState(server, uri);
  if (!state) {
    const none = vscode.l10n.t('There are no layers to show yet: this Dockerfile has not been built.');
    await vscode.window.showInformationMessage(none);
    return;
  }
  const chosen = path ?? (await pickPath(server, uri, state));
  if (chosen !== null) await showHistory(server, uri, state, chosen);
}

/** A quick pick whose items come from the server as a person types; null when they give up. */
function pickPath(server: LayerServer, uri: string, state: StateRef): Promise<string | null> {
  const pick = vscode.window.createQuickPick<PathItem>();
  pick.title = vscode.l10n.t('Strata: Which Line Put This File Here?');
  pick.placeholder = vscode.l10n.t(
    'A file or folder of the image: a part of its name, or of its path with slashes',
  );
  // What the server found need not match as VS Code would match it.
  const always = (path: string): PathItem => ({ label: withoutIcons(`/${path}`), alwaysShow: true, path });
  let timer: NodeJS.Timeout | undefined;
  let asked = 0;
  const ask = async (text: string): Promise<void> => {
    const ask = ++asked;
    pick.busy = true;
    try {
      const found = await server.request('strata/paths', { uri, state, text, limit: mostPaths });
      if (ask === asked) pick.items = found.map(always);
    } catch {
      if (ask === asked) pick.items = [];
    } finally {
      if (ask === asked) pick.busy = false;
    }
  };
  return new Promise((resolve) => {
    pick.onDidChangeValue((text) => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(text), typingMs);
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.path ?? null);
      pick.hide();
    });
    pick.onDidHide(() => {
      clearTimeout(timer);
      resolve(null);
      pick.dispose();
    });
    pick.show();
    void ask('');
  });
}

async function showHistory(server: LayerServer, uri: string, state: StateRef, path: string): Promise<void> {
  const { history } = await server.request('strata/blame', { uri, state, path });
  if (history.length === 0) {
    const none = vscode.l10n.t('No layer of this image ever had /{0}.', path);
    await vscode.window.showInformationMessage(plainMessage(none));
    return;
  }
  // The newest first: the last word on the file is what people ask for.
  const items = history.map(stepItem).reverse();
  const choice = await vscode.window.showQuickPick(items, {
    title: `/${path}`,
    placeHolder: vscode.l10n.t('Its history, the newest step first; a step leads to its line'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (choice?.step.line) await showDockerfile(vscode.Uri.parse(uri, true), choice.step.line);
}

const icons: Record<BlameStep['action'], string> = {
  added: 'diff-added',
  modified: 'diff-modified',
  deleted: 'diff-removed',
  hidden: 'eye-closed',
};

function stepItem(step: BlameStep): StepItem {
  const size = sizeText(step.bytes, readSettings().units);
  const where = step.line === null ? '' : vscode.l10n.t('line {0}', String(step.line));
  return {
    label: `$(${icons[step.action]}) ${actionText(step.action)}`,
    description: [where, size].filter(Boolean).join(' · '),
    detail: withoutIcons(step.title),
    step,
  };
}

function actionText(action: BlameStep['action']): string {
  switch (action) {
    case 'added':
      return vscode.l10n.t('added');
    case 'modified':
      return vscode.l10n.t('changed');
    case 'deleted':
      return vscode.l10n.t('deleted (whiteout)');
    case 'hidden':
      return vscode.l10n.t('hidden: a folder above it was replaced');
  }
}
