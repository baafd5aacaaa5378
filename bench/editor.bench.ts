// Parse plus analysis, keystroke to hints over the real protocol, start of the server, and sizes of the bundles; beside
// dockerfile-ast's parser and dockerfile-language-server-nodejs on the same files in the same run.
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { analyze } from '../server/src/analysis/analyze';
import { parseDockerfile } from '../server/src/dockerfile/parse';
import { type LanguageClient, startLanguageClient } from '../test/support/languageClient';
import { interleaved, median, percentile, printTable, syntheticDockerfile, timedAsync } from './measure';

const root = process.env.STRATA_ROOT ?? process.cwd();
const sizes = [50, 1_000, 10_000];
const ours = [path.join(root, 'dist/server.js'), '--stdio'];
const theirs = [
  path.join(
    path.dirname(
      createRequire(path.join(root, 'package.json')).resolve(
        'dockerfile-language-server-nodejs/package.json',
      ),
    ),
    'bin/docker-langserver',
  ),
  '--stdio',
];
const initializationOptions = { trusted: false, storage: null, locale: 'en', l10nUri: null, settings: {} };

function inProcess(): void {
  const rows = sizes.map((lines) => {
    const text = syntheticDockerfile(lines);
    const rounds = lines >= 10_000 ? 15 : 40;
    const ms = interleaved(rounds, {
      parse: () => parseDockerfile(text),
      analyze: () => analyze(text),
      ast: () => DockerfileParser.parse(text),
    });
    return [`${lines.toLocaleString('en')} lines`, ms.parse!, ms.analyze!, ms.ast!, ms.analyze! / ms.ast!];
  });
  printTable(
    'Parse and analysis, ms (median, warm)',
    ['file', 'Strata parse', 'Strata parse + analysis', 'dockerfile-ast parse', 'ratio to dockerfile-ast'],
    rows,
  );
}

async function keystrokes(lines: number): Promise<(string | number)[][]> {
  const text = syntheticDockerfile(lines);
  const uri = 'file:///bench/Dockerfile';
  const rounds = lines >= 10_000 ? 40 : 100;
  const us = await startLanguageClient({ args: ours, initializationOptions });
  const them = await startLanguageClient({ args: theirs });
  const ourTimes: number[] = [];
  const theirTimes: number[] = [];
  const ourHover: number[] = [];
  const theirHover: number[] = [];
  const line = 4;
  const hover = (client: LanguageClient) =>
    client.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position: { line: line - 1, character: 1 },
    });
  us.open(uri, text);
  them.open(uri, text);
  await us.hints(uri, [0, 60]);
  await them.diagnostics(uri);
  for (let round = 0; round < rounds + 10; round++) {
    const mine = await timedAsync(async () => {
      us.edit(uri, line, 0, 'x');
      await us.hints(uri, [0, 60]);
    });
    const reference = await timedAsync(async () => {
      const version = them.edit(uri, line, 0, 'x');
      them.notifications.length = 0;
      await them.diagnostics(uri, (params) => params.version === undefined || params.version === version);
    });
    const mineHover = await timedAsync(() => hover(us));
    const referenceHover = await timedAsync(() => hover(them));
    if (round < 10) continue;
    ourTimes.push(mine);
    theirTimes.push(reference);
    ourHover.push(mineHover);
    theirHover.push(referenceHover);
  }
  await us.stop();
  await them.stop();
  return [
    [
      `${lines.toLocaleString('en')} lines`,
      percentile(ourTimes, 0.5),
      percentile(ourTimes, 0.95),
      percentile(theirTimes, 0.5),
      percentile(theirTimes, 0.95),
      percentile(ourHover, 0.5),
      percentile(theirHover, 0.5),
    ],
  ];
}

async function starts(): Promise<void> {
  const text = syntheticDockerfile(50);
  const uri = 'file:///bench/Dockerfile';
  const mine: number[] = [];
  const reference: number[] = [];
  for (let round = 0; round < 8; round++) {
    mine.push(
      await timedAsync(async () => {
        const client = await startLanguageClient({ args: ours, initializationOptions });
        client.open(uri, text);
        await client.hints(uri);
        client.process.kill('SIGKILL');
      }),
    );
    reference.push(
      await timedAsync(async () => {
        const client = await startLanguageClient({ args: theirs });
        client.open(uri, text);
        await client.diagnostics(uri);
        client.process.kill('SIGKILL');
      }),
    );
  }
  printTable(
    'Start of the server, ms (median of 8)',
    ['what', 'Strata, to first hints', 'dockerfile-language-server, to first diagnostics', 'ratio'],
    [['50 lines', median(mine), median(reference), median(mine) / median(reference)]],
  );
}

function bundleSizes(): void {
  const dist = path.join(root, 'dist');
  const rows = readdirSync(dist, { recursive: true })
    .map(String)
    .filter((name) => statSync(path.join(dist, name)).isFile())
    .sort()
    .map((name) => [name, Math.round(statSync(path.join(dist, name)).size / 1000)]);
  printTable('Bundles, kB', ['file', 'kB'], rows);
}

async function main(): Promise<void> {
  console.log(`Node ${process.version}`);
  inProcess();
  const rows: (string | number)[][] = [];
  for (const lines of sizes) rows.push(...(await keystrokes(lines)));
  printTable(
    'Keystroke over the protocol, ms',
    ['file', 'hints p50', 'hints p95', 'dls diagnostics p50', 'dls p95', 'hover p50', 'dls hover p50'],
    rows,
  );
  await starts();
  bundleSizes();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
