// One row of the tree: a directory, package or layer with what changed in it, or a change as the list shows it, further in.
import { sizeText, type Units } from '../../src/sizes';
import { changes, type Texts } from './messages';
import { nameText } from './pathText';
import { cell, changeCell, rowElement, signs } from './row';
import type { TreeLine } from './tree';

/** Pixels for each directory above; deeper ones stop moving in. */
const step = 14;
const deepest = 24;

export function treeRowElement(
  line: TreeLine | undefined,
  index: number,
  selected: boolean,
  texts: Texts,
  units: Units,
  locale: string,
): HTMLElement {
  const row = line?.node.row ?? undefined;
  const element =
    line && line.more === 0 && !line.node.directory
      ? rowElement(row, index, selected, texts, units, line.inGroup ? undefined : name(line))
      : rowElement(undefined, index, selected, texts, units);
  if (!line) return element;
  element.setAttribute('aria-level', String(line.depth + 1));
  element.setAttribute('aria-posinset', String(line.place));
  element.setAttribute('aria-setsize', String(line.of));
  const pathCell = element.querySelector<HTMLElement>('.pathCell');
  if (line.more > 0) {
    const text = line.comes ? texts.moreComing : texts.more;
    pathCell?.replaceChildren(text.replace('{0}', line.more.toLocaleString(locale)));
  } else if (line.node.directory) {
    element.classList.remove('awaited');
    element.classList.add('directory');
    element.setAttribute('aria-expanded', String(line.isOpen));
    element.replaceChildren(...directoryCells(line, texts, units, locale));
  }
  indent(element, line);
  return element;
}

function directoryCells(line: TreeLine, texts: Texts, units: Units, locale: string): HTMLElement[] {
  const { node, isOpen } = line;
  const change = node.row ? changeCell(node.row.change, texts) : cell('change', '');
  const path = cell('pathCell', '');
  const arrow = document.createElement('span');
  arrow.className = `codicon twist codicon-chevron-${isOpen ? 'down' : 'right'}`;
  arrow.setAttribute('aria-hidden', 'true');
  path.append(arrow, name(line));
  const parts = changes
    .filter((kind) => (node[kind] ?? 0) > 0)
    .map((kind) => `${signs[kind]}${node[kind]!.toLocaleString(locale)}`);
  const bytes = cell('after', node.bytes > 0 ? sizeText(node.bytes, units) : '');
  bytes.title = node.group ? '' : texts.inDirectory;
  return [change, path, cell('before', ''), bytes, cell('what', parts.join(' '))];
}

function name({ node }: TreeLine): HTMLElement {
  const element = document.createElement('span');
  element.className = 'path';
  const { group } = node;
  element.append(nameText(group ? group.label : node.path.slice(node.path.lastIndexOf('/') + 1)));
  if (group?.detail) {
    const detail = document.createElement('span');
    detail.className = 'detail';
    detail.append(nameText(group.detail));
    element.append(detail);
  }
  return element;
}

function indent(element: HTMLElement, { depth, node, more }: TreeLine): void {
  const pathCell = element.querySelector<HTMLElement>('.pathCell');
  // Files stand under the name of their directory, not under its arrow.
  const own = node.directory && more === 0 ? 0 : step;
  if (pathCell) pathCell.style.paddingLeft = `${Math.min(depth, deepest) * step + own}px`;
}
