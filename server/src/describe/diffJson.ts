// A diff as JSON: the document of `strata diff --format json`, a change a line. Keys are those of the command line's page,
// to which scripts are written: they are added, never renamed.
import type { Entry } from '../layers/model';
import type { DiffWriter } from './diffDocument';

export const diffJson: DiffWriter = {
  mostRows: Number.POSITIVE_INFINITY,

  head({ from, to, totals, words, query, listed, basis, built }) {
    const { added, modified, removed, bytesAdded, bytesModified, bytesRemoved } = totals;
    const told = { added, modified, removed, bytesAdded, bytesModified, bytesRemoved };
    const list = query && { list: { ...query, entries: listed } };
    const about = words && { ...words, basis, built };
    const head = JSON.stringify({ schema: 1, from, to, ...told, ...about, ...list }, null, 2);
    return `${head.slice(0, -2)},\n  "entries": [`;
  },

  row(_, { path, change, before, after, what }, at) {
    const entry = {
      path,
      change,
      before: before && entryJson(before),
      after: after && entryJson(after),
      what,
    };
    return `${at === 0 ? '' : ','}\n    ${JSON.stringify(entry)}`;
  },

  tail({ problems }, written) {
    return `${written === 0 ? '' : '\n  '}],\n  "problems": ${JSON.stringify(problems)}\n}\n`;
  },
};

function entryJson({ type, bytes, mode, uid, gid, link }: Entry) {
  return { type, bytes, mode, uid, gid, link };
}
