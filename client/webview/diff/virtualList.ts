// Rows of one fixed height, of which only those in sight exist. Knows heights and indexes, not what is in a row.

export interface VirtualList {
  /** The rows in sight, and some around them: from `first` to before `end`. */
  range(): { first: number; end: number };
  /** Draws; with `anew`, rows that exist are made again, since their content may have changed. */
  draw(total: number, anew: boolean): void;
  /** Scrolls as little as needed to have the row in sight. */
  show(index: number): void;
  toTop(): void;
  /** Rows that fit. */
  readonly fits: number;
}

/** Browsers cap the height of an element (Chromium near 33 million pixels); far below it, scrolling stays exact. */
const highest = 8_000_000;
const around = 8;

export function virtualList(
  scroller: HTMLElement,
  rowHeight: number,
  make: (index: number) => HTMLElement,
  onScroll: () => void,
): VirtualList {
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  canvas.setAttribute('role', 'presentation');
  scroller.append(canvas);
  const made = new Map<number, HTMLElement>();
  let total = 0;

  const fits = () => Math.max(1, Math.floor(scroller.clientHeight / rowHeight));
  const height = () => Math.min(total * rowHeight, highest);
  /** Pixels of the list for one pixel of scrolling: 1 unless the list is higher than an element may be. */
  const scale = () => {
    const room = height() - scroller.clientHeight;
    return room > 0 ? (total * rowHeight - scroller.clientHeight) / room : 1;
  };
  const top = () => scroller.scrollTop * scale();
  const range = () => ({
    first: Math.max(0, Math.floor(top() / rowHeight) - around),
    end: Math.min(total, Math.ceil((top() + scroller.clientHeight) / rowHeight) + around),
  });

  const draw = (count: number, anew: boolean) => {
    total = count;
    canvas.style.height = `${height()}px`;
    const { first, end } = range();
    const shift = top() - scroller.scrollTop;
    for (const [index, row] of made) {
      if (!anew && index >= first && index < end) continue;
      row.remove();
      made.delete(index);
    }
    for (let index = first; index < end; index++) {
      let row = made.get(index);
      if (!row) {
        row = make(index);
        made.set(index, row);
        canvas.append(row);
      }
      row.style.top = `${index * rowHeight - shift}px`;
    }
  };

  let frame = 0;
  const later = () => {
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw(total, false);
      onScroll();
    });
  };
  scroller.addEventListener('scroll', later, { passive: true });
  new ResizeObserver(later).observe(scroller);

  return {
    range,
    draw,
    show(index) {
      const row = index * rowHeight;
      if (row < top()) scroller.scrollTop = row / scale();
      else if (row + rowHeight > top() + scroller.clientHeight)
        scroller.scrollTop = (row + rowHeight - scroller.clientHeight) / scale();
    },
    toTop() {
      scroller.scrollTop = 0;
    },
    get fits() {
      return fits();
    },
  };
}
