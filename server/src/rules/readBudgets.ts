// Budgets as people write them, in a file or a setting, to numbers. Decides what is a budget's name and what is a value;
// a word that is none is told with the nearest name, since a slip of the pen must not lift a limit.
import { parseByteSize } from '../primitives/byteSize';
import { type BudgetName, type Budgets, noBudgets } from './budgets';

const shares: ReadonlySet<BudgetName> = new Set(['efficiency', 'wastedShare']);

export interface BudgetProblem {
  key: string;
  /** A clause for a person. */
  message: string;
}

/** One value: a size, a count or a share, by the budget's kind. Null when it is none. */
export function readBudget(budget: BudgetName, value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : null;
  if (text === null) return null;
  if (budget === 'layers') return /^\d{1,9}$/.test(text) ? Number(text) : null;
  return shares.has(budget) ? readShare(text) : parseByteSize(text);
}

/** `0.95` or `95%`. */
function readShare(text: string): number | null {
  const match = /^(\d{1,3}(?:\.\d{1,12})?)[ \t]*(%?)$/.exec(text);
  if (!match) return null;
  const share = Number(match[1]) / (match[2] ? 100 : 1);
  return share <= 1 ? share : null;
}

/** What the value of a budget looks like, for a message. */
export function budgetForm(budget: BudgetName): string {
  if (budget === 'layers') return 'a whole number';
  return shares.has(budget) ? 'a share such as 0.95 or 95%' : 'a size such as 200MB or 1.5 GiB';
}

/** Values by name; all that is wrong is told, and what is right counts. Null, as a value, is no limit. */
export function readBudgets(values: Iterable<readonly [string, unknown]>): {
  budgets: Budgets;
  problems: BudgetProblem[];
} {
  const budgets = { ...noBudgets };
  const problems: BudgetProblem[] = [];
  for (const [key, value] of values) {
    if (!isBudget(key)) {
      const known = Object.keys(noBudgets);
      problems.push({ key, message: `'${key}' is no budget; there are ${known.join(', ')}` });
    } else if (value !== null) {
      budgets[key] = readBudget(key, value);
      if (budgets[key] === null) {
        problems.push({ key, message: `${key} takes ${budgetForm(key)}, not '${shown(value)}'` });
      }
    }
  }
  return { budgets, problems };
}

/** The budgets of both; where both limit the same, the first. */
export function joinBudgets(first: Budgets, second: Budgets): Budgets {
  const joined = { ...first };
  for (const budget of Object.keys(noBudgets) as BudgetName[]) joined[budget] ??= second[budget];
  return joined;
}

function isBudget(key: string): key is BudgetName {
  return Object.hasOwn(noBudgets, key);
}

function shown(value: unknown): string {
  return typeof value === 'object'
    ? Array.isArray(value)
      ? 'a list'
      : 'a group'
    : String(value).slice(0, 60);
}
