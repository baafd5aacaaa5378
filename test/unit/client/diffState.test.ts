import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Texts } from '../../../client/webview/diff/messages';
import {
  initialState,
  missingPages,
  pageSize,
  received,
  rowAt,
  type State,
  withQuery,
} from '../../../client/webview/diff/state';
import type { DiffHead, DiffRow } from '../../../server/src/protocol';

const total = 1_000_000;
const shown = {
  uri: 'file:///Dockerfile',
  from: { of: 'image', upTo: 0 },
  to: { of: 'image', upTo: 1 },
} as const;

function row(index: number): DiffRow {
  return { path: `f${index}`, type: 'file', change: 'added', before: null, after: 1, what: [], link: null };
}

/** A state that waits for its first rows. */
function asking(): State {
  const loading = received(initialState(null), { type: 'loading', shown, texts: {} as Texts });
  return received(loading, { type: 'head', head: {} as DiffHead, units: 'decimal', locale: 'en' });
}

function withPage(state: State, offset: number, ask = state.ask): State {
  const rows = Array.from({ length: Math.min(pageSize, total - offset) }, (_, i) => row(offset + i));
  return received(state, { type: 'rows', ask, offset, page: { rows, total } });
}

describe('rows of a diff that the page holds', () => {
  test('are asked for where they are in sight and not here', () => {
    const state = withPage(asking(), 0);
    assert.deepEqual(missingPages(state, 0, 40), []);
    assert.deepEqual(missingPages(state, 190, 230), [200]);
    assert.deepEqual(missingPages(state, total - 30, total), [total - pageSize]);
    assert.equal(rowAt(withPage(state, 200), 399)?.path, 'f399');
    assert.equal(rowAt(state, 200), undefined);
  });

  test('stay few, however far a person scrolls, and those of the newest place are among them', () => {
    let state = asking();
    for (let offset = 0; offset < 200 * pageSize; offset += pageSize) state = withPage(state, offset);
    assert.ok(state.pages.size <= 40, String(state.pages.size));
    assert.equal(rowAt(state, 200 * pageSize - 1)?.path, `f${200 * pageSize - 1}`);
    assert.equal(rowAt(state, 0), undefined);
    assert.deepEqual(missingPages(state, 0, 40), [0]);
  });

  test('of an older query are dropped, and its rows stay until the newer one is answered', () => {
    const first = withPage(asking(), 0);
    const next = withQuery(first, { filter: 'lib' });
    assert.deepEqual(missingPages(next, 400, 440), [0]);
    assert.equal(withPage(next, 200, first.ask), next);
    assert.equal(rowAt(next, 3)?.path, 'f3');
    const answered = received(next, {
      type: 'rows',
      ask: next.ask,
      offset: 0,
      page: { rows: [row(7)], total: 1 },
    });
    assert.equal(rowAt(answered, 0)?.path, 'f7');
    assert.equal(rowAt(answered, 1), undefined);
  });
});
