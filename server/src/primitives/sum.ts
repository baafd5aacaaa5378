// Sums of measures of which some may be unknown.

/** The sum, or null when a part is unknown; 0 for nothing. */
export function sum(parts: readonly (number | null)[]): number | null {
  let total = 0;
  for (const part of parts) {
    if (part === null) return null;
    total += part;
  }
  return total;
}
