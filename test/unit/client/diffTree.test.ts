// The tree of the diff page: a directory of many changes comes a page at a time, as its end is in sight.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Texts } from '../../../client/webview/diff/messages';
import {
  initialState,
  received,
  type State,
  withDirectory,
  withQuery,
  withSelected,
} from '../../../client/webview/diff/state';
import { nextPages } from '../../../client/webview/diff/tree';
import type { DiffHead, DiffTreeRow } from '../../../server/src/protocol';

const shown = {
  uri: 'file:///Dockerfile',
  from: { of: 'image', upTo: 0 },
  to: { of: 'image', upTo: 1 },
} as const;

function node(path: string, directory: boolean): DiffTreeRow {
  return { path, directory, group: null, row: null, added: 1, modified: 0, removed: 0, bytes: 1 };
}

/** The tree is on and waits for its roots. */
function asking(): State {
  const loading = received(initialState(null), { type: 'loading', shown, texts: {} as Texts });
  const head = { type: 'head', head: {} as DiffHead, units: 'decimal', locale: 'en' } as const;
  return withQuery(received(loading, head), { tree: true });
}

function withChildren(state: State, path: string, names: string[], total: number, offset = 0): State {
  const rows = names.map((name) => node(path === '' ? name : `${path}/${name}`, name.endsWith('D')));
  return received(state, { type: 'children', ask: state.ask, path, offset, page: { rows, total } });
}

function drawn({ tree }: State): string[] {
  return tree.lines.map(({ node, depth, more, place, of }) => {
    const name = more > 0 ? `${more} more` : node.path;
    return `${'  '.repeat(depth)}${name} (${place} of ${of})`;
  });
}

describe('a directory of many changes', () => {
  const first = withChildren(asking(), '', ['aD', 'z'], 2);
  const open = withChildren(withDirectory(first, 'aD'), 'aD', ['1', '2'], 5);

  test('shows what has arrived, and a line that stands for the rest', () => {
    assert.deepEqual(drawn(open), [
      'aD (1 of 2)',
      '  aD/1 (1 of 5)',
      '  aD/2 (2 of 5)',
      '  3 more (3 of 5)',
      'z (2 of 2)',
    ]);
  });

  test('goes on when that line is in sight', () => {
    assert.deepEqual(nextPages(open.tree, 0, 3), []);
    assert.deepEqual(nextPages(open.tree, 0, 40), [{ path: 'aD', offset: 2 }]);
    const more = withChildren(open, 'aD', ['3', '4'], 5, 2);
    assert.deepEqual(drawn(more).slice(3), [
      '  aD/3 (3 of 5)',
      '  aD/4 (4 of 5)',
      '  1 more (5 of 5)',
      'z (2 of 2)',
    ]);
    const whole = withChildren(more, 'aD', ['5'], 5, 4);
    assert.deepEqual(drawn(whole).slice(5), ['  aD/5 (5 of 5)', 'z (2 of 2)']);
    assert.deepEqual(nextPages(whole.tree, 0, 40), []);
  });

  test('leaves the selection on its row; on the line for the rest it goes on with the first that came', () => {
    const below = withChildren(withSelected(open, 4), 'aD', ['3', '4', '5'], 5, 2);
    assert.equal(below.tree.lines[below.selected]?.node.path, 'z');
    const atEnd = withChildren(withSelected(open, 3), 'aD', ['3', '4', '5'], 5, 2);
    assert.equal(atEnd.tree.lines[atEnd.selected]?.node.path, 'aD/3');
  });

  test('drops a page that does not come next', () => {
    assert.deepEqual(drawn(withChildren(open, 'aD', ['5'], 5, 4)), drawn(open));
    assert.deepEqual(drawn(withChildren(open, 'elsewhere', ['5'], 5, 4)), drawn(open));
  });

  test('ends at what a page holds: a filter leads to the rest', () => {
    const names = Array.from({ length: 50_000 }, (_, at) => String(at));
    const full = withChildren(open, 'aD', names, 1_000_000);
    const rest = full.tree.lines.at(-2);
    assert.deepEqual([rest?.more, rest?.comes], [950_000, false]);
    assert.deepEqual(nextPages(full.tree, 49_990, 50_010), []);
  });
});
