// What each step of the walkthrough shows on the example: the line that holds the idea, found by its text, and where it
// becomes visible. The steps' words and buttons stand in package.json.
import type { TreeView } from '../../server/src/protocol';

export interface Idea {
  /** The line of the example. */
  line: RegExp;
  /** Which files the tree shows for each layer. */
  view: TreeView;
  /**
   * `tree`: the line's row is selected and opened. `diff`: the diff panel shows the line's layer. `command`: runs one,
   * with the example's URI.
   */
  shows: { in: 'tree' } | { in: 'diff' } | { in: 'command'; command: string };
}

const tree = { in: 'tree' } as const;
const diff = { in: 'diff' } as const;
const command = (id: string) => ({ in: 'command', command: id }) as const;

export const ideas = {
  upper: { line: /^COPY docs\b/, view: 'upper', shows: tree },
  lower: { line: /^COPY docs\b/, view: 'lower', shows: tree },
  merged: { line: /^COPY docs\b/, view: 'merged', shows: tree },
  copyUp: { line: /^RUN chown\b/, view: 'upper', shows: diff },
  whiteout: { line: /^RUN rm \/srv\/scratch\.bin/, view: 'upper', shows: diff },
  fix: { line: /^RUN rm \/srv\/scratch\.bin/, view: 'upper', shows: command('editor.action.quickFix') },
  opaque: { line: /^RUN rm -r docs\b/, view: 'upper', shows: diff },
  sharing: { line: /^FROM \S+$/, view: 'upper', shows: tree },
  images: { line: /^FROM \S+$/, view: 'upper', shows: command('strata.images.focus') },
  writable: { line: /^COPY <<EOF\b/, view: 'merged', shows: tree },
  container: { line: /^CMD\b/, view: 'merged', shows: command('strata.showContainer') },
  build: { line: /^COPY docs\b/, view: 'upper', shows: command('strata.build') },
  forecast: { line: /^COPY docs\b/, view: 'upper', shows: command('strata.forecast') },
} satisfies Record<string, Idea>;

export type IdeaName = keyof typeof ideas;

export function isIdea(name: unknown): name is IdeaName {
  return typeof name === 'string' && Object.hasOwn(ideas, name);
}
