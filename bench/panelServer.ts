// What the language server takes for each question of the explorer, and how long a keystroke's hints wait while it does:
// hints are asked for all the time that a question is under way.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type LanguageClient, startLanguageClient } from '../test/support/languageClient';
import { resident, residentPeak } from './measure';
import type { PanelData } from './panelData';

export interface Question {
  what: string;
  ms: number;
  /** CPU time of the server, hints included, ms: what counts where others use the machine. */
  cpuMs: number;
  /** The longest that hints waited meanwhile, ms. */
  hintsMs: number;
}

export interface ServerFigures {
  questions: Question[];
  /** Resident, bytes: with the Dockerfile open, after the first diff, after all questions, at most. */
  opened: number;
  diffed: number;
  after: number;
  peak: number;
}

export async function openServer(data: PanelData, dist: string): Promise<LanguageClient> {
  const client = await startLanguageClient({
    args: [path.join(dist, 'server.js'), '--stdio'],
    initializationOptions: {
      trusted: true,
      storage: data.storage,
      locale: 'en',
      l10nUri: null,
      settings: {},
    },
    deadlineMs: 120_000,
  });
  client.open(data.uri, data.text);
  await client.notified('strata/summary', (params) => {
    const summary = params as { uri: string; imageBytes: number | null };
    return summary.uri === data.uri && summary.imageBytes !== null;
  });
  return client;
}

/** The two states that are compared: the last layer against what lies below it. */
export function shownOf(uri: string) {
  return { uri, from: { of: 'image', upTo: 0 }, to: { of: 'image', upTo: 1 } } as const;
}

export async function serverFigures(data: PanelData, dist: string): Promise<ServerFigures> {
  const client = await openServer(data, dist);
  const { uri } = data;
  const pid = client.process.pid!;
  const questions: Question[] = [];
  const ask = async (what: string, method: string, params: object) => {
    const waits: number[] = [];
    let open = true;
    const typing = (async () => {
      while (open) {
        const started = performance.now();
        await client.hints(uri, [0, 10]);
        waits.push(performance.now() - started);
      }
    })();
    const cpu = cpuTime(pid);
    const started = performance.now();
    const result = await client.connection.sendRequest<{ total?: number } | null>(method, params);
    const ms = performance.now() - started;
    const cpuMs = cpuTime(pid) - cpu;
    open = false;
    await typing;
    const total = typeof result?.total === 'number' ? `: ${result.total.toLocaleString('en')}` : '';
    questions.push({ what: what + total, ms, cpuMs, hintsMs: Math.max(...waits) });
  };
  try {
    const opened = resident(pid);
    const shown = shownOf(uri);
    const all = { filter: '', kinds: ['added', 'modified', 'removed'] };
    const page = (what: string, query: object) =>
      ask(what, 'strata/diffPage', { ...shown, ...all, sort: 'size', offset: 0, limit: 200, ...query });
    await ask('the diff (head)', 'strata/diff', shown);
    const diffed = resident(pid);
    await page('first page, by path', { sort: 'path' });
    await page('first page, by size', {});
    await page('a page in the middle', { offset: data.entries >> 1 });
    await page('filter: lib', { filter: 'lib' });
    await page('filter: node usr', { filter: 'node usr' });
    await page('filter: *.js', { filter: '*.js' });
    await page('filter: usr/**/doc/*', { filter: 'usr/**/doc/*' });
    await page('filter: >1MB', { filter: '>1MB' });
    await page('kinds: modified', { kinds: ['modified'] });
    const tree = { ...shown, ...all, path: '', sort: 'size', offset: 0, limit: 1000 };
    await ask('by directory', 'strata/diffTree', tree);
    await ask('a directory of it', 'strata/diffTree', { ...tree, path: 'usr/bin' });
    await ask('the map', 'strata/diffMap', { ...shown, ...all, path: '' });
    await ask('the map, filtered: lib', 'strata/diffMap', { ...shown, ...all, filter: 'lib', path: '' });
    const state = shown.to;
    await ask('paths: lib', 'strata/paths', { uri, state, text: 'lib', limit: 100 });
    await ask('paths: no such', 'strata/paths', { uri, state, text: 'no-such-name', limit: 100 });
    const files = { uri, node: 'layer:1', offset: 0, limit: 200 };
    await ask('layer tree: upper', 'strata/tree', files);
    await ask('layer tree: merged', 'strata/tree', { ...files, view: 'merged' });
    await ask('layer tree: filter lib', 'strata/tree', { ...files, filter: 'lib' });
    return { questions, opened, diffed, after: resident(pid), peak: residentPeak(pid) };
  } finally {
    await client.stop();
  }
}

/** User and system time of a process, ms, in steps of 10; NaN where /proc does not tell. */
function cpuTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
