// Shell text as a tree, by tree-sitter's grammar of bash in WebAssembly: the one home of @vscode/tree-sitter-wasm. Loaded
// when first needed, from two files that lie beside the bundles. The trees are plain data, the parser's own are freed at
// once; what a tree means is for shellTree.ts.
import type * as TreeSitter from '@vscode/tree-sitter-wasm';
import type { Host } from '../primitives/host';

export interface ShellNode {
  /** As the grammar calls it; operators and keywords are their own text. */
  type: string;
  /** False for operators, keywords and quotes. */
  named: boolean;
  /** UTF-16 offsets into the text. */
  start: number;
  end: number;
  children: ShellNode[];
}

export interface BashParser {
  /**
   * The tree of a text; null when it is too long, too deep, too large or takes too long. A text with mistakes has
   * nodes of type `ERROR` in it, or ends in nodes of length 0. Never throws.
   */
  parse(text: string): ShellNode | null;
}

/** Files of `loadBash`, as scripts/build.mjs lays them beside the bundles. */
export const bashFiles = { runtime: 'tree-sitter.wasm', grammar: 'tree-sitter-bash.wasm' } as const;

/** UTF-16 units. What is longer is hardly written by hand and is not worth the time of a keystroke. */
export const longestText = 65_536;
/** UTF-16 units. What is shorter takes no time worth counting, whatever it is. */
const shortText = 1_024;
const mostNodes = 100_000;
const deepest = 150;
/**
 * ms. 64 KiB of honest shell take about a quarter of a second; 64 KiB of `a=(a=(a=(` would take minutes, in steps that
 * only a clock can tell from honest ones.
 */
const longestParse = 300;
/**
 * ms. A file may hold many texts that take long, and each keystroke may ask for them: parses from `slow` on share what
 * `most` allows, of which `refill` comes back with each ms. A text of the usual length takes less than one ms.
 */
const budget = { slow: 50, most: 1_500, refill: 0.1 };
/** UTF-16 units of the texts whose trees are kept: typing changes one RUN and asks for all of them. */
const mostKept = 524_288;

/**
 * The parser, from the two files in `folder`; null when they are missing or cannot be run here, so that the simpler
 * reader (shell.ts) goes on to serve.
 */
export async function loadBash(host: Host, folder: string): Promise<BashParser | null> {
  try {
    const [runtime, grammar] = await Promise.all([
      host.files.read(`${folder}/${bashFiles.runtime}`),
      host.files.read(`${folder}/${bashFiles.grammar}`),
    ]);
    return runtime && grammar ? await bashOf(runtime, grammar) : null;
  } catch {
    return null;
  }
}

/** The parser of two WebAssembly modules. Throws what the runtime throws for modules that are not theirs. */
export async function bashOf(runtime: Uint8Array, grammar: Uint8Array): Promise<BashParser> {
  // Imported here, so that a program that never asks does not pay for it. Node gives a CommonJS module as `default`.
  const loaded: typeof TreeSitter & { default?: typeof TreeSitter } = await import(
    '@vscode/tree-sitter-wasm'
  );
  const { Language, Parser } = loaded.default ?? loaded;
  const options = { wasmBinary: runtime, locateFile: (file: string) => file };
  await Parser.init(options);
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  const kept = new Map<string, ShellNode | null>();
  let units = 0;
  let spent = 0;
  let last = performance.now();
  return {
    parse(text) {
      if (text.length > longestText) return null;
      const known = kept.get(text);
      if (known !== undefined) {
        // What was asked for longest ago is forgotten first.
        kept.delete(text);
        kept.set(text, known);
        return known;
      }
      const started = performance.now();
      spent = Math.max(0, spent - (started - last) * budget.refill);
      last = started;
      if (spent > budget.most && text.length > shortText) return null;
      const root = parseOnce(parser, text, started + longestParse);
      const took = performance.now() - started;
      if (took >= budget.slow) spent += took;
      kept.set(text, root);
      units += text.length;
      for (const oldest of kept.keys()) {
        if (units <= mostKept) break;
        kept.delete(oldest);
        units -= oldest.length;
      }
      return root;
    },
  };
}

function parseOnce(parser: TreeSitter.Parser, text: string, deadline: number): ShellNode | null {
  // The types of 0.25 say void; the runtime stops when it is told true.
  const progressCallback = (() => performance.now() > deadline) as () => void;
  try {
    const tree = parser.parse(text, null, { progressCallback });
    if (!tree) {
      parser.reset();
      return null;
    }
    try {
      return copyTree(tree.walk());
    } finally {
      tree.delete();
    }
  } catch {
    return null;
  }
}

interface Cursor {
  readonly nodeType: string;
  readonly nodeIsNamed: boolean;
  readonly startIndex: number;
  readonly endIndex: number;
  gotoFirstChild(): boolean;
  gotoNextSibling(): boolean;
  gotoParent(): boolean;
  delete(): void;
}

/** Without recursion: how deep a text nests is its author's choice. */
function copyTree(cursor: Cursor): ShellNode | null {
  try {
    const root = nodeAt(cursor);
    const path = [root];
    for (let count = 1; ; ) {
      if (cursor.gotoFirstChild()) {
        if (path.length > deepest) return null;
      } else {
        path.pop();
        while (!cursor.gotoNextSibling()) {
          if (!cursor.gotoParent()) return root;
          path.pop();
        }
      }
      if (++count > mostNodes) return null;
      const node = nodeAt(cursor);
      path.at(-1)!.children.push(node);
      path.push(node);
    }
  } finally {
    cursor.delete();
  }
}

function nodeAt({ nodeType, nodeIsNamed, startIndex, endIndex }: Cursor): ShellNode {
  return { type: nodeType, named: nodeIsNamed, start: startIndex, end: endIndex, children: [] };
}
