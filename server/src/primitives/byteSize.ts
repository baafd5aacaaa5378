// Sizes as people write them: `200MB`, `1.5 GiB`, `300k`. Decides that units are decimal unless they say otherwise with
// an i (kB and k are 1000, KiB and Ki are 1024), as docker prints sizes; not how sizes are printed (bytes.ts).

const powers = ['', 'k', 'm', 'g', 't', 'p'];
const pattern = /^(\d{1,16}(?:\.\d{1,9})?)[ \t]*(?:([kmgtp])(i)?)?(b)?$/i;

/** Whole bytes; null for what is no size: a sign, a comma, an unknown unit, part of a byte, more than 2^53. */
export function parseByteSize(text: string): number | null {
  const match = pattern.exec(text.trim());
  if (!match) return null;
  const [, number = '', unit = '', binary] = match;
  const bytes = Number(number) * (binary ? 1024 : 1000) ** powers.indexOf(unit.toLowerCase());
  if (unit === '' && !Number.isInteger(bytes)) return null;
  const whole = Math.round(bytes);
  return Number.isSafeInteger(whole) ? whole : null;
}
