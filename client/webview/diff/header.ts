// The head of the page: what layer this is, against what, its totals (which are the switches of the kinds), the filter.
// Its height does not change when data arrives.
import { sizeText } from '../../src/sizes';
import { button, holding, make } from '../elements';
import { type Change, changes, type Grouping, groupings } from './messages';
import { visible } from './pathText';
import { signs } from './row';
import type { State } from './state';

export interface HeaderActions {
  filter(text: string): void;
  toggle(kind: Change): void;
  line(): void;
  export(): void;
  /** Shows the changes by directory, or as one list. */
  toggleTree(): void;
  groupBy(by: Grouping): void;
  toggleMap(): void;
  openAll(): void;
  swap(): void;
}

export function header(actions: HeaderActions): { element: HTMLElement; update(state: State): void } {
  const element = make('header');
  const title = make('h1');
  const line = button('line', '', actions.line);
  const about = make('p', 'about');
  const basis = make('p', 'about basis');
  const kinds = make('div', 'kinds');
  kinds.setAttribute('role', 'group');
  const switches = changes.map((kind) => {
    const one = button(`kind ${kind}`, '', () => actions.toggle(kind));
    kinds.append(one);
    return { kind, one };
  });
  const filter = document.createElement('input');
  filter.type = 'search';
  filter.spellcheck = false;
  filter.addEventListener('input', () => actions.filter(filter.value));
  const exporting = button('report', '', actions.export);
  exporting.setAttribute('aria-haspopup', 'dialog');
  const swap = button('report', '', actions.swap);
  const openAll = button('report', '', actions.openAll);
  const tree = iconButton('list-tree', actions.toggleTree);
  const groups = document.createElement('select');
  groups.className = 'groups';
  groups.append(...groupings.map((by) => new Option('', by)));
  groups.addEventListener('change', () => actions.groupBy(groupings[groups.selectedIndex] ?? 'directory'));
  const map = iconButton('layout-panel', actions.toggleMap);
  const titleLine = holding('titleLine', title, holding('actions', swap, openAll, exporting));
  element.append(
    titleLine,
    about,
    basis,
    holding('tools', kinds, filter, groups, holding('views', tree, map)),
  );

  return {
    element,
    update(state) {
      const { texts, head, phase } = state;
      if (!texts) return;
      const instead = phase === 'failed' ? texts.failed : texts.loading;
      title.textContent = head ? visible(head.title) : instead;
      title.title = title.textContent;
      about.replaceChildren(...(head ? aboutParts(state, line) : []));
      basis.textContent = head ? [head.basis, head.reference].filter(Boolean).map(visible).join(' · ') : '';
      basis.title = basis.textContent;
      for (const { kind, one } of switches) {
        one.replaceChildren(...kindParts(state, kind));
        one.setAttribute('aria-pressed', String(state.query.kinds.includes(kind)));
        one.disabled = phase !== 'ready';
      }
      filter.placeholder = texts.filter;
      filter.setAttribute('aria-label', texts.filter);
      filter.disabled = phase === 'failed';
      if (filter.value !== state.query.filter) filter.value = state.query.filter;
      exporting.textContent = texts.export;
      exporting.title = texts.exportHint;
      exporting.disabled = phase !== 'ready' || !state.total;
      openAll.textContent = texts.openAll;
      openAll.title = texts.openAllHint;
      openAll.disabled = exporting.disabled;
      swap.textContent = texts.swap;
      swap.title = texts.swapHint;
      // A layer is always against what lies below it.
      swap.hidden = head === null || head.layer !== null;
      for (const [one, isOn, name] of [
        [tree, state.query.tree, texts.treeHint],
        [map, state.query.map, texts.showMap],
      ] as const) {
        one.title = name;
        one.setAttribute('aria-label', name);
        one.setAttribute('aria-pressed', String(isOn));
        one.disabled = phase === 'failed';
      }
      groups.hidden = !state.query.tree;
      groups.disabled = phase === 'failed';
      groups.setAttribute('aria-label', texts.groupBy);
      const names = { directory: texts.byDirectory, package: texts.byPackage, layer: texts.byLayer };
      for (const option of groups.options) option.text = names[option.value as Grouping];
      groups.value = state.query.by;
      filter.title = texts.filterHint;
    },
  };
}

/** `line 7 · against lines 1 to 6`. */
function aboutParts({ head, texts }: State, line: HTMLButtonElement): (string | HTMLElement)[] {
  if (!head || !texts) return [];
  const against = texts.against.replace('{0}', head.against);
  if (head.layer === null) return [against];
  const layer = texts.layer.replace('{0}', String(head.layer + 1));
  if (head.line === null) return [`${layer} · ${against}`];
  line.textContent = texts.line.replace('{0}', String(head.line));
  return [`${layer} · `, line, ` · ${against}`];
}

/** `+ 1,204 added  41.0 MB`. */
function kindParts({ head, texts, units, locale }: State, kind: Change): HTMLElement[] {
  const sign = make('span', `sign ${kind}`, signs[kind]);
  sign.setAttribute('aria-hidden', 'true');
  const count = {
    added: head?.added,
    modified: head?.modified,
    removed: head?.removed,
  }[kind];
  const bytes = {
    added: head?.bytesAdded,
    modified: head?.bytesModified,
    removed: head?.bytesRemoved,
  }[kind];
  const words =
    count === undefined ? (texts?.[kind] ?? '') : `${count.toLocaleString(locale)} ${texts?.[kind]}`;
  return [
    sign,
    make('span', 'count', words),
    make('span', 'bytes', bytes === undefined || !count ? '' : sizeText(bytes, units)),
  ];
}

function iconButton(icon: string, act: () => void): HTMLButtonElement {
  const element = button('view', '', act);
  const picture = make('span', `codicon codicon-${icon}`);
  picture.setAttribute('aria-hidden', 'true');
  element.append(picture);
  return element;
}
