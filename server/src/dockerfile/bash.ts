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
   * The tree of a text; null when it is too long, too deep, too large or takes too much effort. A text with mistakes has
   * nodes of type `ERROR` in it, or ends in nodes of length 0. Never throws.
   */
  parse(text: string): ShellNode | null;
}

/** Files of `loadBash`, as scripts/build.mjs lays them beside the bundles. */
export const bashFiles = { runtime: 'tree-sitter.wasm', grammar: 'tree-sitter-bash.wasm' } as const;

/** UTF-16 units. What is longer is hardly written by hand and is not worth the time of a keystroke. */
export const longestText = 65_536;
const mostNodes = 100_000;
const deepest = 150;
/** The parser asks after each hundred steps or so whether to go on; 64 KiB of honest shell take about 1,500 asks. */
const mostAsks = 20_000;

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
  const loaded: typeof TreeSitter & { default?: typeof TreeSitter } = await import('@vscode/tree-sitter-wasm');
  const { Language, Parser } = loaded.default ?? loaded;
  const options = { wasmBinary: runtime, locateFile: (file: string) => file };
  await Parser.init(options);
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return {
    parse(text) {
      if (text.length > longestText) return null;
      let asks = 0;
      // The types of 0.25 say void; the runtime stops when it is told true.
      const progressCallback = (() => ++asks > mostAsks) as () => void;
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
    },
  };
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
