// What a project asks of its Dockerfiles, in the editor: reads strata.yaml when a Dockerfile opens and when the file
// changes, joins it with the person's settings, and tells what is wrong in the file on its own lines.
import { pathToFileURL } from 'node:url';
import { DiagnosticSeverity, FileChangeType, type FileEvent } from 'vscode-languageserver/node';
import { translated } from '../describe/translate';
import {
  noProjectSettings,
  type ProjectSettings,
  readProjectSettings,
  settingsFiles,
} from '../measure/projectSettings';
import { StrataError } from '../primitives/errors';
import { joinBudgets, readBudgets } from '../rules/readBudgets';
import type { DocumentState } from './documents';
import { describeError } from './guard';
import { filePath } from './knowledge';
import { rulesOff, type Session } from './session';

/** For the editor to watch. */
export const projectGlob = `**/{${settingsFiles.join(',')}}`;

export async function loadProject(session: Session, document: DocumentState): Promise<void> {
  const file = filePath(document);
  if (file === null) return;
  const settings = await readOrWarn(session, file);
  document.project = settings;
  for (const read of settings.files) {
    const diagnostics = settings.problems
      .filter((problem) => problem.file === read)
      .map(({ line, message, fatal }) => ({
        range: { start: { line: line - 1, character: 0 }, end: { line, character: 0 } },
        severity: fatal ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
        source: 'Strata',
        message: translated(message),
      }));
    void session.connection.sendDiagnostics({ uri: pathToFileURL(read).href, diagnostics });
  }
  applySettings(session, document);
}

/** A folder above that may not be looked into is no reason to show nothing else. */
async function readOrWarn({ host, connection }: Session, file: string): Promise<ProjectSettings> {
  try {
    return await readProjectSettings(host, file);
  } catch (error) {
    if (!(error instanceof StrataError)) throw error;
    connection.console.warn(`strata.yaml: ${describeError(error)}`);
    return noProjectSettings;
  }
}

/** The person's settings and the project's: the project's go first, since they are the same for everybody. */
export function applySettings({ settings, style, connection }: Session, document: DocumentState): void {
  const own = readBudgets(Object.entries(settings.budgets));
  for (const { message } of own.problems) connection.console.warn(`strata.budgets: ${message}`);
  document.setBudgets(joinBudgets(document.project.budgets, own.budgets), style.units);
  document.setRulesOff(new Set([...rulesOff(settings), ...document.project.rulesOff]));
}

/** Reads again what may have changed; files of another name are not ours. */
export async function projectFilesChanged(session: Session, changes: readonly FileEvent[]): Promise<void> {
  const ours = changes.filter(({ uri }) => settingsFiles.includes(uri.slice(uri.lastIndexOf('/') + 1)));
  if (ours.length === 0) return;
  for (const { uri, type } of ours) {
    if (type === FileChangeType.Deleted) void session.connection.sendDiagnostics({ uri, diagnostics: [] });
  }
  for (const document of session.documents.values()) {
    await loadProject(session, document);
    session.changed(document);
  }
}
