// Random edits of a Dockerfile, of its context and of what a person chooses for the build: what people do between two
// builds. The same seed gives the same edits.
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { BuildChoice } from '../../../server/src/dockerfile/model';
import { seededRandom } from '../../support/random';
import { contextEdits } from './contextEdits';

export interface Project {
  /** Folder of the context. */
  folder: string;
  text: string;
  choice: BuildChoice;
  noCache: boolean;
  /** Texts that there were before. */
  texts: string[];
  /** Contents that files had. */
  contents: Map<string, string[]>;
}

export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  const random = seededRandom(seed);
  return (below) => (random() * 2 ** 32) % below;
}

/** Makes one edit and says which; null when it does not fit this project. */
export type Edit = (project: Project, random: Random) => string | null;

export const pick = <T>(list: readonly T[], random: Random): T | undefined =>
  list[random(Math.max(1, list.length))];

export const word = (random: Random) => ['x', 'y', 'z'][random(3)]!;

function editLine(
  project: Project,
  random: Random,
  wanted: RegExp,
  change: (line: string) => string | null,
): string | null {
  const lines = project.text.split('\n');
  const fitting = lines.flatMap((line, at) => (wanted.test(line) ? [at] : []));
  const at = pick(fitting, random);
  if (at === undefined) return null;
  const changed = change(lines[at]!);
  if (changed === null || changed === lines[at]) return null;
  const told = `line ${at + 1}: ${lines[at]} -> ${changed}`;
  lines[at] = changed;
  project.text = lines.join('\n');
  return told;
}

/** Lines before which a whole instruction may be put: none within one, none before the first FROM. */
function places(text: string): number[] {
  const lines = text.split('\n');
  const inside = new Set<number>();
  let ends: string[] = [];
  lines.forEach((line, at) => {
    if (ends.length > 0) {
      inside.add(at);
      if (line === ends[0]) ends = ends.slice(1);
      return;
    }
    const above = lines[at - 1] ?? '';
    if (above.endsWith('\\') || (inside.has(at - 1) && /^\s+#/.test(above))) inside.add(at);
    ends = [...line.matchAll(/<<-?'?(\w+)'?/g)].map((match) => match[1]!);
  });
  const first = lines.findIndex((line) => /^from/i.test(line));
  return lines.flatMap((line, at) => (at > first && !inside.has(at) && line !== '' ? [at] : []));
}

function insert(project: Project, random: Random, line: string): string | null {
  const at = pick(places(project.text), random);
  if (at === undefined) return null;
  const lines = project.text.split('\n');
  lines.splice(at, 0, line);
  project.text = lines.join('\n');
  return `inserted at line ${at + 1}: ${line}`;
}

const textEdits: Edit[] = [
  (p, r) => editLine(p, r, /^RUN .*echo/, (line) => line.replace('echo', `echo ${word(r)}`)),
  (p, r) => editLine(p, r, /^RUN .* /, (line) => line.replace(/ (?=\S+$)/, '  ')),
  (p, r) => editLine(p, r, /^ {4}echo/, (line) => ` ${line}`),
  (p, r) => editLine(p, r, /^ {4}# why/, (line) => `${line}!`),
  (p, r) =>
    editLine(p, r, /^(?!FROM)[A-Z]+ /, (line) => line.replace(/^[A-Z]+ /, (key) => `${key.toLowerCase()}  `)),
  (p, r) => editLine(p, r, /^ARG (?!IMAGE)\w+=/, (line) => line.replace(/=.*/, `=${r(3)}`)),
  (p, r) => editLine(p, r, /^ENV /, (line) => line.replace(/=\S+/, `=${r(3)}`)),
  (p, r) => editLine(p, r, /^ENV \S+ \S+/, (line) => line.replace(/^ENV (\S+) (\S+)/, 'ENV $2 $1')),
  (p, r) => editLine(p, r, /^LABEL/, (line) => `${line} z=${r(9)}`),
  (p, r) => editLine(p, r, /^USER/, (line) => (line === 'USER root' ? 'USER app' : 'USER root')),
  (p, r) => editLine(p, r, /^WORKDIR/, (line) => `${line}${word(r)}`),
  (p, r) => editLine(p, r, /^FROM base/, (line) => line.replace('base', 'other')),
  (p, r) => editLine(p, r, /^FROM other/, (line) => line.replace('other', 'base')),
  (p, r) => editLine(p, r, /^COPY (?!.*<<).*[a-z.] \S+$/, (line) => line.replace(/\/?$/, `${word(r)}/`)),
  (p, r) => editLine(p, r, /^COPY (?!.*<<)(?!--chown)/, (line) => line.replace('COPY ', 'COPY --chown=1:1 ')),
  (p, r) => editLine(p, r, /^(?:echo one|hello|plain|# a comment)/, (line) => `${line} ${word(r)}`),
  (p, r) => editLine(p, r, / AS (?:deps|build|one|two|tools)$/, (line) => line.replace(' AS ', ' as  ')),
  (p, r) => insert(p, r, `ENV N${r(3)}=${r(3)}`),
  (p, r) => insert(p, r, `ARG M${r(3)}=${r(2)}`),
  (p, r) => insert(p, r, `ARG W${r(3)}`),
  (p, r) => insert(p, r, `# ${word(r)}`),
  (p, r) => insert(p, r, ''),
  (p, r) => insert(p, r, `LABEL n=${r(3)}`),
  (p, r) => insert(p, r, `EXPOSE ${8000 + r(3)}`),
  (p, r) => insert(p, r, `RUN echo new${r(3)} > /tmp/new`),
  (p, r) => insert(p, r, ['USER 1000', 'USER root'][r(2)]!),
  (p, r) => insert(p, r, ['WORKDIR /', 'WORKDIR /new', 'WORKDIR rel'][r(3)]!),
  (p, r) => insert(p, r, 'COPY app.txt /inserted.txt'),
  (p, r) => insert(p, r, 'SHELL ["/bin/sh", "-xc"]'),
  function remove(project, random) {
    const lines = project.text.split('\n');
    const whole = places(project.text).filter(
      (at) => !/^from|\\$|<</i.test(lines[at]!) && /^[A-Za-z#]/.test(lines[at]!),
    );
    const at = pick(whole, random);
    if (at === undefined || whole.length < 3) return null;
    const [gone] = lines.splice(at, 1);
    project.text = lines.join('\n');
    return `removed line ${at + 1}: ${gone}`;
  },
  function swap(project, random) {
    const lines = project.text.split('\n');
    const whole = places(project.text);
    const isWhole = (at: number) => whole.includes(at) && !/^from|\\$|<</i.test(lines[at]!);
    const at = pick(
      whole.filter((one) => isWhole(one) && isWhole(one + 1)),
      random,
    );
    if (at === undefined) return null;
    [lines[at], lines[at + 1]] = [lines[at + 1]!, lines[at]!];
    project.text = lines.join('\n');
    return `swapped lines ${at + 1} and ${at + 2}`;
  },
  function back(project, random) {
    const text = pick(project.texts, random);
    if (text === undefined || text === project.text) return null;
    project.text = text;
    return 'an earlier text came back';
  },
];

const choiceEdits: Edit[] = [
  function argument(project, random) {
    const name = pick(['VERSION', 'LEVEL', 'V', 'M0', 'NAME', 'W1', 'OTHER'], random)!;
    const buildArgs = { ...project.choice.buildArgs, [name]: String(random(3)) };
    project.choice = { ...project.choice, buildArgs };
    return `--build-arg ${name}=${buildArgs[name]}`;
  },
  function noArguments(project) {
    if (Object.keys(project.choice.buildArgs).length === 0) return null;
    project.choice = { ...project.choice, buildArgs: {} };
    return 'no build arguments';
  },
  function target(project, random) {
    const names = [...project.text.matchAll(/^FROM .* AS +(\w+)$/gim)].map((match) => match[1]!);
    const target = random(2) === 0 ? null : (pick(names, random) ?? null);
    if (target === project.choice.target) return null;
    project.choice = { ...project.choice, target };
    return `--target ${target}`;
  },
  function withoutCache(project, random) {
    if (random(3) > 0) return null;
    project.noCache = true;
    return '--no-cache';
  },
];

/** One or two edits; what was done, for a person. */
export function editProject(project: Project, random: Random): string[] {
  const done: string[] = [];
  project.noCache = false;
  const wanted = random(4) === 0 ? 2 : 1;
  for (let tries = 0; done.length < wanted && tries < 50; tries++) {
    const kind = random(10);
    const edits = kind < 5 ? textEdits : kind < 9 ? contextEdits : choiceEdits;
    const told = pick(edits, random)!(project, random);
    if (told !== null) done.push(told);
  }
  // A target that the text no longer has would build nothing.
  const { target } = project.choice;
  if (target !== null && !new RegExp(`AS +${target}$`, 'im').test(project.text)) {
    project.choice = { ...project.choice, target: null };
    done.push('no target');
  }
  project.texts.push(project.text);
  return done;
}

export function filesOf(project: Project): string[] {
  return fs
    .readdirSync(project.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['Dockerfile', '.dockerignore'].includes(entry.name))
    .map((entry) => path.relative(project.folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
