// The commands that look into images, and need nothing of Dockerfiles and projects: they are a bundle of their own.
import { catCommand } from './cat';
import { diffCommand } from './diff';
import { historyCommand } from './history';
import { layersCommand } from './layers';
import type { Commands } from './run';
import { treeCommand } from './tree';

export const imageCommands = {
  history: historyCommand,
  layers: layersCommand,
  tree: treeCommand,
  diff: diffCommand,
  cat: catCommand,
} satisfies Commands;
