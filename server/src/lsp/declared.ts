// The builds that a project declares for a Dockerfile, for the editor: what can be picked, and what was picked, looked up
// anew when it is built. In a workspace without trust, files are read and no program is run.

import * as l10n from '@vscode/l10n';
import type { CancellationToken } from 'vscode-languageserver/node';
import { translated } from '../describe/translate';
import type { Dockerfile } from '../dockerfile/model';
import { buildText, declaredBuilds } from '../measure/declared/declaredBuilds';
import { type AskedBeside, declaredName } from '../measure/declared/declaredRequest';
import { type DeclaredBuild, type DeclaredRequest, defaultBuild } from '../measure/declared/model';
import { StrataError } from '../primitives/errors';
import type { BuildParams, DeclaredBuildsResult, DeclaredBuildView } from '../protocol';
import { abortOf } from './cancellation';
import { documentOf } from './diffs';
import type { Session } from './session';
import { pathOfUri } from './uris';

export async function declaredViews(
  session: Session,
  uri: string,
  token: CancellationToken,
): Promise<DeclaredBuildsResult> {
  const { dockerfile } = documentOf(session, uri).parsed();
  const choices = { stages: stageNames(dockerfile), arguments: argumentNames(dockerfile) };
  const file = pathOfUri(uri);
  if (file === null) return { builds: [], problems: [], ...choices };
  const request = await requestOf(session, file, abortOf(token).signal);
  const { builds, problems } = await declaredBuilds(session.host, request);
  return { builds: builds.map((build) => view(build, file)), problems: problems.map(translated), ...choices };
}

/**
 * What a person picked, as the project's files say it now; the default where nothing was picked.
 * @throws StrataError 'not-found' when no file says it any more
 */
export async function pickedBuild(
  session: Session,
  { declared, ...params }: BuildParams,
  file: string,
  signal: AbortSignal,
): Promise<{ build: DeclaredBuild; asked: AskedBeside }> {
  const { context, target, platform, buildArgs } = params;
  const { extraArguments } = session.settings.build;
  const asked = { context, target, platform, buildArgs, extraArguments };
  if (!declared || declared.source === 'default') return { build: defaultBuild(file), asked };
  const { builds, problems } = await declaredBuilds(session.host, await requestOf(session, file, signal), [
    declared.source,
  ]);
  const build = builds.find(({ source, name, file: from }) => {
    return source === declared.source && name === declared.name && from === declared.file;
  });
  if (build) return { build, asked };
  throw new StrataError(
    'not-found',
    [
      l10n.t('{0} does not build this Dockerfile any more.', declaredName(declared)),
      ...problems.map(translated),
    ].join(' '),
    l10n.t('Choose anew what to build: Configure Build.'),
  );
}

async function requestOf(
  session: Session,
  dockerfile: string,
  signal: AbortSignal,
): Promise<DeclaredRequest> {
  const { settings, trusted, connection } = session;
  // An editor without the notion of folders refuses, or answers with null.
  const open = await connection.workspace.getWorkspaceFolders().catch(() => null);
  const workspaceFolders = (open ?? []).flatMap(({ uri }) => pathOfUri(uri) ?? []);
  const programs = { docker: settings.docker.path };
  return { dockerfile, workspaceFolders, trusted, programs, signal };
}

function view(build: DeclaredBuild, file: string): DeclaredBuildView {
  const { source, name, context, target, platforms, buildArgs, secrets, problems } = build;
  return {
    ref: { source, file: build.file, name },
    ...{ context, target, platforms: [...platforms], problems: problems.map(translated) },
    buildArgs: Object.keys(buildArgs),
    secrets: secrets.map(({ id }) => id),
    plain: buildText({ ...build, name: '' }) === buildText({ ...defaultBuild(file), name: '' }),
  };
}

function stageNames({ stages }: Dockerfile): string[] {
  return stages.map(({ name, index }) => name ?? String(index));
}

/** Of ARG lines in their order, each once. */
function argumentNames({ instructions }: Dockerfile): string[] {
  const declared = instructions
    .filter(({ keyword }) => keyword === 'ARG')
    .flatMap(({ words }) => words.map((word) => word.split('=')[0]!))
    .filter((name) => /^[A-Za-z_]\w*$/.test(name));
  return [...new Set(declared)];
}
