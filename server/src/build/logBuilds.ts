// Which builds a log holds: CI jobs run several, and bake builds several targets at once. Finds where each begins and
// what it is of; what its steps amount to, the readers of progress decide.
import { fields, list, parseFields, text } from './jsonFields';

export type LogForm = 'plain' | 'rawjson' | 'classic' | 'buildah';

export interface LogBuild {
  form: LogForm;
  /** Positions among the log's lines: from, and up to but without. */
  from: number;
  to: number;
  /** The targets of bake, or services of compose, that it names, and the Dockerfile that each loaded; null: not told. */
  loaded: { target: string | null; dockerfile: string | null }[];
  /** Texts of its steps without what stands in brackets, as far as they name an instruction; bounded. */
  names: Set<string>;
}

const mostBuilds = 100;
const mostNames = 5_000;
const longestName = 4 * 1024;

const plain = /^#(\d{1,6}) (.*)$/s;
const classic = /^Step (\d{1,6})\/\d{1,6} : (.*)$/s;
const buildah = /^(?:\[\d{1,6}\/\d{1,6}\] )?STEP (\d{1,6})(?:\/\d{1,6})?: (.*)$/s;
const steps = [
  ['classic', classic],
  ['buildah', buildah],
] as const;
const loads =
  /^\[(?:(\S+) )?internal\] load (?:build definition|remote build context|git source).*? from (\S+)$/;
const ofTarget = /^\[([^\s\]]+)(?: internal\] |\] exporting to )/;
const instruction = /^\[[^\]]*\] ((?:ONBUILD )?[A-Za-z]+ .*)$/s;

interface Found extends LogBuild {
  /** Of the numbers of its steps. */
  highest: number;
  isOver: boolean;
}

/** @param lines without the prefixes of the CI system */
export function buildsOf(lines: readonly string[]): LogBuild[] {
  const builds: LogBuild[] = [];
  const state: { current: Found | null } = { current: null };

  const begin = (form: LogForm, at: number) => {
    if (state.current) state.current.to = at;
    const build: Found = {
      form,
      from: at,
      to: lines.length,
      loaded: [],
      names: new Set(),
      highest: 0,
      isOver: false,
    };
    if (builds.length >= mostBuilds) builds.shift();
    builds.push(build);
    state.current = build;
    return build;
  };
  const name = (build: LogBuild, said: string) => {
    if (!said.startsWith('[')) return;
    // Two targets of one Dockerfile load it once, under the name of one of them [buildx 0.38].
    const [, target = null] = ofTarget.exec(said.slice(0, longestName)) ?? [];
    const dockerfile = loads.exec(said.slice(0, longestName))?.[2] ?? null;
    const known = build.loaded.find((one) => one.target === target);
    if (known) known.dockerfile ??= dockerfile;
    else if ((target !== null || dockerfile !== null) && build.loaded.length < mostBuilds)
      build.loaded.push({ target, dockerfile });
    const words = instruction.exec(said)?.[1];
    if (words !== undefined && build.names.size < mostNames) build.names.add(bareText(words));
  };

  for (const [at, line] of lines.entries()) {
    if (line.startsWith('{')) {
      const value = line.includes('"vertexes"') || line.includes('"statuses"') ? parseFields(line) : null;
      if (!value) continue;
      for (const vertex of list(value.vertexes).map(fields)) {
        const said = text(vertex.name, 64 * 1024) ?? '';
        const isLoad = loads.test(said.slice(0, longestName));
        let build = state.current;
        if (build?.form !== 'rawjson' || (isLoad && build.isOver)) build = begin('rawjson', at);
        name(build, said);
        // An export that has ended, or a failure, is the end of a build; another one may follow.
        if (vertex.completed && (/^(?:\[\S+\] )?exporting to /.test(said) || vertex.error))
          build.isOver = true;
      }
      continue;
    }
    const numbered = line.startsWith('#') ? plain.exec(line) : null;
    if (numbered) {
      const number = Number(numbered[1]);
      const said = numbered[2]!;
      let build = state.current;
      const isFirst =
        number === 0
          ? said.startsWith('building with ')
          : number === 1 && /^\[[^\]]*internal\] load /.test(said);
      if (build?.form !== 'plain') build = begin('plain', at);
      else if (isFirst && build.highest >= 2) build = begin('plain', at);
      build.highest = Math.max(build.highest, number);
      name(build, said);
      continue;
    }
    if (!/^(?:Step |STEP |\[)/.test(line)) continue;
    for (const [form, pattern] of steps) {
      const [, number, said = ''] = pattern.exec(line) ?? [];
      if (number === undefined) continue;
      let build = state.current;
      const again = build?.form === form && Number(number) === 1 && build.highest >= 1 && form === 'classic';
      if (build?.form !== form || again) build = begin(form, at);
      build.highest = Math.max(build.highest, Number(number));
      if (build.names.size < mostNames) build.names.add(bareText(said));
    }
  }
  return builds.map(({ form, from, to, loaded, names }) => ({ form, from, to, loaded, names }));
}

/** Without what quoting, joining and casing of the keyword change. */
export function bareText(instructionText: string): string {
  const bare = instructionText
    .slice(0, longestName)
    .replace(/["'\\`\s]+/g, ' ')
    .trim();
  const keyword = /^\w+/.exec(bare)?.[0] ?? '';
  return keyword.toUpperCase() + bare.slice(keyword.length);
}
