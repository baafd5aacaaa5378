// What a project allows its image to spend, and what it spent, as measured. Decides what each budget is held against and
// on which line an overdraft is shown; not where budgets come from (readBudgets.ts), nor what a check does about it.
// A budget that cannot be held against a measure is `unchecked` with the reason, never kept in silence.
import type { Dockerfile } from '../dockerfile/model';
import { formatBytes, formatCount, type Units } from '../primitives/bytes';
import { sum } from '../primitives/sum';
import {
  type BudgetLayer,
  type BudgetSubject,
  type Spender,
  spendersOf,
  topSpenders,
  wastedShare,
} from './budgetSpenders';
import { ignoreComments } from './ignore';
import type { Finding } from './rule';

/** Unpacked bytes, but for the last three. What is null is not limited. */
export interface Budgets {
  /** All layers of the image, the base image's among them. */
  image: number | null;
  /** What the lines of one shipped stage add. */
  stage: number | null;
  /** One layer that a line wrote; layers of the base image are not held against it. */
  layer: number | null;
  /** Bytes that later layers hide or overwrite. */
  wasted: number | null;
  /** Number of layers, the base image's among them. */
  layers: number | null;
  /** Least share of the layers' bytes that a container sees, 0 to 1. */
  efficiency: number | null;
  /** Most wasted bytes as a share of the bytes of the layers above the base image, 0 to 1. */
  wastedShare: number | null;
}
export type BudgetName = keyof Budgets;

export const noBudgets: Budgets = {
  image: null,
  stage: null,
  layer: null,
  wasted: null,
  layers: null,
  efficiency: null,
  wastedShare: null,
};

/** Diagnostic codes. */
export const budgetRules: Record<BudgetName, string> = {
  image: 'ImageBudget',
  stage: 'StageBudget',
  layer: 'LayerBudget',
  wasted: 'WasteBudget',
  layers: 'LayersBudget',
  efficiency: 'EfficiencyBudget',
  wastedShare: 'WasteBudget',
};

/** What a comment above a line may lift there. All others are of the image, and no line can answer for it. */
export const ignorableBudgets: readonly string[] = [budgetRules.layer];

export interface BudgetCheck {
  budget: BudgetName;
  limit: number;
  /** The measure held against the limit, of a stage or a layer the greatest; null when nothing was measured. */
  actual: number | null;
  state: 'kept' | 'exceeded' | 'unchecked';
  /** Why it is unchecked, a clause for a person; null otherwise. */
  why: string | null;
}

export interface BudgetReport {
  /** One for each budget that is set. */
  checks: BudgetCheck[];
  /** Errors, in the order of lines. */
  findings: Finding[];
}

/** Holds an analysis against budgets. Equal to the limit is kept. */
export function checkBudgets(
  dockerfile: Dockerfile,
  subject: BudgetSubject,
  budgets: Budgets,
  units: Units = 'decimal',
): BudgetReport {
  const report: BudgetReport = { checks: [], findings: [] };
  const look: Look = { dockerfile, subject, spenders: spendersOf(subject), units };
  for (const budget of Object.keys(noBudgets) as BudgetName[]) {
    const limit = budgets[budget];
    if (limit === null) continue;
    const measured = subject.image ? measures[budget](look) : unknown('nothing is measured');
    const over = (amount: number) => (budget === 'efficiency' ? amount < limit : amount > limit);
    const exceeded = measured.spent.filter((one) => over(one.amount));
    const actual = measured.spent.map((one) => one.amount).sort((a, b) => b - a)[0] ?? null;
    const state = exceeded.length > 0 ? 'exceeded' : measured.missing === null ? 'kept' : 'unchecked';
    const why = state === 'unchecked' ? measured.missing : null;
    report.checks.push({ budget, limit, actual, state, why });
    for (const one of exceeded) {
      const finding = findingOf(look, budget, one, limit);
      if (finding) report.findings.push(finding);
    }
  }
  report.findings.sort((a, b) => a.start - b.start);
  return report;
}

interface Look {
  dockerfile: Dockerfile;
  subject: BudgetSubject;
  spenders: Spender[];
  units: Units;
}

interface Spent {
  amount: number;
  /** `The image`, `Stage build`, `This layer`. */
  what: string;
  /** Index of the instruction on which it is shown. */
  instruction: number | undefined;
  /** What follows the sentence: where it was spent. */
  mostly: string;
}

interface Measured {
  spent: Spent[];
  /** What keeps the measure from being whole; null when nothing does. */
  missing: string | null;
}

const unknown = (missing: string): Measured => ({ spent: [], missing });
const unread = 'a layer could not be measured';
const untied = 'a layer is tied to no line, and may be the base image’s';

const measures: Record<BudgetName, (look: Look) => Measured> = {
  image: (look) => ofImage(look, look.subject.totals.unpackedBytes, 'unpackedBytes'),
  wasted: (look) => ofImage(look, look.subject.totals.wastedBytes, 'wastedBytes'),
  efficiency: (look) => ofImage(look, look.subject.totals.efficiency, 'wastedBytes'),
  wastedShare: (look) => ofImage(look, wastedShare(look.subject, look.spenders), 'wastedBytes'),
  layers({ subject, spenders }) {
    const last = Math.max(-1, ...spenders.flatMap(({ layers }) => layers.map(({ index }) => index)));
    const top = spenders.find(({ layers }) => layers.some(({ index }) => index === last));
    const spent = { amount: subject.totals.layers, what: imageWords(subject), mostly: '' };
    return { spent: [{ ...spent, instruction: top?.instruction ?? fallback(subject) }], missing: null };
  },
  layer({ dockerfile, subject, spenders }) {
    const { ignored } = ignoreComments(dockerfile, new Set());
    const own = spenders.filter(
      ({ kind, line }) => kind === 'line' && !ignored(budgetRules.layer, line ?? 0),
    );
    const spent = own.flatMap(({ instruction, layers }) =>
      layers.flatMap(({ unpackedBytes }) =>
        unpackedBytes === null
          ? []
          : [{ amount: unpackedBytes, what: 'The layer of this line', instruction, mostly: '' }],
      ),
    );
    return {
      spent,
      missing: gap(
        subject,
        own.flatMap(({ layers }) => layers),
      ),
    };
  },
  stage({ subject, spenders, units }) {
    const shipped = subject.stages.filter((stage) => stage.shipped);
    const spent = shipped.flatMap((stage): Spent[] => {
      const own = spenders.filter((one) => one.kind === 'line' && one.stage === stage.index);
      const amount = sum(own.flatMap(({ layers }) => layers.map(({ unpackedBytes }) => unpackedBytes)));
      const top = topSpenders(own, 'unpackedBytes', units);
      const what = stage.name === null ? `Stage ${stage.index}` : `Stage ${stage.name}`;
      const instruction = top.instruction ?? stage.instructions[0]?.index;
      return amount === null ? [] : [{ amount, what, instruction, mostly: top.words }];
    });
    const own = spenders.filter(({ kind }) => kind === 'line').flatMap(({ layers }) => layers);
    return { spent, missing: gap(subject, own) };
  },
};

function ofImage(look: Look, amount: number | null, by: 'unpackedBytes' | 'wastedBytes'): Measured {
  if (amount === null) return unknown(unread);
  const { instruction, words } = topSpenders(look.spenders, by, look.units);
  const what = imageWords(look.subject);
  const shown = instruction ?? fallback(look.subject);
  return { spent: [{ amount, what, instruction: shown, mostly: words }], missing: null };
}

function gap(subject: BudgetSubject, own: readonly BudgetLayer[]): string | null {
  if (own.some(({ unpackedBytes }) => unpackedBytes === null)) return unread;
  return subject.unmapped.length > 0 ? untied : null;
}

/** The FROM of the last shipped stage, where nothing says better. */
function fallback(subject: BudgetSubject): number | undefined {
  const stage = subject.stages.filter(({ shipped }) => shipped).at(-1) ?? subject.stages.at(-1);
  return stage?.instructions[0]?.index;
}

function imageWords({ stages }: BudgetSubject): string {
  const lines = stages.filter(({ shipped }) => shipped).flatMap(({ instructions }) => instructions);
  const edited = lines.some(({ standing }) => standing === 'stale' || standing === 'new');
  return edited ? 'The image as last built' : 'The image';
}

function findingOf(
  { dockerfile, units }: Look,
  budget: BudgetName,
  spent: Spent,
  limit: number,
): Finding | null {
  const at = dockerfile.instructions[spent.instruction ?? 0];
  if (!at) return null;
  const bytes = (amount: number) => formatBytes(amount, units);
  const { amount, what } = spent;
  const over = `${bytes(amount - limit)} over the budget of ${bytes(limit)}`;
  const sentences: Record<BudgetName, () => string> = {
    image: () => `${what} has ${bytes(amount)} unpacked, ${over}`,
    stage: () => `${what} adds ${bytes(amount)} unpacked, ${over}`,
    layer: () => `${what} has ${bytes(amount)} unpacked, ${over}`,
    wasted: () => `${what} wastes ${bytes(amount)}, ${over}`,
    layers: () => `${what} has ${formatCount(amount, 'layer')}, over the budget of ${limit}`,
    efficiency: () => `${what} is ${percent(amount)} efficient, under the budget of ${percent(limit)}`,
    wastedShare: () =>
      `${what} wastes ${percent(amount)} of what lies above its base, over the budget of ${percent(limit)}`,
  };
  return {
    rule: budgetRules[budget],
    severity: 'error',
    line: at.line,
    endLine: at.endLine,
    start: at.start,
    end: at.keywordEnd,
    message: sentences[budget]() + (spent.mostly && `; ${spent.mostly}`),
    bytes: ['image', 'stage', 'layer', 'wasted'].includes(budget) ? amount - limit : null,
    fixes: [],
  };
}

/** As many digits as tell 99.96% from 100%. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Number((share * 100).toFixed(2))}%` : 'all';
}
