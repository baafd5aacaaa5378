// 'Show What COPY Takes': the files that the line at the cursor takes from the build context, largest first, and what the
// ignore file keeps out. A file that is picked opens.
import * as vscode from 'vscode';
import type { TakenResult } from '../../server/src/protocol';
import type { LayerServer } from './layerServer';
import { plainMessage, withoutIcons } from './plainText';
import { readSettings } from './settings';
import { sizeText } from './sizes';

interface FileItem extends vscode.QuickPickItem {
  path?: string;
}

export async function showTaken(server: LayerServer, uri: string, line: number | null): Promise<void> {
  const taken = await server.request('strata/taken', { uri, line: line ?? 1 });
  if (taken.entries.length === 0) {
    const none = vscode.l10n.t('This line takes no files from the build context.');
    await vscode.window.showInformationMessage(plainMessage(taken.why || none));
    return;
  }
  const choice = await vscode.window.showQuickPick(fileItems(taken), {
    title: taken.title ?? vscode.l10n.t('The whole build context'),
    placeHolder: summary(taken),
    matchOnDescription: true,
  });
  if (choice?.path === undefined || taken.root === null) return;
  await vscode.window.showTextDocument(vscode.Uri.joinPath(vscode.Uri.file(taken.root), choice.path));
}

/** `1,204 files, 41.2 MB · .dockerignore keeps out 300 files, 120 MB`. */
function summary({ files, bytes, ignored, why }: TakenResult): string {
  const { units } = readSettings();
  const count = (number: number) => number.toLocaleString(vscode.env.language);
  const size = bytes === null ? '' : `, ${sizeText(bytes, units)}`;
  const parts = [vscode.l10n.t('{0} files{1}', count(files), size)];
  if (ignored.files + ignored.folders > 0) {
    const kept = sizeText(ignored.bytes, units);
    parts.push(
      ignored.folders > 0
        ? vscode.l10n.t(
            'the ignore file keeps out {0} files, {1}, and {2} folders that were not entered',
            count(ignored.files),
            kept,
            count(ignored.folders),
          )
        : vscode.l10n.t('the ignore file keeps out {0} files, {1}', count(ignored.files), kept),
    );
  } else if (ignored.file === null) parts.push(vscode.l10n.t('no ignore file'));
  return [...parts, why].filter(Boolean).join(' · ');
}

function fileItems({ entries, files }: TakenResult): FileItem[] {
  const { units } = readSettings();
  const items = entries.map(
    ({ path, bytes }): FileItem => ({ label: withoutIcons(path), description: sizeText(bytes, units), path }),
  );
  if (files <= entries.length) return items;
  const more = vscode.l10n.t(
    'and {0} smaller ones',
    (files - entries.length).toLocaleString(vscode.env.language),
  );
  return [...items, { label: more, kind: vscode.QuickPickItemKind.Separator }];
}
