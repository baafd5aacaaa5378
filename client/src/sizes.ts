// How the client writes sizes, counts and times itself: in the status bar and in the diff panel, where the protocol
// carries numbers because they are sorted and summed. The same rules as the server's primitives/bytes, compared by a
// test. Knows neither vscode nor the DOM.

export type Units = 'decimal' | 'binary';

const names = {
  decimal: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'],
  binary: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'],
} as const;

/** Bytes with three significant digits: `14.2 MB`, `981 kB`, `0 B`. */
export function sizeText(bytes: number, units: Units): string {
  const base = units === 'decimal' ? 1000 : 1024;
  const last = names[units].length - 1;
  let value = Math.abs(bytes);
  let power = 0;
  while (power < last && value >= base) {
    value /= base;
    power++;
  }
  if (power === 0) return `${bytes} B`;
  // 999.6 kB rounds to 1000 kB: the next unit says it better.
  if (Number(value.toPrecision(3)) >= base && power < last) {
    value /= base;
    power++;
  }
  const digits = value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
  return `${bytes < 0 ? '-' : ''}${digits} ${names[units][power]}`;
}

/** Milliseconds in whole seconds, for a clock that runs: `4 s`, `2 m 05 s`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Milliseconds that something took: `<0.1 s`, `0.4 s`, `12 s`, `2 m 05 s`, `1 h 02 m`. */
export function durationText(ms: number): string {
  if (ms < 50) return '<0.1 s';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return clockText(seconds * 1000);
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

/** Day and time of a build, from its ISO time. */
export function whenText(iso: string, locale: string): string {
  return new Date(iso).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}
