// The shell parser of a server process: loaded from beside the bundle when a feature first needs it, kept from then on.
import { type BashParser, loadBash } from '../dockerfile/bash';
import type { Host } from '../primitives/host';

interface Loading {
  parser: BashParser | null;
  done: Promise<BashParser | null>;
}

const loadings = new WeakMap<Host, Loading>();

/** The parser; null when its files are missing, and then for good. */
export function needShell(host: Host): Promise<BashParser | null> {
  const known = loadings.get(host);
  if (known) return known.done;
  const loading: Loading = { parser: null, done: loadBash(host, __dirname) };
  loadings.set(host, loading);
  void loading.done.then((parser) => {
    loading.parser = parser;
  });
  return loading.done;
}

/** The parser if it is loaded by now. */
export function shellNow(host: Host): BashParser | null {
  return loadings.get(host)?.parser ?? null;
}
