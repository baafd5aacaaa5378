// 'Configure Build…': what to build of a Dockerfile, asked step by step and remembered: a build that the project declares,
// the stage, the platform, build arguments. Also the one question of a first build, where the project declares several.
import * as vscode from 'vscode';
import type { DeclaredBuildsResult, DeclaredBuildView, DeclaredRef } from '../../server/src/protocol';
import { type BuildChoices, type BuildSettings, nothingChosen } from './buildChoices';
import { editBuildArguments } from './configureArguments';
import type { LayerServer } from './layerServer';
import { withoutIcons } from './plainText';

interface ValueItem<T> extends vscode.QuickPickItem {
  value?: T;
}

/** Null when the person gave up; what was remembered stays then. */
export async function configureBuild(
  server: LayerServer,
  choices: BuildChoices,
  uri: string,
): Promise<BuildSettings | null> {
  const found = await declaredBuilds(server, uri);
  const before = choices.of(uri) ?? nothingChosen;
  const build = await pickBuild(found, before.declared, 1);
  if (!build) return null;
  const target = await pickTarget(found, build, before.target);
  if (target === undefined) return null;
  const platform = await pickPlatform(build, before.platform);
  if (platform === undefined) return null;
  const named = [...new Set([...build.buildArgs, ...found.arguments])];
  const buildArgs = await editBuildArguments(title(4), before.buildArgs, named);
  if (!buildArgs) return null;
  const settings = { declared: build.ref, target, platform, buildArgs };
  await choices.remember(uri, settings);
  return settings;
}

/**
 * What the build command builds: what was chosen, else the only build there is, else what the person picks now. Null when
 * they gave up.
 */
export async function chosenBuild(
  server: LayerServer,
  choices: BuildChoices,
  uri: string,
): Promise<BuildSettings | null> {
  const remembered = choices.of(uri);
  if (remembered) return remembered;
  const found = await declaredBuilds(server, uri);
  if (found.builds.every(({ plain }) => plain)) return nothingChosen;
  const build = await pickBuild(found, null, null);
  if (!build) return null;
  const settings = { ...nothingChosen, declared: build.ref };
  await choices.remember(uri, settings);
  return settings;
}

function declaredBuilds(server: LayerServer, uri: string): Thenable<DeclaredBuildsResult> {
  const location = vscode.ProgressLocation.Window;
  const progress = { location, title: vscode.l10n.t('Looking for what builds this Dockerfile') };
  return vscode.window.withProgress(progress, () => server.request('strata/declaredBuilds', { uri }));
}

function title(step: number | null): string {
  return step === null
    ? vscode.l10n.t('Strata: What to Build')
    : vscode.l10n.t('Strata: Configure Build ({0} of {1})', String(step), '4');
}

async function pickBuild(
  { builds, problems }: DeclaredBuildsResult,
  current: DeclaredRef | null,
  step: number | null,
): Promise<DeclaredBuildView | null> {
  const items = builds.map((build): ValueItem<DeclaredBuildView> => {
    const { ref } = build;
    const isCurrent = current !== null && JSON.stringify(ref) === JSON.stringify(current);
    return {
      label: ref.source === 'default' ? vscode.l10n.t('The Dockerfile alone') : withoutIcons(ref.name),
      description: [sourceLabel(ref), isCurrent ? vscode.l10n.t('chosen') : ''].filter(Boolean).join(' · '),
      detail: detailOf(build),
      iconPath: new vscode.ThemeIcon(isCurrent ? 'check' : 'blank'),
      value: build,
    };
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: title(step),
    placeHolder: problems[0] ?? vscode.l10n.t('Remembered for this Dockerfile; Configure Build changes it'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.value ?? null;
}

function sourceLabel({ source, file }: DeclaredRef): string {
  if (file === null) return '';
  const shown = vscode.workspace.asRelativePath(file);
  switch (source) {
    case 'compose':
      return vscode.l10n.t('service in {0}', shown);
    case 'bake':
      return vscode.l10n.t('bake target in {0}', shown);
    case 'devcontainer':
      return vscode.l10n.t('dev container in {0}', shown);
    default:
      return vscode.l10n.t('task in {0}', shown);
  }
}

/** `context web · target prod · linux/arm64 · secret tok · what is not followed`. */
function detailOf({ context, target, platforms, buildArgs, secrets, problems }: DeclaredBuildView): string {
  const shown = vscode.workspace.asRelativePath(context);
  return [
    vscode.l10n.t('context {0}', shown),
    target === null ? '' : vscode.l10n.t('target {0}', target),
    ...platforms,
    buildArgs.length === 0 ? '' : vscode.l10n.t('arguments {0}', buildArgs.join(', ')),
    secrets.length === 0 ? '' : vscode.l10n.t('secrets {0}', secrets.join(', ')),
    ...problems.map((problem) => `$(warning) ${problem}`),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Undefined when the person gave up. */
async function pickTarget(
  { stages }: DeclaredBuildsResult,
  build: DeclaredBuildView,
  current: string | null,
): Promise<string | null | undefined> {
  const declared =
    build.target === null ? vscode.l10n.t('The last stage') : vscode.l10n.t('As declared: {0}', build.target);
  const items: ValueItem<string | null>[] = [
    { label: declared, value: null },
    ...stages.map((stage) => ({ label: withoutIcons(stage), value: stage })),
  ];
  return pickValue(items, current, title(2), vscode.l10n.t('The stage to build'));
}

const usualPlatforms = ['linux/amd64', 'linux/arm64'];

/** Undefined when the person gave up. */
async function pickPlatform(
  build: DeclaredBuildView,
  current: string | null,
): Promise<string | null | undefined> {
  const declared =
    build.platforms.length === 0
      ? vscode.l10n.t('The builder’s own platform')
      : vscode.l10n.t('As declared: {0}', build.platforms.join(', '));
  const others = current === null ? [] : [current];
  const named = [...new Set([...build.platforms, ...usualPlatforms, ...others])];
  const items: ValueItem<string | null>[] = [
    { label: declared, value: null },
    ...named.map((platform) => ({ label: platform, value: platform })),
    { label: vscode.l10n.t('Another platform…') },
  ];
  return pickValue(items, current, title(3), vscode.l10n.t('The platform to build for'));
}

/** An item without a value asks for one to be typed. */
async function pickValue(
  items: ValueItem<string | null>[],
  current: string | null,
  heading: string,
  placeHolder: string,
): Promise<string | null | undefined> {
  const shown = items.map((item) => {
    const isCurrent = item.value === current;
    return { ...item, iconPath: new vscode.ThemeIcon(isCurrent ? 'check' : 'blank') };
  });
  const picked = await vscode.window.showQuickPick(shown, { title: heading, placeHolder });
  if (!picked || picked.value !== undefined) return picked?.value;
  const typed = await vscode.window.showInputBox({
    title: heading,
    prompt: vscode.l10n.t('As os/arch or os/arch/variant: linux/arm64'),
    value: current ?? '',
    validateInput: (text) =>
      /^[\w.-]+\/[\w.-]+(\/[\w.-]+)?$/.test(text.trim()) ? null : vscode.l10n.t('Write os/arch: linux/arm64'),
  });
  return typed?.trim();
}
