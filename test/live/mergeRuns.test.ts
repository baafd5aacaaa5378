// The proof of merging RUN steps: what the fix makes is built by a real BuildKit beside the text before, and the file
// systems must be equal in paths, types, contents, modes, owners and links; a step that failed must go on to fail.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BashParser } from '../../server/src/dockerfile/bash';
import { applyEdits } from '../../server/src/dockerfile/edit';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { explainMerge, mergeFixes } from '../../server/src/rules/mergeConsecutiveRuns';
import { loadedBash } from '../support/bashParser';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { generated } from '../support/runSequences';
import { collected, failing } from '../support/runShapes';
import { type Builder, type Outcome, outcomes } from '../support/sequenceBuilds';

const skip = skipReason(daemonsMissing());
const everything = process.env.STRATA_DIFFERENTIAL === 'all';
/** Sequences of the seeded generator; those of real shapes are built always. */
const counts = everything ? { ash: 240, bash: 60, dash: 60 } : { ash: 28, bash: 10, dash: 10 };
const seed = Number(process.env.STRATA_SEED ?? 6);
/** In one build: as many as keep a failing one cheap to find. */
const together = 8;

const head = 'FROM base\nWORKDIR /w\n';

/** A Dockerfile of the body, and its last RUN. */
function parsed(body: string) {
  const dockerfile = parseDockerfile(`${head}${body}\n`);
  return { dockerfile, last: dockerfile.instructions.findLast(({ keyword }) => keyword === 'RUN')! };
}

/** The body with its last two or more RUNs merged; null when nothing is offered. */
function merged(body: string, parser: BashParser): string | null {
  const { dockerfile, last } = parsed(body);
  const fix = mergeFixes(dockerfile, last.index, parser).at(-1);
  return fix ? applyEdits(dockerfile.text, fix.edits).slice(head.length, -1) : null;
}

/** Whether a step of a generated sequence is likely to fail, so that it is not built together with others. */
const mayFail = (body: string) =>
  /\b(?:false|exit [1-9]|nowhere|set -|f 1|pipefail)|SHELL.*-e|! true|cd d|read B|mv a|log$/m.test(body);

describe('a merged RUN', { skip }, () => {
  let folder = '';
  let daemon: BuildkitDaemon | null = null;
  let parser: BashParser;
  let base = '';
  before(async () => {
    folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-merge-'));
    parser = await loadedBash();
    daemon = await startBuildkitd();
    const layout = path.join(folder, 'base');
    fs.mkdirSync(layout);
    base = baseLayout(layout).context;
  });
  after(async () => {
    await daemon?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function builder(name: string, start: string, tree: string | null): Builder {
    const own = path.join(folder, name);
    const context = path.join(own, 'context');
    fs.mkdirSync(context, { recursive: true });
    if (tree) fs.cpSync(tree, context, { recursive: true });
    return { daemon: daemon!, base, folder: own, start, context };
  }

  async function check(
    builder: Builder,
    bodies: readonly string[],
    alone: (body: string) => boolean,
  ): Promise<void> {
    const pairs: { before: string; after: string }[] = [];
    const reasons: string[] = [];
    for (const body of bodies) {
      const after = merged(body, parser);
      if (after !== null) pairs.push({ before: body, after });
      else {
        const { dockerfile, last } = parsed(body);
        reasons.push(explainMerge(dockerfile, last.index, parser).reason ?? 'none');
      }
    }
    const wrong: string[] = [];
    let failed = 0;
    const compare = (pair: { before: string; after: string }, was: Outcome, is: Outcome) => {
      if (was.status !== 0) failed++;
      const files = (one: Outcome, other: Outcome) => one.files.filter((line) => !other.files.includes(line));
      if (was.status === is.status && files(was, is).length + files(is, was).length === 0) return;
      const difference = [
        `status ${was.status} -> ${is.status}`,
        ...files(was, is).map((line) => `- ${line}`),
      ];
      difference.push(...files(is, was).map((line) => `+ ${line}`));
      wrong.push(`${pair.before}\n=== merged:\n${pair.after}\n=== ${difference.join('\n')}`);
    };
    const safe = pairs.filter(({ before }) => !alone(before));
    const groups = pairs.filter((pair) => !safe.includes(pair)).map((pair) => [pair]);
    for (let i = 0; i < safe.length; i += together) groups.push(safe.slice(i, i + together));
    const build = async () => {
      for (let group = groups.pop(); group; group = groups.pop()) {
        const found = await outcomes(
          builder,
          group.flatMap(({ before, after }) => [before, after]),
        );
        for (const [i, pair] of group.entries()) compare(pair, found[2 * i]!, found[2 * i + 1]!);
      }
    };
    await Promise.all([build(), build()]);
    console.log(
      `${pairs.length} of ${bodies.length} sequences offered and built, ${failed} of them failing; not offered: ${reasons.join('; ') || 'none'}`,
    );
    assert.deepEqual(wrong.join('\n\n'), '');
    assert.ok(pairs.length > bodies.length / 2, 'too little is offered for the test to say anything');
  }

  test('of a shape that real files have leaves the same files and fails where it failed', async () => {
    await check(builder('real', '', null), [...collected, ...failing], (body) => failing.includes(body));
  });
  test('of generated steps does so in busybox ash', async () => {
    await check(builder('ash', '', null), generated(counts.ash, seed), mayFail);
  });
  test('is refused where joining would indeed make a difference', async () => {
    const joined: [string, string][] = [
      // A later layer copies one name of a file up and leaves the other as it was.
      ['RUN touch a && ln a b\nRUN chmod 600 a', 'RUN touch a && ln a b && chmod 600 a'],
      // The folder that the next step starts in is a new one, not the one that is gone.
      ['RUN rm -rf /w && mkdir /w\nRUN touch a', 'RUN rm -rf /w && mkdir /w && touch a'],
      ['RUN touch /dev/shm/a\nRUN test ! -e /dev/shm/a', 'RUN touch /dev/shm/a && test ! -e /dev/shm/a'],
      [
        'RUN --mount=type=tmpfs,target=/t touch /t/a\nRUN --mount=type=tmpfs,target=/t test ! -e /t/a',
        'RUN --mount=type=tmpfs,target=/t touch /t/a && test ! -e /t/a',
      ],
      [
        'RUN --mount=type=cache,target=/c true\nRUN mkdir -p /c && touch /c/a',
        'RUN --mount=type=cache,target=/c true && mkdir -p /c && touch /c/a',
      ],
      [
        // A second, for what is started in the background to be there.
        'RUN tail -f /dev/null &\nRUN sleep 1; test $(pidof tail | wc -w) = 0',
        'RUN tail -f /dev/null & sleep 1; test $(pidof tail | wc -w) = 0',
      ],
    ];
    const own = builder('joined', '', null);
    for (const [apart, together] of joined) {
      assert.equal(merged(apart, parser), null, apart);
      const [was, is] = await outcomes(own, [apart, together]);
      assert.notDeepEqual(is, was, apart);
    }
  });
  for (const shell of ['bash', 'dash'] as const) {
    const program = `/bin/${shell}`;
    const tree = () => withLibraries(program, path.join(folder, `tree-${shell}`));
    const absent = fs.existsSync(program) ? false : `${program} is not on this machine`;
    test(`of generated steps does so in ${shell}`, { skip: absent }, async () => {
      const start = `COPY . /\nSHELL ["${program}", "-c"]`;
      const bodies = generated(counts[shell], seed + 1).map((body) =>
        body.replaceAll('/bin/sh"', `${program}"`),
      );
      const known =
        shell === 'dash' ? bodies.map((body) => body.replace(/^SHELL .*pipefail.*\n/, '')) : bodies;
      await check(builder(shell, start, tree()), known, mayFail);
    });
  }
});

/** A folder with a program and the libraries that it needs, at their places. */
function withLibraries(program: string, folder: string): string {
  const told = spawnSync('ldd', [program], { encoding: 'utf8' }).stdout;
  for (const file of [program, ...(told.match(/\/\S+(?= \()/g) ?? [])]) {
    const to = path.join(folder, file);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(fs.realpathSync(file), to);
  }
  return folder;
}
