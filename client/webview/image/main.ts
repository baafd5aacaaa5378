// The picture of an image: its layers as one stacked bar, base, own and wasted told apart, a table that says the same, and
// the last builds as a timeline. Draws what the panel sends; names and titles are set as text, never as HTML.
import type { LineWeight, RecordView } from '../../../server/src/protocol';
import { durationText, sizeText, whenText } from '../../src/sizes';
import { button, make } from '../elements';
import { type ImagePicture, isToImagePage, type KeptImage, type ToImagePanel } from './messages';

declare function acquireVsCodeApi(): {
  postMessage(message: ToImagePanel): void;
  setState(state: KeptImage): void;
};

const vscode = acquireVsCodeApi();
const page = document.getElementById('page') as HTMLElement;
const tones = 6;

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (!isToImagePage(data)) return;
  if (data.type === 'failed') {
    const retry = button('primary', data.retry, () => vscode.postMessage({ type: 'retry' }));
    page.replaceChildren(make('h1', '', data.title), make('p', 'empty', data.message), retry);
    return;
  }
  vscode.setState({ uri: data.uri });
  draw(data.picture);
});
vscode.postMessage({ type: 'ready' });

function draw(picture: ImagePicture): void {
  const { texts, weights, name } = picture;
  const title = make(
    'h1',
    '',
    texts.title.replace('{0}', () => name),
  );
  const shipped = weights.filter(({ shipped }) => shipped);
  if (shipped.length === 0) {
    const build = button('primary', texts.build, () => vscode.postMessage({ type: 'build' }));
    page.replaceChildren(title, make('p', 'empty', texts.empty), build);
    return;
  }
  page.replaceChildren(title, ...bar(picture, shipped), table(picture, shipped), ...timeline(picture));
}

/** One length for the image; each line's part as wide as its bytes, what is wasted of it hatched. */
function bar(picture: ImagePicture, weights: readonly LineWeight[]): HTMLElement[] {
  const { texts, units } = picture;
  const total = weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const wasted = weights.reduce((sum, one) => sum + one.wastedBytes, 0);
  const base = weights.reduce((sum, { kind, bytes }) => sum + (kind === 'base' ? bytes : 0), 0);
  const parts = [
    sizeText(total, units),
    `${texts.base} ${sizeText(base, units)}`,
    `${texts.own} ${sizeText(total - base, units)}`,
    wasted > 0 ? `${texts.wasted} ${sizeText(wasted, units)}` : '',
  ];
  const stack = make('div', 'stack');
  stack.setAttribute('role', 'img');
  stack.setAttribute('aria-label', texts.bar);
  weights.forEach((weight, at) => {
    if (weight.bytes === 0) return;
    const part = make('div', `part ${weight.kind}`);
    part.dataset.tone = String(at % tones);
    part.style.flexGrow = String(weight.bytes);
    part.title = [lineText(picture, weight), weight.title, sizeText(weight.bytes, units)].join(' · ');
    if (weight.wastedBytes > 0) {
      const lost = make('div', 'lost');
      lost.style.width = `${Math.min(100, (100 * weight.wastedBytes) / weight.bytes)}%`;
      part.append(lost);
    }
    part.addEventListener('click', () => vscode.postMessage({ type: 'line', line: weight.line }));
    stack.append(part);
  });
  return [make('p', 'sum', parts.filter(Boolean).join(' · ')), stack];
}

function table(picture: ImagePicture, weights: readonly LineWeight[]): HTMLElement {
  const { texts, units, locale } = picture;
  const total = Math.max(
    1,
    weights.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const rows = weights.map((weight, at) => {
    const row = make('tr', '');
    const swatch = make('span', `swatch ${weight.kind}`);
    swatch.dataset.tone = String(at % tones);
    const line = make('td', 'line');
    line.append(
      swatch,
      button('link', lineText(picture, weight), () =>
        vscode.postMessage({ type: 'line', line: weight.line }),
      ),
    );
    const share = (weight.bytes / total).toLocaleString(locale, {
      style: 'percent',
      maximumFractionDigits: 1,
    });
    const size = `${weight.measured ? '' : '~'}${sizeText(weight.bytes, units)}`;
    row.append(
      line,
      make('td', 'title', weight.title),
      make('td', 'number', size),
      make('td', 'number', share),
      make('td', 'number', weight.wastedBytes > 0 ? sizeText(weight.wastedBytes, units) : ''),
    );
    return row;
  });
  return tableOf([texts.line, '', texts.size, texts.share, texts.wastedHead], rows);
}

/** The last builds, oldest on the left: how big, how long, how much from the cache. */
function timeline(picture: ImagePicture): HTMLElement[] {
  const { texts, records, units, locale } = picture;
  if (records.length === 0) return [];
  const builds = [...records].reverse();
  const most = Math.max(1, ...builds.map(({ imageBytes }) => imageBytes ?? 0));
  const bars = make('div', 'builds');
  bars.setAttribute('aria-hidden', 'true');
  for (const build of builds) {
    const column = make('div', `build ${build.outcome}${build.shown ? ' shown' : ''}`);
    column.style.height = `${Math.max(4, (100 * (build.imageBytes ?? 0)) / most)}%`;
    const cached = make('div', 'cached');
    cached.style.height = `${100 * cachedShare(build)}%`;
    column.append(cached);
    column.title = [whenText(build.started, locale), sizeOf(build, units), durationText(build.durationMs)]
      .filter(Boolean)
      .join(' · ');
    bars.append(column);
  }
  const rows = records.map((build) => {
    const row = make('tr', build.shown ? 'shown' : '');
    const share = build.cacheableSteps ? `${build.cachedSteps ?? 0} / ${build.cacheableSteps}` : '';
    const when = make('td', '');
    if (build.comparable && !build.shown) {
      const compare = button('link', whenText(build.started, locale), () =>
        vscode.postMessage({ type: 'compare', id: build.id }),
      );
      compare.title = texts.compare;
      when.append(compare);
    } else when.textContent = whenText(build.started, locale);
    const note = build.outcome === 'built' ? (build.shown ? texts.shown : '') : texts.failed;
    row.append(
      when,
      make('td', 'title', [build.builder, note].filter(Boolean).join(' · ')),
      make('td', 'number', sizeOf(build, units)),
      make('td', 'number', durationText(build.durationMs)),
      make('td', 'number', share),
    );
    return row;
  });
  return [
    make('h2', '', texts.timeline),
    bars,
    tableOf([texts.when, '', texts.size, texts.time, texts.cached], rows),
  ];
}

function cachedShare({ cachedSteps, cacheableSteps }: RecordView): number {
  return cacheableSteps ? (cachedSteps ?? 0) / cacheableSteps : 0;
}

function sizeOf({ imageBytes }: RecordView, units: ImagePicture['units']): string {
  return imageBytes === null ? '' : sizeText(imageBytes, units);
}

function lineText({ texts }: ImagePicture, { line, kind }: LineWeight): string {
  const text = texts.lineNumber.replace('{0}', String(line));
  return kind === 'base' ? `${texts.base} (${text})` : text;
}

function tableOf(heads: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const table = make('table', '');
  const head = make('tr', '');
  heads.forEach((text, at) => {
    const cell = make('th', at > 1 ? 'number' : '', text);
    cell.setAttribute('scope', 'col');
    head.append(cell);
  });
  const top = make('thead', '');
  top.append(head);
  const body = make('tbody', '');
  body.append(...rows);
  table.append(top, body);
  return table;
}
