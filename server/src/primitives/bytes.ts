// How sizes, counts and durations are written for a person. Not used in JSON, which keeps bytes and ms.

export type Units = 'decimal' | 'binary';

const decimalNames = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const binaryNames = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes as docker prints them: three significant digits, `14.2 MB`, `981 kB`, `0 B`. */
export function formatBytes(bytes: number, units: Units = 'decimal'): string {
  const base = units === 'decimal' ? 1000 : 1024;
  const names = units === 'decimal' ? decimalNames : binaryNames;
  let value = Math.abs(bytes);
  let power = 0;
  while (power < names.length - 1 && value >= base) {
    value /= base;
    power++;
  }
  if (power === 0) return `${bytes} B`;
  // 999.6 kB would print as 1000 kB (and 1.00e3): take the next unit instead.
  if (rounded(value) >= base && power < names.length - 1) {
    value /= base;
    power++;
  }
  const digits = value >= 1000 ? value.toFixed(0) : value.toPrecision(3);
  return `${bytes < 0 ? '-' : ''}${digits} ${names[power]}`;
}

/** What is left of a value when it is printed: three digits, or all before the point. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Milliseconds as `<0.1 s`, `0.4 s`, `12 s`, `2 m 05 s`, `1 h 02 m`. */
export function formatDuration(ms: number): string {
  if (ms < 50) return '<0.1 s';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

/** `1 file`, `1,204 files`. */
export function formatCount(count: number, one: string, many = `${one}s`, locale = 'en'): string {
  return `${count.toLocaleString(locale)} ${count === 1 ? one : many}`;
}
