// The picture of the changes: a treemap of bytes, coloured by what happened. A click on a directory goes into it; the
// path above leads back. It is a picture: the grid below tells the same to who does not see it.
import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy';
import type { DiffMapNode } from '../../../server/src/protocol';
import { sizeText } from '../../src/sizes';
import { button, make } from '../elements';
import type { Opening } from './messages';
import { visible } from './pathText';
import { signs } from './row';
import { isFiltered, type State } from './state';

export interface MapActions {
  /** Shows the map of a directory, the root being `''`. */
  enter(path: string): void;
  openFile(path: string, how: Opening): void;
}

/** Pixels: a directory needs them for its name, a name for being read. */
const headHeight = 16;
const smallestName = { width: 34, height: 14 };

export function sizeMap(actions: MapActions): { element: HTMLElement; update(state: State): void } {
  const element = make('div', 'map');
  const way = make('nav');
  const chart = make('div', 'chart');
  chart.setAttribute('role', 'img');
  element.append(way, chart);
  let state: State | null = null;
  let drawn = '';

  const draw = (): void => {
    if (!state?.texts) return;
    const { texts, phase } = state;
    // Of a diff that is not here there is nothing to tell.
    const map = phase === 'ready' ? state.map : undefined;
    // Typing and scrolling redraw the page; the picture changes with its data and its room alone.
    const isNone = state.total === 0 && isFiltered(state);
    const key = `${phase} ${isNone} ${state.mapAsk} ${chart.clientWidth} ${chart.clientHeight} ${state.units}`;
    if (key === drawn) return;
    drawn = key;
    chart.setAttribute('aria-label', texts.map);
    chart.replaceChildren(...(map ? boxes(map, chart, state, actions) : []));
    if (!map) chart.append(make('p', '', map === null ? (isNone ? texts.noMatch : texts.noBytes) : ''));
  };
  new ResizeObserver(draw).observe(chart);

  return {
    element,
    update(next) {
      state = next;
      element.hidden = !next.query.map;
      way.replaceChildren(...wayTo(next, actions));
      draw();
    },
  };
}

function boxes(map: DiffMapNode, chart: HTMLElement, state: State, actions: MapActions): HTMLElement[] {
  const root = hierarchy(map, ({ children }) => children).sum(({ bytes, children }) =>
    children.length > 0 ? 0 : bytes,
  );
  const laid = treemap<DiffMapNode>()
    .size([chart.clientWidth, chart.clientHeight])
    .paddingInner(1)
    .paddingTop((node) => (node.depth > 0 && node.children && hasHead(node) ? headHeight : 0))
    .round(true)(root);
  return laid
    .descendants()
    .filter((node) => node.depth > 0 && node.x1 - node.x0 >= 2 && node.y1 - node.y0 >= 2)
    .map((node) => box(node, state, actions));
}

function hasHead(node: { x0?: number; x1?: number; y0?: number; y1?: number }): boolean {
  return (node.x1 ?? 0) - (node.x0 ?? 0) >= smallestName.width && (node.y1 ?? 0) - (node.y0 ?? 0) >= 40;
}

function box(
  { data, children, x0, y0, x1, y1 }: HierarchyRectangularNode<DiffMapNode>,
  { units, locale, texts }: State,
  actions: MapActions,
): HTMLElement {
  const { path, kind, directory, bytes, count } = data;
  const element = make('div', `box ${kind}${children ? ' holds' : ''}${path === null ? ' rest' : ''}`);
  const { style } = element;
  style.left = `${x0}px`;
  style.top = `${y0}px`;
  style.width = `${x1 - x0}px`;
  style.height = `${y1 - y0}px`;
  const name = path === null ? (texts?.others ?? '') : visible(path.slice(path.lastIndexOf('/') + 1));
  const sign = kind === 'mixed' ? '' : `${signs[kind]} `;
  if (x1 - x0 >= smallestName.width && y1 - y0 >= smallestName.height) {
    const label = make('span');
    // A name that runs from right to left must not turn the sign and the size round.
    label.append(sign, make('bdi', '', name), `${directory ? '/' : ''} ${sizeText(bytes, units)}`);
    element.append(label);
  }
  const counted = texts?.changes.replace('{0}', count.toLocaleString(locale)) ?? '';
  const word = kind === 'mixed' ? '' : (texts?.[kind] ?? '');
  const where = path === null ? name : visible(path);
  element.title = [where, sizeText(bytes, units), word, count > 1 ? counted : ''].filter(Boolean).join(' · ');
  if (path !== null) {
    element.classList.add('goes');
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      if (directory) actions.enter(path);
      else actions.openFile(path, kind === 'removed' ? 'lower' : kind === 'added' ? 'upper' : 'compare');
    });
  }
  return element;
}

/** `/ › usr › lib`: each part leads there. */
function wayTo({ query, texts }: State, actions: MapActions): HTMLElement[] {
  const parts = query.mapPath === '' ? [] : query.mapPath.split('/');
  return ['', ...parts].map((part, at) => {
    const path = parts.slice(0, at).join('/');
    const one = button('', at === 0 ? '/' : visible(part), () => actions.enter(path));
    one.title = at === 0 ? (texts?.wholeMap ?? '') : visible(path);
    one.disabled = at === parts.length;
    return one;
  });
}
