// Runs the built command line as a person does: a process of its own, a folder of its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = process.env.STRATA_ROOT ?? process.cwd();

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A scratch folder, and `strata` run inside it with its own cache. */
export function cliFolder(): {
  folder: string;
  write(name: string, data: string | Uint8Array): string;
  strata(...args: string[]): CliRun;
  remove(): void;
} {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-cli-'));
  return {
    folder,
    write(name, data) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, data);
      return file;
    },
    strata(...args) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [path.join(root, 'dist/cli.js'), ...args],
        {
          cwd: folder,
          encoding: 'utf8',
          env: {
            ...process.env,
            STRATA_CACHE: path.join(folder, 'cache'),
            DOCKER_HOST: 'unix:///nowhere/docker.sock',
          },
        },
      );
      return { code: status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
