// What was odd about a layer's entries, each kind once, with how often it came and where first.
import { textOfName } from '../primitives/nameText';
import type { TarEntry } from '../primitives/tarEntry';

/** Bytes of the name that is shown. */
const maxNameBytes = 200;

export class Oddities {
  private readonly noted = new Map<string, { count: number; first: string }>();

  note(what: string, { nameBytes, nameStart, nameEnd }: TarEntry): void {
    const noted = this.noted.get(what);
    if (noted) noted.count++;
    else {
      const first = textOfName(nameBytes, nameStart, Math.min(nameEnd, nameStart + maxNameBytes));
      this.noted.set(what, { count: 1, first });
    }
  }

  /** For a person, in the order in which they first came. */
  texts(): string[] {
    return [...this.noted].map(([what, { count, first }]) => `${what} (${count}, first: ${first})`);
  }
}
