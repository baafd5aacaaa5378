// What a project asks of its image, kept in its repository: `strata.yaml`, and the thresholds of dive's `.dive-ci`.
// Decides where they are looked for and what their words mean. Files of a repository are a stranger's: bounded in size,
// read as data only, and what is wrong is told with its line instead of being left out in silence.
import path from 'node:path';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { allRules } from '../rules/all';
import { type BudgetName, type Budgets, noBudgets } from '../rules/budgets';
import { joinBudgets, readBudget, readBudgets } from '../rules/readBudgets';
import { projectFolders } from './projectFolders';
import { readYamlEntries, type YamlEntry } from './readYaml';

export interface SettingsProblem {
  file: string;
  /** 1-based. */
  line: number;
  message: string;
  /** False for a word that another program may know: nothing of ours is lost by it. */
  fatal: boolean;
}

export interface ProjectSettings {
  budgets: Budgets;
  /** Rules that the project switches off. */
  rulesOff: ReadonlySet<string>;
  failOn: 'error' | 'warning' | 'info' | null;
  /** What was read. */
  files: string[];
  problems: SettingsProblem[];
}

export const noProjectSettings: ProjectSettings = {
  budgets: noBudgets,
  rulesOff: new Set(),
  failOn: null,
  files: [],
  problems: [],
};

/** Names in one folder, the stronger first. */
export const settingsFiles = ['strata.yaml', 'strata.yml', '.dive-ci'];
const largestFile = 16 * 1024;

/**
 * The settings of the nearest folder that has any, from the Dockerfile's up to its repository's root. Outside of a
 * repository only the Dockerfile's folder counts, and those above it up to `within`, if that holds it.
 * @param dockerfile absolute
 */
export async function readProjectSettings(
  host: Host,
  dockerfile: string,
  within: string | null = null,
): Promise<ProjectSettings> {
  for (const folder of await projectFolders(host, path.dirname(dockerfile), within)) {
    const found: ProjectSettings[] = [];
    for (const name of settingsFiles) {
      const file = path.join(folder, name);
      const text = await readBounded(host, file);
      if (text === null) continue;
      if (typeof text !== 'string') found.push({ ...noProjectSettings, files: [file], problems: [text] });
      else found.push(name === '.dive-ci' ? readDiveRules(file, text) : readStrataFile(file, text));
    }
    if (found.length > 0) return found.reduce(join);
  }
  return noProjectSettings;
}

async function readBounded({ files }: Host, file: string): Promise<string | null | SettingsProblem> {
  const stat = await files.stat(file);
  if (!stat) return null;
  const problem = (message: string): SettingsProblem => ({ file, line: 1, message, fatal: true });
  // Problems quote the file, and end up in reports: a link could quote any file of the machine there.
  if (stat.kind !== 'file') return problem('it is no plain file');
  try {
    const opened = await files.open(file);
    try {
      if (opened.size > largestFile) return problem(`it has more than ${largestFile} bytes`);
      return Buffer.from(await opened.read(0, opened.size)).toString('utf8');
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (error instanceof StrataError) return problem('it cannot be read');
    throw error;
  }
}

function join(first: ProjectSettings, second: ProjectSettings): ProjectSettings {
  return {
    budgets: joinBudgets(first.budgets, second.budgets),
    rulesOff: new Set([...first.rulesOff, ...second.rulesOff]),
    failOn: first.failOn ?? second.failOn,
    files: [...first.files, ...second.files],
    problems: [...first.problems, ...second.problems],
  };
}

function readEntries(file: string, text: string): { entries: YamlEntry[]; problems: SettingsProblem[] } {
  const { entries, problems } = readYamlEntries(text);
  return { entries, problems: problems.map((problem) => ({ file, ...problem, fatal: true })) };
}

function readStrataFile(file: string, text: string): ProjectSettings {
  const { entries, problems } = readEntries(file, text);
  const tell = (line: number, message: string) => problems.push({ file, line, message, fatal: true });
  const settings = { ...noProjectSettings, files: [file], problems };
  for (const entry of entries) {
    const inner = entry.entries ?? [];
    const empty = entry.isScalar && entry.scalar === null;
    switch (entry.key) {
      case 'budgets': {
        if (!entry.entries && !empty) tell(entry.line, 'budgets takes names and limits below it');
        const values = inner.map((one) => [one.key, one.isScalar ? one.scalar : {}] as const);
        const read = readBudgets(values);
        settings.budgets = read.budgets;
        for (const { key, message } of read.problems) {
          tell(inner.find((one) => one.key === key)?.line ?? entry.line, message);
        }
        break;
      }
      case 'rules':
        if (!entry.entries && !empty) tell(entry.line, 'rules takes names below it, each on or off');
        settings.rulesOff = new Set(inner.filter(({ scalar }) => isOff(scalar)).map(({ key }) => key));
        for (const { key, line, scalar } of inner) {
          if (!ruleNames.has(key)) tell(line, `'${key.slice(0, 60)}' is no rule of Strata`);
          else if (!isOff(scalar) && scalar !== 'on' && scalar !== true) tell(line, `${key} is on or off`);
        }
        break;
      case 'failOn':
        if (entry.scalar === 'error' || entry.scalar === 'warning' || entry.scalar === 'info') {
          settings.failOn = entry.scalar;
        } else tell(entry.line, 'failOn is one of error, warning, info');
        break;
      default:
        tell(entry.line, `'${entry.key.slice(0, 60)}' is no setting; there are budgets, rules, failOn`);
    }
  }
  return settings;
}

const ruleNames: ReadonlySet<string> = new Set(allRules.map(({ name }) => name));

function isOff(value: unknown): boolean {
  return value === 'off' || value === false;
}

/** dive/cmd/dive/cli/internal/options/ci_rules.go: `disabled` is a value, sizes are decimal. */
const diveRules: Record<string, BudgetName> = {
  lowestEfficiency: 'efficiency',
  highestWastedBytes: 'wasted',
  highestUserWastedPercent: 'wastedShare',
};

function readDiveRules(file: string, text: string): ProjectSettings {
  const { entries, problems } = readEntries(file, text);
  const budgets = { ...noBudgets };
  for (const { key, line, scalar, isScalar } of entries.find((one) => one.key === 'rules')?.entries ?? []) {
    const budget = Object.hasOwn(diveRules, key) ? diveRules[key] : undefined;
    if (!budget) {
      problems.push({ file, line, message: `'${key.slice(0, 60)}' is no threshold of dive`, fatal: false });
      continue;
    }
    if (scalar === 'disabled') continue;
    budgets[budget] = isScalar ? readBudget(budget, scalar) : null;
    if (budgets[budget] === null) {
      problems.push({ file, line, message: `the value of ${key} cannot be read`, fatal: true });
    }
  }
  return { ...noProjectSettings, budgets, files: [file], problems };
}
