// Values of declarations, which people write in several forms: a text or a list, a mapping or `NAME=value`. What is of
// another form is absent; counts and lengths are bounded.
import * as path from 'node:path';

const mostItems = 1_000;
const longest = 16 * 1024;

/** Null for what is no scalar. */
export function scalar(value: unknown): string | null {
  if (typeof value === 'string') return value.length <= longest ? value : null;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

export function scalars(value: unknown): string[] {
  const items = Array.isArray(value) ? value.slice(0, mostItems) : [value];
  return items.flatMap((item) => scalar(item) ?? []);
}

/** `{ NAME: value }` or `[NAME=value]`; a name without a value has null. */
export function pairs(value: unknown): [string, string | null][] {
  if (Array.isArray(value)) {
    return scalars(value).map((word) => {
      const at = word.indexOf('=');
      return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
    });
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .slice(0, mostItems)
    .map(([name, held]) => [name, scalar(held)]);
}

/** The same with each value as `put` changes it. */
export function pairsWith(value: unknown, put: (text: string) => string): [string, string | null][] {
  return pairs(value).map(([name, held]) => [name, held === null ? null : put(held)]);
}

export function isOn(value: unknown): boolean {
  return value === true || value === 'true';
}

/** Of build arguments: one without a value takes it from the environment, and is left out where that has none. */
export function argumentsOf(
  given: readonly [string, string | null][],
  environment: (name: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    given.flatMap(([name, value]) => {
      const told = value ?? environment(name);
      // `__proto__` would be no name of its own.
      return told === undefined || !/^[A-Za-z_][\w.-]*$/.test(name) || name === '__proto__'
        ? []
        : [[name, told]];
    }),
  );
}

/** `https://…`, `docker-image://…`, `git@…`, `target:…`: what is no path. */
export function isAddress(text: string): boolean {
  return /^(?:[a-z][a-z0-9+-]*:\/\/|git@|github\.com\/|target:|service:)/i.test(text);
}

/** Absolute, unless it is an address. */
export function placeFrom(folder: string, text: string): string {
  const layout = /^oci-layout:\/\/(?!\/)(.*)$/.exec(text);
  if (layout) return `oci-layout://${path.resolve(folder, layout[1]!)}`;
  return isAddress(text) ? text : path.resolve(folder, text);
}

/** Of named contexts, `{ name: place }` or `[name=place]`. */
export function contextPlaces(folder: string, value: unknown): Record<string, string> {
  return Object.fromEntries(pairs(value).map(([name, place]) => [name, placeFrom(folder, place ?? '')]));
}

/** `src=` and `dest=` of a cache in a folder, made absolute. */
export function cachePlace(folder: string, text: string): string {
  if (!/(?:^|,)type=local(?:,|$)/.test(text)) return text;
  return text.replace(/(^|,)(src|dest)=([^,]+)/g, (_, before, key, value) => {
    return `${before}${key}=${path.resolve(folder, value)}`;
  });
}

/** `default`, `id=path,path`: the paths made absolute. */
export function sshPlace(folder: string, text: string): string {
  const at = text.indexOf('=');
  if (at < 0) return text;
  const places = text.slice(at + 1).split(',');
  return `${text.slice(0, at)}=${places.map((place) => (place.startsWith('$') ? place : path.resolve(folder, place))).join(',')}`;
}

/** A cache as bake prints it: a text, or an object of which the type comes first. */
export function csvOf(value: unknown): string {
  const text = scalar(value);
  if (text !== null) return text;
  const attributes = pairs(value).map(([key, held]) => `${key}=${held ?? ''}`);
  return attributes
    .sort((a, b) => Number(b.startsWith('type=')) - Number(a.startsWith('type=')))
    .map((one) => (/[",]/.test(one) ? `"${one.replaceAll('"', '""')}"` : one))
    .join(',');
}

/** True when `context` and `dockerfile`, as builders join them, name this file. */
export function pointsAt(context: string, dockerfile: string, file: string): boolean {
  return !isAddress(context) && path.resolve(context, dockerfile) === file;
}
