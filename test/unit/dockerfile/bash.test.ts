// The shell parser: loads from its files, gives plain trees, and gives up on what is too much.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type BashParser, loadBash, longestText, type ShellNode } from '../../../server/src/dockerfile/bash';
import { loadedBash } from '../../support/bashParser';
import { memoryHost } from '../../support/memoryHost';

/** `(list command "&&" command)`, three levels deep. */
function draw(node: ShellNode, depth = 2): string {
  if (!node.named) return JSON.stringify(node.type);
  if (depth === 0 || node.children.length === 0) return node.type;
  return `(${node.type} ${node.children.map((child) => draw(child, depth - 1)).join(' ')})`;
}

describe('the shell parser', () => {
  let parser: BashParser;
  before(async () => {
    parser = await loadedBash();
  });
  const check = (text: string, drawn: string) => assert.equal(draw(parser.parse(text)!), drawn);

  test('tells lists, groups and comments apart', () => {
    check('a && b || c', '(program (list list "||" command))');
    check('( a; b ) # c', '(program (subshell "(" command ";" command ")") comment)');
    check('a | b &', '(program (pipeline command "|" command) "&")');
  });
  test('gives offsets in UTF-16 units', () => {
    const [first, , second] = parser.parse('echo 🙂; b')!.children;
    assert.deepEqual([first!.start, first!.end, second!.start, second!.end], [0, 7, 9, 10]);
  });
  test('gives trees that outlive the next parse', () => {
    const tree = parser.parse('a; b')!;
    parser.parse('c && d');
    assert.equal(draw(tree), '(program (command command_name) ";" (command command_name))');
  });
  test('gives up on what is too long or too deep, and serves the next text', () => {
    assert.equal(parser.parse('a '.repeat(longestText)), null);
    assert.equal(parser.parse('$('.repeat(400) + ')'.repeat(400)), null);
    check('a', '(program (command command_name))');
  });
  test('gives up on a text that takes too much effort, and serves the next', () => {
    assert.equal(parser.parse('a=('.repeat(20_000)), null);
    check('a && b', '(program (list command "&&" command))');
  });
});

test('without its files, or with other files in their place, there is no parser', async () => {
  assert.equal(await loadBash(memoryHost(), '/nowhere'), null);
  const host = memoryHost({
    files: { '/x/tree-sitter.wasm': 'not a module', '/x/tree-sitter-bash.wasm': '' },
  });
  assert.equal(await loadBash(host, '/x'), null);
});
