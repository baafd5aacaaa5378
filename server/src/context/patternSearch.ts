// Whether the expression of a pattern matches a path. Simple ones become a regular expression of the runtime; one with
// many wildcards would take it exponential time, and is followed by a search that marks where it failed.
import type { Atom, Piece } from './patternSyntax';

/** Wildcards of open length up to which the runtime's search stays quick: their number is the exponent of its time. */
const mostOpen = 2;
/** Steps of a pattern times characters of a path; real ones have a few thousand. */
const largestSearch = 4_000_000;
/** Steps of one pattern; repetitions count as often as they say. */
const mostSteps = 200_000;
/** Up to this size the runtime takes any expression. */
const mostPlain = 1000;

/** Whether a path matches; null when pattern and path are too large to follow. */
export type PathTest = (path: string) => boolean | null;

export function compileExpression(alternatives: readonly Piece[][]): PathTest {
  const open = alternatives.flat().filter(({ atom, least, most }) => atom.kind === 'deep' || least !== most);
  const size = alternatives[0]!.reduce(
    (sum, { least, most }) => sum + (Number.isFinite(most) ? most : least + 1),
    0,
  );
  if (alternatives.length === 1 && open.length <= mostOpen && size <= mostPlain) {
    const expression = new RegExp(alternatives[0]!.map(pieceSource).join(''), 'u');
    return (path) => expression.test(path);
  }
  return compileSearch(alternatives);
}

function pieceSource({ atom, least, most }: Piece): string {
  if (least === 1 && most === 1) return atom.source;
  // No quantifier may stand behind an assertion there; repeating one changes nothing.
  if (atom.kind !== 'one') return least === 0 ? '' : atom.source;
  return `${atom.source}{${least},${Number.isFinite(most) ? most : ''}}`;
}

type Step = { kind: Atom['kind'] | 'star' | 'maybe'; test: (character: string) => boolean };

/** The search that marks where it failed: at most steps times characters. Exported for the test that compares the two. */
export function compileSearch(alternatives: readonly Piece[][]): PathTest {
  const lists = alternatives.map(stepsOf);
  const steps = lists.reduce((sum, list) => sum + list.length + 1, 0);
  return (path) => {
    const characters = Array.from(path);
    // The builder would follow it; a pattern of that length is made to hurt.
    if (steps > mostSteps || steps * (characters.length + 1) > largestSearch) return null;
    return lists.some((list) => search(list, characters));
  };
}

function stepsOf(pieces: readonly Piece[]): Step[] {
  const steps: Step[] = [];
  for (const { atom, least, most } of pieces) {
    const test = characterTest(atom);
    if (atom.kind !== 'one') {
      if (least > 0 || atom.kind === 'deep') steps.push({ kind: atom.kind, test });
      continue;
    }
    for (let n = 0; n < least && steps.length <= mostSteps; n++) steps.push({ kind: 'one', test });
    if (most === Number.POSITIVE_INFINITY) steps.push({ kind: 'star', test });
    else for (let n = least; n < most && steps.length <= mostSteps; n++) steps.push({ kind: 'maybe', test });
  }
  return steps;
}

function characterTest(atom: Atom): (character: string) => boolean {
  if (atom.kind !== 'one') return () => false;
  const expression = new RegExp(`^${atom.source}$`, 'u');
  return (character) => expression.test(character);
}

function search(steps: readonly Step[], characters: readonly string[]): boolean {
  const width = characters.length + 1;
  const failed = new Uint8Array((steps.length + 1) * width);
  const pending: number[] = [];
  const last = steps[0]?.kind === 'begin' ? 0 : characters.length;
  for (let start = last; start >= 0; start--) pending.push(start);
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    if (failed[state]) continue;
    failed[state] = 1;
    const step = steps[Math.floor(state / width)];
    if (!step) return true;
    const at = state % width;
    const onward = state + width;
    const one = characters[at];
    const fits = one !== undefined && step.test(one);
    if (step.kind === 'one') {
      if (fits) pending.push(onward + 1);
    } else if (step.kind === 'star') {
      pending.push(onward);
      if (fits) pending.push(state + 1);
    } else if (step.kind === 'maybe') {
      pending.push(onward);
      if (fits) pending.push(onward + 1);
    } else if (step.kind === 'deep') {
      pending.push(onward);
      for (let to = at; to < characters.length && characters[to] !== '\n'; to++) {
        if (characters[to] === '/') pending.push(onward + to + 1 - at);
      }
    } else if (holds(step.kind, characters, at)) {
      pending.push(onward);
    }
  }
  return false;
}

function holds(kind: Step['kind'], characters: readonly string[], at: number): boolean {
  if (kind === 'begin') return at === 0;
  if (kind === 'end') return at === characters.length;
  const word = (one: string | undefined): boolean => one !== undefined && /^[0-9A-Za-z_]$/.test(one);
  return (word(characters[at - 1]) !== word(characters[at])) === (kind === 'edge');
}
