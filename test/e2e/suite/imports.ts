// 'Import Build…' and builds noticed in a terminal, by a person's clicks and keys, on builds that a real BuildKit made
// without Strata. What each source tells of a build: test/live/imports.test.ts.
import * as assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { eventually } from './eventually';
import { closeAll, hints, inWorkspace, lineOf, openFile, strata } from './strata';
import { needsScreen, screen } from './ui';

const run = promisify(execFile);
const buildMs = 120_000;
const text = 'FROM base\nCOPY hello.txt /\nRUN head -c 300000 /dev/zero > /zeros\n';
const rows = '.quick-input-widget .monaco-list-row';
const notes = '.notifications-center .notification-list-item';

/** As a person builds in a terminal: the words behind `docker`. */
function buildWords(folder: string, ...more: string[]): string[] {
  const base = `base=${process.env.STRATA_E2E_BASE}`;
  return ['buildx', 'build', '--progress=plain', '--build-context', base, ...more, folder];
}

/** A folder with a Dockerfile of its own, built there with its log, its metadata and its image kept beside it. */
async function built(name: string): Promise<string> {
  const folder = await folderOf(name);
  const kept = ['--metadata-file', path.join(folder, 'metadata.json')];
  const output = ['--output', `type=oci,tar=false,dest=${path.join(folder, 'image')}`];
  const env = { ...process.env, BUILDX_METADATA_PROVENANCE: 'max' };
  const { stderr } = await run('docker', buildWords(folder, ...kept, ...output), { env });
  await write(name, 'build.log', stderr);
  return folder;
}

async function folderOf(name: string): Promise<string> {
  await write(name, 'Dockerfile', text);
  await write(name, 'hello.txt', 'hello\n');
  await write(name, '.dockerignore', '*\n!hello.txt\n');
  return inWorkspace(name).fsPath;
}

async function write(folder: string, name: string, content: string): Promise<void> {
  await vscode.workspace.fs.writeFile(inWorkspace(`${folder}/${name}`), Buffer.from(content));
}

/** What the line of RUN shows, once it fits. */
async function runHint(document: vscode.TextDocument, fits: RegExp): Promise<string> {
  return await eventually(`a hint like ${fits}`, async () => {
    const found = (await hints(document)).get(lineOf(document, 'RUN'));
    return found && fits.test(found) && found;
  });
}

/** Opens 'Import Build…' and waits until its list is there. */
async function openImport(document: vscode.TextDocument): Promise<string[]> {
  void vscode.commands.executeCommand('strata.importBuild', document.uri.toString());
  return await eventually('the list', async () => {
    const shown = await screen.texts(rows);
    return shown.some((row) => row.includes('From an image')) && shown;
  });
}

async function choose(words: string): Promise<void> {
  await screen.type(words);
  await eventually('one row alone', async () => {
    const shown = await screen.texts(rows);
    return shown.length === 1 && shown[0]?.includes(words);
  });
  await screen.key('Enter');
}

/** Into the line of a dialog that has one. */
async function answer(words: string, title: string): Promise<void> {
  await eventually(title, async () =>
    (await screen.texts('.quick-input-widget')).some((shown) => shown.includes(title)),
  );
  await screen.key('Control+A');
  await screen.type(words);
}

async function answerFile(file: string, title: string): Promise<void> {
  // What is typed before it has read its first folder is lost.
  await eventually('the folder in the dialog', async () =>
    (await screen.texts(rows)).some((row) => row.trim() === '..'),
  );
  await answer(file, title);
  // The dialog follows what is typed in its own time, and takes nothing before.
  await eventually(`${file} in the dialog`, async () =>
    (await screen.texts(rows)).some((row) => row.trim() === path.basename(file)),
  );
  await screen.key('Enter');
}

/** Waits for the words on the screen itself, then takes its picture. */
async function seen(words: RegExp, picture: string): Promise<void> {
  await eventually(`${words} on the screen`, async () => {
    // The editor writes blanks that do not break.
    const lines = (await screen.texts('.view-line')).map((line) => line.replaceAll('\u00a0', ' '));
    return lines.some((line) => words.test(line));
  });
  await screen.shot(picture);
}

/** The notification that says so; quiet ones are in the list alone. */
async function noted(words: string, deadlineMs?: number): Promise<string> {
  return await eventually(
    `the note '${words}'`,
    async () => {
      await vscode.commands.executeCommand('notifications.showList');
      return (await screen.texts(notes)).find((note) => note.includes(words));
    },
    deadlineMs,
  );
}

/** Runs a command in a terminal, and gives what the shell's integration told of it at its end. */
async function ended(shell: vscode.TerminalShellIntegration, command: string) {
  let listening: vscode.Disposable | undefined;
  const end = new Promise<vscode.TerminalShellExecutionEndEvent>((resolve) => {
    listening = vscode.window.onDidEndTerminalShellExecution((event) => {
      if (event.execution === execution) resolve(event);
    });
  });
  const execution = shell.executeCommand(command);
  try {
    const { exitCode } = await end;
    return { commandLine: execution.commandLine.value, exitCode };
  } finally {
    listening?.dispose();
  }
}

export function importsSuite(): void {
  suite('imports', () => {
    suiteSetup(async function () {
      needsScreen(this);
      this.timeout(buildMs);
      await strata();
    });
    teardown(async function () {
      if (this.currentTest?.state === 'failed') await screen.shot('imports-failed');
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      await vscode.commands.executeCommand('notifications.clearAll');
      await closeAll();
    });

    test('a past build is in the list, and its Dockerfile’s own come first', async function () {
      this.timeout(buildMs);
      await built('elsewhere');
      await built('history');
      const { document } = await openFile('history/Dockerfile');
      const shown = await openImport(document);
      assert.match(shown[0]!, /builds of this Dockerfile/);
      assert.match(shown[0]!, /history/);
      assert.match(shown[0]!, /of \d+ steps cached/);
      const at = shown.findIndex((row) => row.includes('From a metadata file'));
      const other = shown.findIndex((row) => row.includes('elsewhere'));
      assert.ok(at > 0 && other > at, shown.join('\n'));
      await screen.shot('import-list');
      await screen.key('Enter');
      await runHint(document, /cached|ran/);
      await seen(/^RUN .*(?:cached|ran)/, 'import-history');
    });

    test('a log', async function () {
      this.timeout(buildMs);
      const folder = await built('log');
      const { document } = await openFile('log/Dockerfile');
      await openImport(document);
      await choose('From a build log');
      await answerFile(path.join(folder, 'build.log'), 'A log of the build');
      await runHint(document, /cached|ran/);
      await seen(/^RUN .*(?:cached|ran)/, 'import-log');
    });

    test('a metadata file', async function () {
      this.timeout(buildMs);
      const folder = await built('metadata');
      const { document } = await openFile('metadata/Dockerfile');
      await openImport(document);
      await choose('From a metadata file');
      await answerFile(path.join(folder, 'metadata.json'), 'A file that buildx wrote');
      const api = await strata();
      await eventually('the build is known', () => api.summary(document.uri)?.state === 'ready');
      await screen.shot('import-metadata');
    });

    test('an image', async function () {
      this.timeout(buildMs);
      const folder = await built('image');
      const { document } = await openFile('image/Dockerfile');
      await openImport(document);
      await choose('From an image');
      await answer(`oci:${path.join(folder, 'image')}`, 'An image: app:1');
      await screen.key('Enter');
      await runHint(document, /^300 kB/);
      await seen(/^RUN .*300 kB/, 'import-image');
    });

    test('what holds no build is refused in words', async () => {
      const folder = await folderOf('refused');
      const { document } = await openFile('refused/Dockerfile');
      await openImport(document);
      await choose('From a build log');
      await answerFile(path.join(folder, 'hello.txt'), 'A log of the build');
      const told = await noted('hello.txt holds');
      assert.match(told, /hello\.txt holds no build: .* Save it with --progress=plain/s);
      await screen.shot('import-refused');
      assert.equal((await hints(document)).get(lineOf(document, 'RUN')), 'layer');
    });

    test('a build in the terminal is noticed, and its layers are a click away', async function () {
      this.timeout(buildMs);
      const folder = await folderOf('noticed');
      const { document } = await openFile('noticed/Dockerfile');
      const terminal = vscode.window.createTerminal({ name: 'builds', shellPath: '/bin/bash', cwd: folder });
      try {
        terminal.show(true);
        const shell = await eventually('the shell’s integration', () => terminal.shellIntegration);
        // Before its first prompt a shell tells of no command.
        await ended(shell, 'true');
        const command = ['docker', ...buildWords('.')].join(' ');
        assert.deepEqual(await ended(shell, command), { commandLine: command, exitCode: 0 });
        const told = await noted('in the terminal', 60_000);
        assert.match(told, /noticed\/Dockerfile was built in the terminal\./);
        await screen.shot('terminal-noticed');
        await screen.click(`${notes} .monaco-button:has-text("Show Its Layers")`);
        await runHint(document, /cached|ran/);
        await seen(/^RUN .*(?:cached|ran)/, 'terminal-shown');
      } finally {
        terminal.dispose();
      }
    });
  });
}
