// How stages and lines of several Dockerfiles are called in rows, and the rows that lead to a line. Which rows there are is
// stages.ts and stageHints.ts.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import { instructionTitle } from '../describe/layerTitle';
import type { Place } from '../forecast/stageSharing';
import type { WorkspaceStages } from '../measure/workspaceStages';
import type { StageRow } from '../protocol';

/** What rows are made of, for those of hints too. */
export interface StageWords {
  found: WorkspaceStages;
  /** A row of a line, or of the FROM of a stage. */
  lineRow(
    kind: StageRow['kind'],
    label: string,
    place: Place,
    description: string,
    children?: StageRow[],
  ): StageRow;
  /** The FROM of its stage. */
  fromOf(chain: number): Place;
  stageName(chain: number): string;
  title(place: Place): string;
  /** `api/Dockerfile:3` */
  lineName(place: Place): string;
}

export function stageWords(found: WorkspaceStages, folders: readonly string[]): StageWords {
  const { files, chains } = found;
  const fileName = (file: number) => {
    const full = files[file]!.path;
    const ways = folders.map((folder) => path.relative(folder, full)).filter((way) => !way.startsWith('..'));
    return ways.sort((a, b) => a.length - b.length)[0] ?? full;
  };
  const instruction = ({ file, instruction: at }: Place) => files[file]!.dockerfile.instructions[at]!;
  const fromOf = (chain: number): Place => {
    const { file, stage } = chains[chain]!;
    return { file, instruction: files[file]!.dockerfile.stages[stage]!.from };
  };
  const lineName = (place: Place) => `${fileName(place.file)}:${instruction(place).line}`;
  return {
    found,
    lineName,
    fromOf,
    title: (place) => instructionTitle(instruction(place)),
    stageName(chain) {
      const { file, stage } = chains[chain]!;
      const { stages } = files[file]!.dockerfile;
      const { name } = stages[stage]!;
      if (name !== null) return `${fileName(file)} (${name})`;
      return stages.length > 1 ? l10n.t('{0} (stage {1})', fileName(file), String(stage)) : fileName(file);
    },
    lineRow(kind, label, place, description, children = []) {
      const { line, text } = instruction(place);
      const uri = pathToFileURL(files[place.file]!.path).href;
      const tooltip = `${lineName(place)}\n${text.slice(0, 2_000)}`;
      return { kind, label, description, tooltip, uri, line, children };
    },
  };
}

export function plainRow(
  kind: StageRow['kind'],
  label: string,
  description: string,
  tooltip: string,
  children: StageRow[],
): StageRow {
  return { kind, label, description, tooltip, uri: null, line: null, children };
}
