// Where the programs of the tests are: on PATH and in the system's folders, or among the tools of scripts/tools.mjs.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The path of a tool of scripts/tools.mjs, if it is installed. scripts/test.mjs puts STRATA_ROOT in. */
export function installedTool(name: string): string | undefined {
  const script = path.join(process.env.STRATA_ROOT ?? process.cwd(), 'scripts', 'tools.mjs');
  const told = spawnSync(process.execPath, [script, '--installed', name], { encoding: 'utf8' });
  return told.stdout.trim() || undefined;
}

export function need(command: string): string {
  const found = onPath(command);
  if (!found) throw new Error(`${command} is not installed on this machine. See daemonsMissing().`);
  return found;
}

export function onPath(command: string): string | undefined {
  return allOnPath(command)[0];
}

export function allOnPath(command: string): string[] {
  return searchPath()
    .map((dir) => path.join(dir, command))
    .filter((file) => fs.existsSync(file));
}

export function searchPath(): string[] {
  const dirs = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return [...new Set([...dirs, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])];
}
