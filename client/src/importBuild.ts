// 'Import Build…': a past build of docker buildx, a metadata file, a log or an image is picked, and the server shows what
// it tells on the lines. Asks and tells; what belongs together is the server's judgement.
import * as vscode from 'vscode';
import type { ImportBuildParams, ImportBuildResult, PastBuildView } from '../../server/src/protocol';
import type { LayerServer } from './layerServer';
import { pickGroup } from './pickGroup';
import { plainMessage, withoutIcons } from './plainText';
import { durationText } from './sizes';

export type BuildSource = ImportBuildParams['source'];

interface SourceItem extends vscode.QuickPickItem {
  /** Null: a file or a reference is to be named. Absent on separators. */
  source?: BuildSource | null;
  ask?: () => Promise<BuildSource | null>;
}

/** Asks what to import, imports it, tells how it went. Nothing happens when the person gives up. */
export async function importBuild(server: LayerServer, uri: string): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    await vscode.window.showWarningMessage(
      vscode.l10n.t('Strata does not import builds in Restricted Mode: programs are run for it.'),
    );
    return;
  }
  const source = await pickSource(server, uri);
  if (source) await importSource(server, uri, source);
}

/** Which one of several; null: this machine's platform, the only target. */
export interface SourcePart {
  platform: string | null;
  bakeTarget: string | null;
}

/** Imports one build, with progress that can be cancelled; asks which one is meant where it holds several. */
export async function importSource(
  server: LayerServer,
  uri: string,
  source: BuildSource,
  part: SourcePart = { platform: null, bakeTarget: null },
): Promise<void> {
  const result = await request(server, { uri, source, ...part });
  if (result.bakeTargets.length > 0) {
    const bakeTarget = await vscode.window.showQuickPick(result.bakeTargets, {
      title: vscode.l10n.t('Strata: Import Build'),
      placeHolder: vscode.l10n.t('The target that this Dockerfile was built for'),
    });
    if (bakeTarget !== undefined) await importSource(server, uri, source, { ...part, bakeTarget });
    return;
  }
  if (result.outcome === 'refused') {
    void vscode.window.showWarningMessage(
      plainMessage([result.message, result.hint].filter(Boolean).join(' ')),
    );
  } else if (result.outcome === 'imported') {
    // The lines show the rest.
    vscode.window.setStatusBarMessage(result.message, 8000);
    void offerPlatforms(server, uri, source, part, result);
  }
}

const mostOffered = 3;

/** A build for several platforms: one is shown, the others are a click away. */
async function offerPlatforms(
  server: LayerServer,
  uri: string,
  source: BuildSource,
  part: SourcePart,
  { platform, platforms }: ImportBuildResult,
): Promise<void> {
  const others = platforms.filter((one) => one !== platform);
  if (platform === null || others.length === 0) return;
  const message = vscode.l10n.t('It was built for several platforms; {0} is shown.', platform);
  const chosen = await vscode.window.showInformationMessage(message, ...others.slice(0, mostOffered));
  if (chosen !== undefined) await importSource(server, uri, source, { ...part, platform: chosen });
}

function request(server: LayerServer, params: ImportBuildParams): Thenable<ImportBuildResult> {
  const name = vscode.workspace.asRelativePath(vscode.Uri.parse(params.uri));
  const title = vscode.l10n.t('Importing a build of {0}', name);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_progress, token) => {
    try {
      return await server.request('strata/importBuild', params, token);
    } catch (error) {
      const outcome = token.isCancellationRequested ? ('cancelled' as const) : ('refused' as const);
      const message = error instanceof Error ? error.message : String(error);
      return { outcome, message, hint: '', platform: null, platforms: [], bakeTargets: [] };
    }
  });
}

async function pickSource(server: LayerServer, uri: string): Promise<BuildSource | null> {
  const choice = await vscode.window.showQuickPick(sourceItems(server, uri), {
    title: vscode.l10n.t('Strata: Import Build'),
    placeHolder: vscode.l10n.t('A build that was made elsewhere'),
    matchOnDescription: true,
  });
  if (!choice) return null;
  return choice.source ?? (await choice.ask?.()) ?? null;
}

async function sourceItems(server: LayerServer, uri: string): Promise<SourceItem[]> {
  const { builds, why } = await server.request('strata/pastBuilds', { uri, since: null });
  const ended = builds.filter(({ status }) => status === 'completed' || status === 'failed');
  const own = ended.filter((build) => build.own === true).map(buildItem);
  const others = ended.filter((build) => build.own !== true).map(buildItem);
  const named: SourceItem[] = [
    { label: vscode.l10n.t('$(file-code) From a metadata file…'), ask: () => askFile('metadata') },
    { label: vscode.l10n.t('$(output) From a build log…'), ask: () => askFile('log') },
    { label: vscode.l10n.t('$(package) From an image…'), ask: askImage },
  ];
  return [
    ...pickGroup(vscode.l10n.t('builds of this Dockerfile'), own),
    ...pickGroup(why || vscode.l10n.t('told by'), named),
    ...pickGroup(vscode.l10n.t('other builds'), others),
  ];
}

function buildItem(build: PastBuildView): SourceItem {
  const parts = [
    ageText(Date.now() - Date.parse(build.started)),
    build.durationMs === null ? null : durationText(build.durationMs),
    build.status === 'failed'
      ? vscode.l10n.t('failed')
      : vscode.l10n.t('{0} of {1} steps cached', String(build.cachedSteps), String(build.steps)),
  ];
  const icon = build.status === 'failed' ? '$(error)' : '$(history)';
  return {
    label: `${icon} ${withoutIcons(build.name || build.ref)}`,
    description: parts.filter(Boolean).join(' · '),
    source: { kind: 'history', value: build.ref },
  };
}

/** How long ago, in the largest unit that is not 0. */
function ageText(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return vscode.l10n.t('just now');
  if (minutes < 60) return vscode.l10n.t('{0} min ago', String(minutes));
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return vscode.l10n.t('{0} h ago', String(hours));
  return vscode.l10n.t('{0} d ago', String(Math.floor(hours / 24)));
}

async function askFile(kind: 'metadata' | 'log'): Promise<BuildSource | null> {
  const filters: Record<string, string[]> =
    kind === 'metadata'
      ? { [vscode.l10n.t('Metadata of buildx')]: ['json'], [vscode.l10n.t('All files')]: ['*'] }
      : { [vscode.l10n.t('Logs')]: ['log', 'txt', 'json', 'jsonl'], [vscode.l10n.t('All files')]: ['*'] };
  const [file] =
    (await vscode.window.showOpenDialog({
      title:
        kind === 'metadata'
          ? vscode.l10n.t('A file that buildx wrote with --metadata-file')
          : vscode.l10n.t('A log of the build: --progress=plain or rawjson, as CI keeps it'),
      openLabel: vscode.l10n.t('Import'),
      filters,
    })) ?? [];
  return file ? { kind, value: file.fsPath } : null;
}

async function askImage(): Promise<BuildSource | null> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Strata: Import Build'),
    prompt: vscode.l10n.t('An image: app:1, docker://registry.example/app:1, an archive, an OCI layout'),
    placeHolder: 'docker://registry.example/app:1',
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('Name an image.') : null),
  });
  return typed === undefined ? null : { kind: 'image', value: typed.trim() };
}
