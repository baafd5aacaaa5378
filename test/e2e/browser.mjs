// The browser in which the VS Code page runs, and the bridge by which a suite inside the extension host asks about what
// stands on the screen: one POST to 127.0.0.1 with { op, ... } for each question.
import { existsSync, mkdirSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';

/** Also where it is installed by hand or by a package manager. */
const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  chromium.executablePath(),
];

/** The path of a Chromium, or undefined. */
export function findChromium() {
  return places.find((place) => place && existsSync(place));
}

export async function openBrowser(executablePath) {
  return await chromium.launch({
    executablePath,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--font-render-hinting=none'],
    ],
  });
}

/** A page that reaches nothing but this machine. */
export async function openPage(browser, { width = 1280, height = 800, scale = 1 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale });
  await context.route(
    (url) => !['127.0.0.1', 'localhost'].includes(url.hostname),
    (route) => route.abort(),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(8000); // below mocha's, so that a selector that fails is told as such
  return page;
}

const titleBar = 36;

export async function startBridge(page, pictures) {
  mkdirSync(pictures, { recursive: true });
  const operations = pageOperations(page, pictures);
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    try {
      const { op, ...given } = JSON.parse(body);
      response.end(JSON.stringify({ value: (await operations[op](given)) ?? null }));
    } catch (error) {
      response.statusCode = 500;
      response.end(JSON.stringify({ error: String(error?.message ?? error) }));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, close: () => server.close() };
}

function pageOperations(page, pictures) {
  /** Webviews are two nested frames; the inner one holds the content. */
  const frame = async (match) => {
    const deadline = Date.now() + 8000;
    while (Date.now() < deadline) {
      for (const one of page.frames()) {
        if (one.name() !== 'active-frame' && !one.url().includes('fake.html')) continue;
        const found = await one
          .locator(match)
          .count()
          .catch(() => 0);
        if (found > 0) return one;
      }
      await page.waitForTimeout(100);
    }
    throw new Error(`no webview holds ${match}`);
  };
  return {
    shot: async ({ name }) => {
      const file = path.join(pictures, `${name}.png`);
      // Without the title bar, which speaks of the test.
      const { width, height } = page.viewportSize();
      const clip = { x: 0, y: titleBar, width, height: height - titleBar };
      await page.screenshot({ path: file, animations: 'disabled', clip });
      return file;
    },
    size: ({ width, height }) => page.setViewportSize({ width, height }),
    texts: ({ selector }) => page.locator(selector).allInnerTexts(),
    attributes: ({ selector, name }) =>
      page
        .locator(selector)
        .evaluateAll((all, attribute) => all.map((one) => one.getAttribute(attribute)), name),
    click: ({ selector }) => page.locator(selector).first().click(),
    hover: ({ selector }) => page.locator(selector).first().hover(),
    mouse: ({ x, y }) => page.mouse.move(x, y),
    drag: async ({ from, to }) => {
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(to.x, to.y, { steps: 8 });
      await page.mouse.up();
    },
    box: ({ selector }) => page.locator(selector).first().boundingBox(),
    key: ({ key }) => page.keyboard.press(key),
    type: ({ text }) => page.keyboard.type(text),
    accessible: ({ selector }) => page.locator(selector).first().ariaSnapshot(),
    frameTexts: async ({ match, selector }) => (await frame(match)).locator(selector).allInnerTexts(),
    frameClick: async ({ match, selector }) => (await frame(match)).locator(selector).first().click(),
    frameFill: async ({ match, selector, text }) => (await frame(match)).locator(selector).first().fill(text),
    framePress: async ({ match, selector, key }) => (await frame(match)).locator(selector).first().press(key),
    frameAttributes: async ({ match, selector, name }) =>
      (await frame(match))
        .locator(selector)
        .evaluateAll((all, attribute) => all.map((one) => one.getAttribute(attribute)), name),
    frameAccessible: async ({ match, selector }) =>
      (await frame(match)).locator(selector).first().ariaSnapshot(),
  };
}
