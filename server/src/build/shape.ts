// Small readers that turn unknown JSON into a known shape or refuse it. Each says what it takes; the type of what it
// gives is that of the model, so that a new field of the model does not compile until it is read here.

/** Gives the value in its shape. @throws ShapeError */
export type Reader<T> = (value: unknown) => T;

export class ShapeError extends Error {}

/** The value in its shape; null when it has another one. */
export function readShape<T>(read: Reader<T>, value: unknown): T | null {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof ShapeError) return null;
    throw error;
  }
}

export function text(longest: number): Reader<string> {
  return (value) => (typeof value === 'string' && value.length <= longest ? value : refuse());
}

export function matching<T extends string>(test: (value: unknown) => value is T): Reader<T> {
  return (value) => (test(value) ? value : refuse());
}

/** A safe integer from `least` on. */
export function whole(least = 0): Reader<number> {
  return (value) => (Number.isSafeInteger(value) && Number(value) >= least ? Number(value) : refuse());
}

/** Finite, 0 or more: durations and times, which may have fractions. */
export const amount: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : refuse();

export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : refuse());

export function oneOf<T extends string | number>(...choices: readonly T[]): Reader<T> {
  return (value) => choices.find((choice) => choice === value) ?? refuse();
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value) => (value === null ? null : read(value));
}

/** Takes what another reader takes that says null for no. */
export function wanted<T>(read: (value: unknown) => T | null): Reader<T> {
  return (value) => read(value) ?? refuse();
}

/** For a field that older records lack. */
export function optional<T>(read: Reader<T>, absent: T): Reader<T> {
  return (value) => (value === undefined ? absent : read(value));
}

export function list<T>(read: Reader<T>, most: number): Reader<T[]> {
  return (value) =>
    Array.isArray(value) && value.length <= most ? value.map((item) => read(item)) : refuse();
}

export function pair<T>(read: Reader<T>): Reader<[T, T]> {
  return (value) =>
    Array.isArray(value) && value.length === 2 ? [read(value[0]), read(value[1])] : refuse();
}

/** Names to texts, such as build arguments; `__proto__` is a name like any other (Object.fromEntries defines it). */
export function dictionary(longest: number, most: number): Reader<Record<string, string>> {
  const read = text(longest);
  return (value) => {
    const entries = Object.entries(fields(value));
    if (entries.length > most) refuse();
    return Object.fromEntries(entries.map(([name, entry]) => [read(name), read(entry)]));
  };
}

/** Exactly the named fields; others in the value are left out, and those that may be absent and are. */
export function object<T extends object>(readers: { [K in keyof T]-?: Reader<T[K]> }): Reader<T> {
  const entries = Object.entries(readers) as [string, Reader<unknown>][];
  return (value) => {
    const from = fields(value);
    return Object.fromEntries(
      entries
        .map(([name, read]) => [name, read(Object.hasOwn(from, name) ? from[name] : undefined)] as const)
        .filter(([, found]) => found !== undefined),
    ) as T;
  };
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse();
  return value as Record<string, unknown>;
}

function refuse(): never {
  throw new ShapeError('the value has another shape');
}
