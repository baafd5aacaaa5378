// `strata check`: findings and budgets, for CI. 0 passed, 1 findings at or over the threshold, 3 when a budget is set
// that nothing measured can be held against: a check that saw nothing is not green.
import path from 'node:path';
import { analyzeParsed } from '../analysis/analyze';
import { pastBuilds } from '../analysis/pastBuilds';
import { parseDockerfile } from '../dockerfile/parse';
import { cacheHistory } from '../forecast/cacheHistory';
import { type BudgetName, type Budgets, noBudgets } from '../rules/budgets';
import { budgetForm, joinBudgets, readBudget } from '../rules/readBudgets';
import { commonOptions, dockerfileOptions, parseWords, readDockerfile, readFormat, usage } from './args';
import { type CheckReport, checkReport, type FailOn, uncheckedOf } from './checkReport';
import type { Cli } from './cli';
import { json } from './openMeasured';
import { projectOf } from './projectOf';
import { checkJson, checkText } from './reportCheck';
import { githubCommands } from './reportGithub';
import { gitlabReport } from './reportGitlab';
import { checkMarkdown } from './reportMarkdown';
import { sarifLog } from './reportSarif';
import { shellFor } from './shell';
import { withKnowledge } from './withKnowledge';

const budgetFlags = {
  'max-size': 'image',
  'max-stage': 'stage',
  'max-layer': 'layer',
  'max-wasted': 'wasted',
  'max-layers': 'layers',
  'min-efficiency': 'efficiency',
} as const satisfies Record<string, BudgetName>;

const options = {
  ...commonOptions,
  ...dockerfileOptions,
  'max-size': { type: 'string' },
  'max-stage': { type: 'string' },
  'max-layer': { type: 'string' },
  'max-wasted': { type: 'string' },
  'max-layers': { type: 'string' },
  'min-efficiency': { type: 'string' },
  'fail-on': { type: 'string' },
} as const;

const formats: Record<string, (report: CheckReport, cli: Cli) => string> = {
  text: checkText,
  json: (report) => json(checkJson(report)),
  sarif: (report, { version }) => json(sarifLog(report, version)),
  github: githubCommands,
  gitlab: (report) => json(gitlabReport(report)),
  markdown: checkMarkdown,
};

export async function checkCommand(cli: Cli, args: string[]): Promise<number> {
  const { values, positionals } = parseWords('check', args, options, 1);
  const format = readFormat('check', values.format, Object.keys(formats));
  const flags = readBudgetFlags(values);
  const given = values['fail-on'] === undefined ? null : readFailOn(values['fail-on']);
  const file = await readDockerfile(cli, positionals[0]);
  const settings = await projectOf(cli, 'check', file.path);
  const budgets = joinBudgets(flags, settings.budgets);
  const dockerfile = parseDockerfile(file.text);
  const shell = await shellFor(cli, dockerfile);
  const report = await withKnowledge(
    cli,
    'check',
    values,
    file.path,
    dockerfile,
    (knowledge, choice, records) => {
      const { rulesOff } = settings;
      const history = cacheHistory(pastBuilds(records));
      const options = { name: file.shown, choice, rulesOff, shell, history };
      const analysis = analyzeParsed(dockerfile, knowledge, options);
      const failOn = given ?? settings.failOn ?? 'error';
      return checkReport(pathInRepository(cli, file.path), dockerfile, analysis, budgets, failOn);
    },
  );
  cli.out(formats[format]!(report, cli));
  return exitCode(cli, report);
}

function exitCode(cli: Cli, report: CheckReport): number {
  const unchecked = uncheckedOf(report);
  for (const { budget, why } of unchecked) {
    cli.err(`strata: the budget '${budget}' could not be checked: ${why}.\n`);
  }
  if (unchecked.length > 0) {
    cli.err("strata: name the image that was built with --image, or build with 'strata build'.\n");
  }
  return report.failing > 0 ? 1 : unchecked.length > 0 ? 3 : 0;
}

function readBudgetFlags(values: { [flag in keyof typeof budgetFlags]?: string }): Budgets {
  const budgets = { ...noBudgets };
  for (const [flag, budget] of Object.entries(budgetFlags) as [keyof typeof budgetFlags, BudgetName][]) {
    const value = values[flag];
    if (value === undefined) continue;
    budgets[budget] = readBudget(budget, value);
    if (budgets[budget] === null) {
      throw usage('check', `--${flag} takes ${budgetForm(budget)}, not '${value}'`);
    }
  }
  return budgets;
}

function readFailOn(value: string): FailOn {
  if (value === 'error' || value === 'warning' || value === 'info') return value;
  throw usage('check', `--fail-on is one of error, warning, info, not '${value}'`);
}

/** As a pull request names the file: below the checkout that CI tells of, else below the working directory. */
function pathInRepository(cli: Cli, file: string): string {
  const { GITHUB_WORKSPACE, CI_PROJECT_DIR } = cli.host.environment;
  for (const root of [GITHUB_WORKSPACE, CI_PROJECT_DIR, cli.workingDirectory]) {
    const relative = root ? path.relative(root, file) : '';
    if (relative && !relative.startsWith('..') && !path.isAbsolute(relative)) return slashed(relative);
  }
  return slashed(file);
}

function slashed(name: string): string {
  return path.sep === '/' ? name : name.split(path.sep).join('/');
}
