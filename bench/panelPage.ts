// The diff panel's page in a real browser, its questions answered by the real server: how long frames take while a person
// scrolls, pages, drags, switches and types. Idle frames of the same page are the reference: other work on the machine
// lengthens both.
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { percentile } from './measure';
import type { PanelData } from './panelData';
import { openServer } from './panelServer';
import { servePage } from './panelWeb';

export interface Move {
  what: string;
  /** Of the time from frame to frame, ms. */
  p50: number;
  p95: number;
  max: number;
  over50: number;
  /** Longest task of the page's main thread, ms; 0 when none took 50. */
  longestTask: number;
  /** CPU time of the dearest task there, ms: what it would take on a machine with nothing else to do. */
  taskCpu: number;
  /** From the last key or click until what it asks for is on the screen, ms; NaN for movements. */
  shownMs: number;
}

export interface PageFigures {
  moves: Move[];
  /** JavaScript heap after a collection, bytes. */
  memory: { when: string; heap: number; nodes: number }[];
}

interface Browsers {
  findChromium(): string | undefined;
  openBrowser(program: string): Promise<Browser>;
  openPage(browser: unknown, size: object): Promise<Page>;
}

/** Null where there is no Chromium. */
export async function pageFigures(data: PanelData, root: string, dist: string): Promise<PageFigures | null> {
  const browsers: Browsers = await import(pathToFileURL(path.join(root, 'test/e2e/browser.mjs')).href);
  const program = browsers.findChromium();
  if (!program) return null;
  const client = await openServer(data, dist);
  const server = await servePage(client, data, root, path.join(dist, 'webview'));
  const browser = await browsers.openBrowser(program);
  try {
    const page = await browsers.openPage(browser, { width: 1280, height: 900 });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    page.setDefaultTimeout(120_000); // other work may slow the machine down
    await page.waitForSelector('.body .row[data-change]');
    await page.evaluate(watchFrames);
    return await movesOf(page, browser);
  } finally {
    await browser.close();
    server.close();
    await client.stop();
  }
}

/** Runs in the page: frames and long tasks since the last look. */
const watchFrames = `
  globalThis.seen = { frames: [], tasks: [] };
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.tasks.push(duration);
  }).observe({ entryTypes: ['longtask'] });`;

const takeSeen = '({ frames: seen.frames.splice(0), tasks: seen.tasks.splice(0) })';

/** Runs in the page: the scrollbar from top to bottom in 3 s. */
const dragThrough = `new Promise((resolve) => {
  const body = document.querySelector('.body');
  const started = performance.now();
  const step = () => {
    const part = Math.min(1, (performance.now() - started) / 3000);
    body.scrollTop = part * (body.scrollHeight - body.clientHeight);
    if (part < 1) requestAnimationFrame(step);
    else resolve();
  };
  step();
})`;

async function movesOf(page: Page, browser: Browser): Promise<PageFigures> {
  const moves: Move[] = [];
  const memory: PageFigures['memory'] = [];
  const devtools = await page.context().newCDPSession(page);
  const take = () => page.evaluate<{ frames: number[]; tasks: number[] }>(takeSeen);
  const move = async (what: string, act: () => Promise<unknown>, shown?: () => Promise<unknown>) => {
    await browser.startTracing(page, { categories: ['toplevel'] });
    await take();
    await act();
    const started = performance.now();
    await shown?.();
    const shownMs = shown ? performance.now() - started : Number.NaN;
    await page.waitForTimeout(300);
    const { frames, tasks } = await take();
    const taskCpu = longestTask((await browser.stopTracing()).toString());
    moves.push({
      what,
      p50: percentile(frames, 0.5),
      p95: percentile(frames, 0.95),
      max: Math.max(...frames),
      over50: frames.filter((ms) => ms > 50).length,
      longestTask: Math.max(0, ...tasks),
      taskCpu,
      shownMs,
    });
  };
  const remember = async (when: string) => memory.push({ when, ...(await memoryOf(devtools)) });
  const settled = () => page.waitForSelector('#page:not(.waiting) .body .row[data-change]');
  const loaded = () => page.waitForFunction(`document.querySelector('.body .row.awaited') === null`);

  await remember('first page');
  await move('idle (reference)', () => page.waitForTimeout(2000));
  await page.mouse.move(600, 700);
  await move('wheel', () => repeat(120, () => page.mouse.wheel(0, 300)), loaded);
  await page.focus('.grid');
  await move('PageDown', () => repeat(100, () => page.keyboard.press('PageDown')), loaded);
  await move('arrow keys', () => repeat(100, () => page.keyboard.press('ArrowDown')), loaded);
  await move('drag through all', () => page.evaluate(dragThrough), loaded);
  await move('End', () => page.keyboard.press('End'), loaded);
  await remember('scrolled through');
  await move('sort by path', () => page.click('.columns .pathCell button'), settled);
  await move('sort by size', () => page.click('.columns .after button'), settled);
  await move('map off and on', async () => {
    await page.click('.view >> nth=1');
    await page.click('.view >> nth=1');
  });
  await move('into the map', () => page.click('.map .box.goes.holds span'));
  await move(
    'tree on',
    () => page.click('.view >> nth=0'),
    () => page.waitForSelector('.row.directory'),
  );
  await move('directories opened', () => repeat(12, () => openNext(page)));
  await move('wheel in the tree', () => repeat(60, () => page.mouse.wheel(0, 200)));
  await move('tree off', () => page.click('.view >> nth=0'), settled);
  for (const text of ['lib', '*.so', '>1MB']) {
    await page.fill('input', '');
    await settled();
    await page.focus('input');
    await page.evaluate(watchWaiting);
    await move(
      `filter: ${text}`,
      () => page.keyboard.type(text, { delay: 60 }),
      () => answered(page),
    );
  }
  await remember('at the end');
  return { moves, memory };
}

/** Before typing: the page may wait for its answer so shortly that it is not seen from here. */
const watchWaiting = `window.hasWaited = false;
  new MutationObserver(() => { window.hasWaited = true; })
    .observe(document.getElementById('page'), { attributes: true, attributeFilter: ['class'] });`;

/** Until the page shows what was typed: it waits for the end of typing, then for the server. */
async function answered(page: Page): Promise<void> {
  await page.waitForFunction('window.hasWaited');
  await page.waitForSelector('#page:not(.waiting)');
}

/** The first closed directory in sight; nothing when all of them are open. */
async function openNext(page: Page): Promise<void> {
  const closed = page.locator('.row.directory[aria-expanded="false"]');
  if ((await closed.count()) === 0) return page.mouse.wheel(0, 200);
  // What was asked for before may open under the mouse.
  await closed
    .first()
    .click({ timeout: 1000 })
    .catch(() => {});
}

async function repeat(times: number, act: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await act();
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds of CPU time. */
  tdur?: number;
  args?: { name?: string };
}

/** Of the renderers' main threads, ms of CPU; NaN where the browser does not tell. */
function longestTask(trace: string): number {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: TraceEvent[] };
  const threads = traceEvents.filter((event) => event.args?.name === 'CrRendererMain');
  const isMain = new Set(threads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(
    ({ name, pid, tid, tdur }) =>
      name.endsWith('RunTask') && tdur !== undefined && isMain.has(`${pid} ${tid}`),
  );
  return tasks.reduce((most, { tdur }) => Math.max(most, tdur! / 1000), 0) || Number.NaN;
}

async function memoryOf(devtools: CDPSession): Promise<{ heap: number; nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('Performance.enable');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const value = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  return { heap: value('JSHeapUsedSize'), nodes: value('Nodes') };
}
