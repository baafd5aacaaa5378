// The value of a word of a shell tree where it is sure without running anything: quotes and backslashes taken away.
import type { ShellNode } from './bash';

/** The word's value; null when the shell expands something in it. A pattern or a tilde stays as written. */
export function wordOf(text: string, node: ShellNode): string | null {
  switch (node.type) {
    case 'word':
    case 'number':
    case 'extglob_pattern':
    case 'test_operator':
    case 'brace_expression':
      return node.children.some(({ named }) => named)
        ? null
        : text
            .slice(node.start, node.end)
            .replace(/\\([\s\S])/g, (_, one: string) => (one === '\n' ? '' : one));
    case 'raw_string':
      return text.slice(node.start + 1, node.end - 1);
    case 'string':
      return node.children.some(({ named, type }) => named && type !== 'string_content')
        ? null
        : text
            .slice(node.start + 1, node.end - 1)
            .replace(/\\([$`"\\\n])/g, (_, one: string) => (one === '\n' ? '' : one));
    case 'command_name':
    case 'concatenation': {
      let value = '';
      for (const child of node.children) {
        const part = child.named ? wordOf(text, child) : text.slice(child.start, child.end);
        if (part === null) return null;
        value += part;
      }
      return value;
    }
    default:
      return null;
  }
}
