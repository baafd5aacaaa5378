// 'Forecast the Next Build': each step with what the next build will do with it and why, as a list; a step leads to its line.
import * as vscode from 'vscode';
import type { ForecastLine } from '../../server/src/protocol';
import { showDockerfile } from './activeDockerfile';
import type { LayerServer } from './layerServer';
import { withoutIcons } from './plainText';
import { readSettings } from './settings';
import { sizeText } from './sizes';

interface LineItem extends vscode.QuickPickItem {
  line: number;
}

export async function showForecast(server: LayerServer, uri: string): Promise<void> {
  const { lines, totals, note } = await server.request('strata/forecast', { uri });
  if (totals === null || lines.length === 0) {
    await vscode.window.showInformationMessage(note);
    return;
  }
  const choice = await vscode.window.showQuickPick(lines.map(lineItem), {
    title: vscode.l10n.t('Strata: {0}', totals),
    placeHolder: note,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (choice) await showDockerfile(vscode.Uri.parse(uri, true), choice.line);
}

const icons: Record<ForecastLine['cache'], string> = {
  cached: 'pass',
  reruns: 'sync',
  depends: 'git-compare',
  unknown: 'question',
};

function lineItem({ line, title, cache, because, bytes }: ForecastLine): LineItem {
  const size = bytes === null ? '' : `~${sizeText(bytes, readSettings().units)}`;
  return {
    line,
    label: `$(${icons[cache]}) ${vscode.l10n.t('line {0}', String(line))}  ${withoutIcons(title)}`,
    description: [cacheWord(cache), size].filter(Boolean).join(' · '),
    detail: because === '' ? undefined : withoutIcons(vscode.l10n.t('because {0}', because)),
  };
}

function cacheWord(cache: ForecastLine['cache']): string {
  switch (cache) {
    case 'cached':
      return vscode.l10n.t('cached');
    case 'reruns':
      return vscode.l10n.t('reruns');
    case 'depends':
      return vscode.l10n.t('depends');
    case 'unknown':
      return vscode.l10n.t('unknown');
  }
}
