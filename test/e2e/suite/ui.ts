// What stands on the screen, asked through the bridge of run.mjs (browser.mjs). On a desktop there is none, and tests
// that need it skip themselves.
import type { Context } from 'mocha';

const port = process.env.STRATA_BRIDGE;

/** Ends the test as skipped where the screen cannot be asked. */
export function needsScreen(test: Context): void {
  if (!port) test.skip();
}

async function ask<T>(op: string, given: object = {}): Promise<T> {
  const body = JSON.stringify({ op, ...given });
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  const answer = (await response.json()) as { value: T; error?: string };
  if (answer.error) throw new Error(`${op} ${body}: ${answer.error}`);
  return answer.value;
}

/** Pixels of the page. */
export interface Point {
  x: number;
  y: number;
}

export const screen = {
  shot: (name: string) => ask<string>('shot', { name }),
  size: (width: number, height: number) => ask<null>('size', { width, height }),
  texts: (selector: string) => ask<string[]>('texts', { selector }),
  attributes: (selector: string, name: string) => ask<(string | null)[]>('attributes', { selector, name }),
  click: (selector: string) => ask<null>('click', { selector }),
  hover: (selector: string) => ask<null>('hover', { selector }),
  /** Moves the mouse away from what it might hover. */
  mouse: (x: number, y: number) => ask<null>('mouse', { x, y }),
  drag: (from: Point, to: Point) => ask<null>('drag', { from, to }),
  box: (selector: string) => ask<Point & { width: number; height: number }>('box', { selector }),
  key: (key: string) => ask<null>('key', { key }),
  type: (text: string) => ask<null>('type', { text }),
};

/** The diff panel's page: its frame is the one that holds `#page`. */
const match = '#page';

export const panelPage = {
  texts: (selector: string) => ask<string[]>('frameTexts', { match, selector }),
  attributes: (selector: string, name: string) =>
    ask<(string | null)[]>('frameAttributes', { match, selector, name }),
  click: (selector: string) => ask<null>('frameClick', { match, selector }),
  fill: (selector: string, text: string) => ask<null>('frameFill', { match, selector, text }),
  press: (selector: string, key: string) => ask<null>('framePress', { match, selector, key }),
  accessible: (selector: string) => ask<string>('frameAccessible', { match, selector }),
};

/** Of another webview, which is the one that holds `match`. */
export function webviewAttributes(match: string, name: string): Promise<(string | null)[]> {
  return ask('frameAttributes', { match, selector: match, name });
}
