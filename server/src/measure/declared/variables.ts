// Variables of the editor's own files: `${workspaceFolder}`, `${localEnv:NAME}` and the like. What only the editor knows
// (a person's input, its settings) stays unknown and is told.
import * as path from 'node:path';

export interface EditorPlaces {
  /** Absolute folder of the workspace. */
  workspaceFolder: string;
  /** The Dockerfile that is asked about stands for the file in front. */
  file: string;
  environment: (name: string) => string | undefined;
}

/** @param unknown takes each variable that has no value here, as it was written */
export function withVariables(text: string, places: EditorPlaces, unknown: (what: string) => void): string {
  return text.replace(/\$\{([^{}]{1,200})\}/g, (written: string, name: string) => {
    const value = variable(name, places);
    if (value !== undefined) return value;
    unknown(written);
    return written;
  });
}

function variable(name: string, { workspaceFolder, file, environment }: EditorPlaces): string | undefined {
  const [first, second = '', ...rest] = name.split(':');
  switch (first) {
    case 'workspaceFolder':
    case 'workspaceRoot':
    case 'localWorkspaceFolder':
      return second === '' || second === path.basename(workspaceFolder) ? workspaceFolder : undefined;
    case 'workspaceFolderBasename':
    case 'localWorkspaceFolderBasename':
      return path.basename(workspaceFolder);
    case 'env':
    case 'localEnv':
      // Both have no value for an unknown name; devcontainer.json may give a default behind a second colon.
      return environment(second) ?? rest.join(':');
    case 'file':
      return file;
    case 'fileDirname':
      return path.dirname(file);
    case 'fileBasename':
      return path.basename(file);
    case 'relativeFile':
      return path.relative(workspaceFolder, file);
    case 'relativeFileDirname':
      return path.relative(workspaceFolder, path.dirname(file)) || '.';
    case 'pathSeparator':
    case '/':
      return path.sep;
    default:
      return undefined;
  }
}
