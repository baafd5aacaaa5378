// Recorded builds as literals, and the forecast on them as drawn text: for tests of what the cache will do.
import assert from 'node:assert/strict';
import type { RecordedBase, RecordedContent } from '../../server/src/build/model';
import { type BuildChoice, defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { forecastCache } from '../../server/src/forecast/cache';
import {
  type CacheFacts,
  cacheHistory,
  noFacts,
  type PastBuild,
} from '../../server/src/forecast/cacheHistory';
import type { StepOutcome } from '../../server/src/forecast/cacheModel';
import { sha256 } from '../../server/src/primitives/digest';

export interface Built {
  text: string;
  choice?: BuildChoice;
  /** Content of the files that lines take: by the line's text, path to content. */
  files?: Record<string, Record<string, string>>;
  /** Of each step, in order of the lines; `ran` where it is left out. */
  outcomes?: StepOutcome[];
  base?: Partial<RecordedBase>;
  extraArguments?: string[];
  rules?: PastBuild['rules'];
}

export function contentsOf({ text, files = {} }: Built): RecordedContent[] {
  return parseDockerfile(text).instructions.flatMap(({ text: line, index }) => {
    const taken = files[line];
    if (!taken) return [];
    const parts = Object.entries(taken).map(([from, content]) => {
      const mode = Number.parseInt(/mode (\d+)/.exec(content)?.[1] ?? '644', 8);
      const digest = sha256(content.replace(/ ?mode \d+/, ''));
      return {
        path: from,
        from,
        type: 'file' as const,
        mode,
        link: null,
        digest,
        size: content.length,
        mtimeMs: 0,
      };
    });
    return [{ instruction: index, key: sha256(JSON.stringify(parts)), parts }];
  });
}

export function pastBuild(built: Built): PastBuild {
  const dockerfile = parseDockerfile(built.text);
  const steps = dockerfile.instructions.filter(({ keyword }) => /^(?:RUN|COPY|ADD|WORKDIR)$/.test(keyword));
  const base: RecordedBase = {
    reference: 'base',
    platform: '',
    digest: sha256('base'),
    chain: null,
    environment: ['PATH=/bin'],
    doubtful: [],
    user: '',
    directory: '/',
    shell: '["/bin/sh","-c"]',
    ...built.base,
  };
  return {
    dockerfile,
    choice: built.choice ?? defaultChoice,
    rules: built.rules ?? 'buildkit',
    cache: {
      noCache: false,
      extraArguments: built.extraArguments ?? [],
      bases: [base],
      contents: contentsOf(built),
    },
    outcome: (instruction) =>
      built.outcomes?.[steps.findIndex(({ index }) => index === instruction)] ?? 'ran',
    duration: () => null,
    triggered: new Set(),
    store: 'here',
  };
}

/** `<line> <cache>[: <because>]` for each line that has a step. */
export function forecastOf(past: Built[], next: Built, facts: Partial<CacheFacts> = {}): string[] {
  const dockerfile = parseDockerfile(next.text);
  const contents = new Map(
    contentsOf(next).map(({ instruction, key, parts }) => [instruction, { key, parts }]),
  );
  const lines = forecastCache(dockerfile, next.choice ?? defaultChoice, cacheHistory(past.map(pastBuild)), {
    ...noFacts,
    extraArguments: next.extraArguments ?? [],
    contentOf: (instruction) => contents.get(instruction) ?? null,
    ...facts,
  });
  return lines.flatMap((line) =>
    line
      ? [
          `${dockerfile.instructions[line.instruction]!.line} ${line.cache}${line.because === '' ? '' : `: ${line.because}`}`,
        ]
      : [],
  );
}

export function checkForecast(
  past: Built[],
  next: Built,
  expected: string[],
  facts: Partial<CacheFacts> = {},
) {
  assert.deepEqual(forecastOf(past, next, facts), expected);
}
