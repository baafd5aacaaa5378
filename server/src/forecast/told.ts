// What a cache key is made of, as far as the text tells it: a value is certain, or it hangs on an image that Strata has not
// seen. Decides whether two values are the same for a builder; knows nothing of instructions.

export interface Told {
  text: string;
  /** False when the text stands for something that the base image or the builder decides. */
  certain: boolean;
}

/** `open`: only the build can tell. */
export type Likeness = 'same' | 'different' | 'open';

export function told(text: string, certain = true): Told {
  return { text, certain };
}

/** Equal texts are the same also when they stand for something unknown: on the same base it is the same thing. */
export function compareTold(a: Told, b: Told): Likeness {
  if (a.text === b.text && a.certain === b.certain) return 'same';
  return a.certain && b.certain ? 'different' : 'open';
}

/** All the same is the same, one difference is a difference. */
export function together(likenesses: Iterable<Likeness>): Likeness {
  let all: Likeness = 'same';
  for (const one of likenesses) {
    if (one === 'different') return 'different';
    if (one === 'open') all = 'open';
  }
  return all;
}
