// The commands: which exist, and what each does with the target it was given. Titles and where they appear stand in
// package.json.
import * as vscode from 'vscode';
import { fixKind, layerDiff, commands as named } from '../../server/src/protocol';
import { type ActiveDockerfile, isDockerfile, showDockerfile } from './activeDockerfile';
import { blamePath } from './blame';
import type { BuildChoices } from './buildChoices';
import { chooseBuilder } from './builders';
import type { Builds } from './builds';
import type { BuildRow, BuildsView } from './buildsView';
import { type CommandTarget, commandTarget } from './commandTarget';
import { compareStates } from './compare';
import { configureBuild } from './configureBuild';
import { showContainer } from './containers';
import type { DiffPanel } from './diffPanel';
import { showForecast } from './forecast';
import type { HeatMap } from './heatMap';
import type { ImagePanel } from './imagePanel';
import type { ImagesView } from './imagesView';
import { importBuild } from './importBuild';
import type { LayerFiles } from './layerFiles';
import { isNodeRow, type MoreRow, type NodeRow } from './layerRow';
import type { LayerServer } from './layerServer';
import type { LayersView } from './layersView';
import { aboutLayer, compareLayerFile, type LayerFile, openLayerFile } from './openLayerFile';
import { plainMessage, withoutIcons } from './plainText';
import { choosePlatform } from './platforms';
import { compareRows, copyIdentity, copyPath, openAsFolder, saveFile } from './rowCommands';
import { saveLayerFile } from './saveLayerFile';
import { shownFileOf, shownScheme } from './shownFiles';
import { showTaken } from './taken';

export interface Parts {
  server: LayerServer;
  log: vscode.LogOutputChannel;
  dockerfile: ActiveDockerfile;
  choices: BuildChoices;
  builds: Builds;
  files: LayerFiles;
  panel: DiffPanel;
  view: LayersView;
  recorded: BuildsView;
  images: ImagesView;
  heatMap: HeatMap;
  picture: ImagePanel;
}

export function registerCommands(parts: Parts): vscode.Disposable {
  const { server, log, dockerfile, builds, files, panel, view } = parts;
  /** For commands about a Dockerfile: nothing happens, with a message, when there is none. */
  const about =
    (act: (target: CommandTarget) => unknown) =>
    async (...given: unknown[]) => {
      const target = commandTarget(given, dockerfile);
      if (target) return await act(target);
      return await vscode.window.showInformationMessage(vscode.l10n.t('Open a Dockerfile first.'));
    };
  /** For commands about a row of the tree: what was given, else the one that is selected. */
  const onRow = (act: (row: NodeRow) => unknown) => (given: unknown) => {
    const row = [given, view.selection[0]].find(isNodeRow);
    return row && act(row);
  };
  const handlers: Record<string, (...given: never[]) => unknown> = {
    [named.build]: about((target) => builds.build(target)),
    [named.cancelBuild]: about((target) => builds.cancel(target.uri)),
    [named.showDiff]: about((target) => showLayerDiff(parts, target)),
    'strata.exportDiff': () => panel.export(),
    'strata.compare': about((target) => compareStates(server, panel, target.uri)),
    'strata.showContainer': about((target) => showContainer(server, panel, target.uri)),
    [named.showTree]: about((target) => showInTree(parts, target)),
    [named.showLog]: () => log.show(),
    'strata.configureBuild': about((target) => configure(parts, target)),
    [named.choosePlatform]: about((target) => choosePlatform(server, target.uri)),
    'strata.importBuild': about((target) => importBuild(server, target.uri)),
    'strata.chooseBuilder': () => chooseBuilder(server),
    'strata.clearCache': () => clearCache(server),
    'strata.mergeRuns': () => mergeRuns(),
    'strata.refresh': () => view.tree.refresh(),
    'strata.restartServer': () => server.restart(),
    'strata.revealLine': onRow(({ uri, line }) => showDockerfile(vscode.Uri.parse(uri, true), line)),
    'strata.loadMore': (row?: MoreRow) => (row?.kind === 'more' ? view.tree.loadMore(row.parent) : undefined),
    'strata.openFile': onRow((row) => {
      const side = row.node.change === 'removed' ? 'lower' : 'upper';
      return openLayerFile(files, layerFile(row), side);
    }),
    'strata.compareFile': onRow((row) => compareLayerFile(files, layerFile(row))),
    'strata.blame': (given: unknown) => {
      const path = isNodeRow(given) ? given.node.path : null;
      const uri = isNodeRow(given) ? given.uri : dockerfile.uri;
      return uri === null ? undefined : blamePath(server, uri, path);
    },
    'strata.copyDiffId': onRow((row) => copyIdentity(row, 'diffId')),
    'strata.copyChainId': onRow((row) => copyIdentity(row, 'chainId')),
    'strata.copyPath': onRow(copyPath),
    'strata.saveFile': onRow((row) => saveFile(files, row)),
    'strata.saveShownFile': (uri?: vscode.Uri) =>
      uri?.scheme === shownScheme ? saveLayerFile(files, shownFileOf(uri)) : undefined,
    'strata.openAsFolder': onRow(openAsFolder),
    'strata.compareSelected': () => compareRows(panel, view.selection),
    'strata.compareBuilds': (row?: BuildRow) => parts.recorded.compare(panel, row),
    'strata.refreshImages': () => parts.images.refresh(),
    'strata.showTaken': about((target) => showTaken(server, target.uri, target.line)),
    'strata.forecast': about((target) => showForecast(server, target.uri)),
    'strata.showPicture': about((target) => parts.picture.show(target.uri)),
    'strata.toggleHeatMap': () => parts.heatMap.toggle(),
    'strata.chooseTreeView': () => view.chooseView(),
    'strata.sortBySize': () => view.sortBy('size'),
    'strata.sortByName': () => view.sortBy('name'),
    'strata.filterTree': () => view.filter(),
    'strata.clearTreeFilter': () => view.clearFilter(),
  };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([id, handler]) => vscode.commands.registerCommand(id, handler)),
  );
}

/** The layer that was named, else that of the line, else the one that a person picks. */
async function showLayerDiff({ server, panel }: Parts, target: CommandTarget): Promise<void> {
  const { uri, layer, line } = target;
  if (layer !== null) return panel.show(layerDiff(uri, layer));
  let why: string | null = null;
  if (line !== null) {
    const found = await server.request('strata/layerAt', { uri, line });
    if (found.layer !== null) return panel.show(layerDiff(uri, found.layer));
    why = found.why;
  }
  const choices = await server.request('strata/layers', { uri });
  if (choices.length === 0) {
    const build = vscode.l10n.t('Build and Analyze Layers');
    const nothing = vscode.l10n.t('There are no layers to show yet: this Dockerfile has not been built.');
    const choice = await vscode.window.showInformationMessage(plainMessage(why ?? nothing), build);
    if (choice === build) await vscode.commands.executeCommand(named.build, uri);
    return;
  }
  const picked = await vscode.window.showQuickPick(
    choices.map(({ label, description, layer }) => ({ label: withoutIcons(label), description, layer })),
    {
      title: vscode.l10n.t('Strata: Show Layer Diff'),
      placeHolder: why ?? vscode.l10n.t('The layer to compare with what lies below it'),
      matchOnDescription: true,
    },
  );
  if (picked) await panel.show(layerDiff(uri, picked.layer));
}

/** Offers to build what was configured; nothing happens when the person gives up. */
async function configure({ server, choices, builds }: Parts, target: CommandTarget): Promise<void> {
  if (!(await configureBuild(server, choices, target.uri))) return;
  const build = vscode.l10n.t('Build and Analyze Layers');
  const remembered = vscode.l10n.t('Remembered for this Dockerfile.');
  if ((await vscode.window.showInformationMessage(remembered, build)) === build) await builds.build(target);
}

async function showInTree({ view, dockerfile }: Parts, target: CommandTarget): Promise<void> {
  // A link may speak of another Dockerfile than the tree does.
  if (target.uri !== dockerfile.uri) await showDockerfile(vscode.Uri.parse(target.uri, true), target.line);
  await view.show(target);
}

async function clearCache(server: LayerServer): Promise<void> {
  const clear = vscode.l10n.t('Clear');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Clear Strata’s cache?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'Indexes of layers are removed and read again when they are needed. Images and the builder’s own cache stay.',
      ),
    },
    clear,
  );
  if (choice !== clear) return;
  await server.request('strata/clearCache', null);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Strata’s cache is empty.'), 5000);
}

/** Runs the light bulb's own actions at the cursor: what may be merged is the server's judgement. */
async function mergeRuns(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || !isDockerfile(editor.document)) return;
  const kind = `${fixKind}.MergeConsecutiveRuns`;
  await vscode.commands.executeCommand('editor.action.codeAction', { kind, apply: 'ifSingle' });
}

function layerFile(row: NodeRow): LayerFile {
  const { node } = row;
  const layer = node.layer ?? 0;
  return { ...layerDiff(row.uri, layer), path: node.path ?? '', about: aboutLayer(layer, node.line) };
}
