// What layers hold below directories of a known kind: one pass over each layer's rows, without making their paths, and
// one over those rows that were found once the merged view stands. Which directories are known: depositPatterns.ts.
import type { Deposit } from '../image/model';
import { kindOf, nameTokens, noState, stateBelow, topState } from './depositPatterns';
import { isDirectoryType, rowPath } from './entry';
import { type LayerIndex, rowTypes } from './model';
import type { Stack } from './stack';

/** Of all layers; an attacker's image could have one for each directory. */
const maxDeposits = 1000;

/** Marks of rows below this are states of the patterns, others are numbers of deposits. */
const firstDeposit = 2 ** 16;

export class DepositFinder {
  private readonly deposits: Deposit[] = [];
  /** By layer; null for those without any. */
  private readonly marks: (Int32Array | null)[] = [];

  /** Takes the next layer. */
  add(index: LayerIndex): void {
    const tokens = nameTokens(index.names);
    this.marks.push(tokens && this.markRows(index, tokens));
  }

  /**
   * Those with files; the largest first.
   * @param stack of all layers that were added
   * @param isLinked whether hard links elsewhere lead to the bytes of a row
   */
  result(stack: Stack, isLinked: (layer: number, row: number) => boolean): Deposit[] {
    stack.layers.forEach((index, layer) => {
      const marks = this.marks[layer];
      if (!marks) return;
      const nodes = stack.trie.nodesOf(index);
      for (let row = 0; row < index.count; row++) {
        if (marks[row]! < firstDeposit || index.type[row] !== rowTypes.file) continue;
        const node = nodes[row]!;
        if (stack.layer[node] !== layer || stack.row[node] !== row || isLinked(layer, row)) continue;
        this.deposits[marks[row]! - firstDeposit]!.visibleBytes += index.size[row]!;
      }
    });
    return this.deposits.filter(({ files }) => files > 0).sort((a, b) => b.bytes - a.bytes);
  }

  private markRows(index: LayerIndex, tokens: Uint8Array): Int32Array | null {
    const marks = new Int32Array(index.count);
    const { parent, name, type, size } = index;
    const { deposits } = this;
    const before = deposits.length;
    for (let row = 0; row < index.count; row++) {
      const up = parent[row]!;
      const above = up < 0 ? topState : marks[up]!;
      if (above >= firstDeposit) {
        marks[row] = above;
        if (type[row] === rowTypes.file) count(deposits[above - firstDeposit]!, index, row, size[row]!);
        continue;
      }
      const token = tokens[name[row]!]!;
      if (token === 0 && above === noState) continue;
      const state = stateBelow(above, token);
      marks[row] = state;
      const kind = kindOf(state);
      if (!kind || !isDirectoryType(type[row]!) || deposits.length === maxDeposits) continue;
      const layer = this.marks.length;
      marks[row] = firstDeposit + deposits.length;
      const path = rowPath(index, row);
      deposits.push({ kind, layer, path, bytes: 0, files: 0, visibleBytes: 0, uid: 0 });
    }
    return deposits.length > before ? marks : null;
  }
}

function count(deposit: Deposit, index: LayerIndex, row: number, bytes: number): void {
  if (deposit.files === 0) deposit.uid = index.uid[row]!;
  deposit.files++;
  deposit.bytes += bytes;
}
