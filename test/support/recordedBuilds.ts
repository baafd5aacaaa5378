// Recorded builds from literals, as rules about several builds read them: for each the text, what lines take, and what its
// steps did. The records are real ones; only the steps' names are made up as BuildKit writes them.
import { analyze } from '../../server/src/analysis/analyze';
import { knowledgeOfRecord } from '../../server/src/analysis/knowledge';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import type { BuildRecord, BuildStep } from '../../server/src/build/model';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { cacheHistory } from '../../server/src/forecast/cacheHistory';
import { sha256 } from '../../server/src/primitives/digest';
import { numbered } from '../unit/build/sampleRecord';
import { loadedBash } from './bashParser';

export interface PastLiteral {
  text: string;
  /** 1-based lines that ran, with their ms; the others came from the cache. */
  ran?: Record<number, number>;
  /** What a line takes from the context, in a word; by line. */
  files?: Record<number, string>;
  /** What the base images are, in a word; by reference. */
  bases?: Record<string, string>;
  args?: Record<string, string>;
  platform?: string;
  noCache?: boolean;
  extraArguments?: string[];
  /** The builder instance. */
  instance?: string;
}

/** Oldest first, as they were built. */
export function recordsOf(builds: readonly PastLiteral[]): BuildRecord[] {
  return builds.map((build, at) => recordOf(build, at)).reverse();
}

function recordOf(build: PastLiteral, at: number): BuildRecord {
  const { text, ran = {}, files = {}, bases = {}, args = {}, platform = null } = build;
  const dockerfile = parseDockerfile(text);
  const builder = numbered(0).builder;
  const steps = dockerfile.stages.flatMap(({ index, name, from, instructions }) => {
    const stage = dockerfile.stages.length > 1 ? (name ?? `stage-${index}`) : null;
    const own = [from, ...instructions]
      .map((one) => dockerfile.instructions[one]!)
      .filter(({ keyword }) => /^(?:FROM|RUN|COPY|ADD|WORKDIR)$/.test(keyword));
    return own.map(
      ({ line, text: words, keyword }, nth): BuildStep => ({
        digest: null,
        name: `[${stage === null ? '' : `${stage} `}${nth + 1}/${own.length}] ${words}`,
        ...{ stage, number: nth + 1, total: own.length, platform: null, keyword },
        ...{ onBuild: false, linkMerge: false, group: null, startedMs: 0, imageId: null },
        cached: ran[line] === undefined,
        durationMs: ran[line] ?? null,
        ...{ error: null, lastLines: [] },
      }),
    );
  });
  return numbered(at, {
    text,
    choice: { ...defaultChoice, platform, buildArgs: args },
    builder: { ...builder, instance: build.instance ?? 'here' },
    steps,
    provenance: null,
    image: null,
    imageReference: null,
    cache: {
      noCache: build.noCache ?? false,
      extraArguments: build.extraArguments ?? [],
      bases: dockerfile.stages.flatMap(({ base }) =>
        base.kind === 'image'
          ? [
              {
                ...{ reference: base.reference, platform: platform ?? '', chain: null },
                digest: sha256(`${base.reference} ${bases[base.reference] ?? ''}`),
                ...{
                  environment: ['PATH=/bin'],
                  doubtful: [],
                  user: '',
                  directory: '/',
                  shell: '["/bin/sh","-c"]',
                },
              },
            ]
          : [],
      ),
      contents: dockerfile.instructions.flatMap(({ index, line }) =>
        files[line] === undefined ? [] : [{ instruction: index, key: sha256(files[line]), parts: null }],
      ),
    },
  });
}

/** `line: message`, and below it ` line: related` and ` fix: title`, of rules about several builds. */
export async function drawPast(
  builds: readonly PastLiteral[],
  text = builds.at(-1)!.text,
): Promise<string[]> {
  return (await pastFindings(builds, text)).flatMap(({ line, severity, message, related = [], fixes }) => [
    `${line} ${severity}: ${message}`,
    ...related.map((one) => `  ${one.line}: ${one.message}`),
    ...fixes.map(({ title }) => `  fix: ${title}`),
  ]);
}

export async function pastFindings(builds: readonly PastLiteral[], text = builds.at(-1)!.text) {
  const records = recordsOf(builds);
  const options = { history: cacheHistory(pastBuilds(records)), shell: await loadedBash() };
  const { findings } = analyze(text, knowledgeOfRecord(records[0]!), options);
  return findings.filter(({ rule }) => rule === 'OftenMisses' || rule === 'MutableBaseTag');
}
