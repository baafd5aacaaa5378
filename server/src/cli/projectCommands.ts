// The commands that know of Dockerfiles, projects and past builds.
import { analyzeCommand } from './analyze';
import { blameCommand } from './blame';
import { buildCommand } from './build';
import { checkCommand } from './check';
import { contextCommand } from './context';
import { fixCommand } from './fix';
import { forecastCommand } from './forecast';
import type { Commands } from './run';
import { snapshotsCommand } from './snapshots';
import { stagesCommand } from './stages';

export const projectCommands = {
  analyze: analyzeCommand,
  build: buildCommand,
  forecast: forecastCommand,
  context: contextCommand,
  blame: blameCommand,
  snapshots: snapshotsCommand,
  stages: stagesCommand,
  check: checkCommand,
  fix: fixCommand,
} satisfies Commands;
