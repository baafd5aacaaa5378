// What is planned is run: texts in a shell each, and joined in one by the plan, must leave the same output, files and
// outcome. Random texts are put together from pieces that are harmless and pieces that leak, group and end the shell.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ShellFacts } from '../../../server/src/dockerfile/shellFacts';
import { plainFacts } from '../../../server/src/dockerfile/shellPlain';
import { shellFacts } from '../../../server/src/dockerfile/shellTree';
import { planMerge } from '../../../server/src/rules/mergePlan';
import { loadedBash } from '../../support/bashParser';
import { seededRandom } from '../../support/random';

const pieces = [
  ...[
    'echo a',
    'echo "$A"',
    "echo 'b c'",
    'echo $B',
    'cat f',
    'ls',
    'pwd',
    'true',
    'false',
    'test -f f',
    'A=1 printenv A',
  ],
  ...[
    'echo x > f',
    'echo y >> f',
    'mkdir d',
    'touch d/g',
    'rm -f f',
    'cd d',
    'cd ..',
    'export A=2',
    'A=3',
    'B=x true',
  ],
  ...[
    'set -e',
    'set -u',
    'umask 077',
    'exit 0',
    'exit 3',
    'eval A=4',
    'unset A',
    'alias echo=true',
    'trap "echo t" EXIT',
  ],
  ...[
    'echo $(cd d && pwd)',
    'echo ${A:=5}',
    'echo ${A:-6}',
    'echo $((1 + 1))',
    '(echo s)',
    '! false',
    'echo "q',
    'ls | sort',
  ],
  ...[
    ': ${B:=7}',
    'read A < f',
    'echo a#b',
    'echo a # c',
    'printf "%s" p',
    'f() { echo g; }',
    'f',
    'echo \\;',
    'exec echo z',
    'set -e; false',
    '{ false; echo u; }',
    'if false; then echo v; fi',
    'for A in 1 2; do echo $A; done',
    'test -f nowhere',
    'trap "exit 0" EXIT; false',
    'echo w;',
  ],
];
const joints = [' && ', ' && ', ' && ', ' ; ', ' || ', ' & ', ' '];
/** Both sides of a pipeline run at once: what follows here reads to the end, so that no run depends on who is first. */
const filters = [' | sort', ' | cat', ' | wc -c'];

interface Outcome {
  status: number | null;
  output: string;
  files: string[];
}

describe('texts that may be joined', {
  skip: process.platform === 'win32' ? 'there is no /bin/sh' : false,
}, () => {
  let folder = '';
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'strata-shell-')));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the texts one after the other, each in a shell of its own, until one fails: as RUN steps do. */
  function run(shell: string, options: string, texts: string[]): Outcome {
    const place = mkdtempSync(path.join(folder, 'run-'));
    mkdirSync(path.join(place, 'd'));
    writeFileSync(path.join(place, 'f'), 'from before\n');
    let output = '';
    let status: number | null = 0;
    for (const text of texts) {
      // With a socket as its standard input bash believes in a remote login and reads ~/.bashrc.
      const result = spawnSync(shell, [options, text], {
        cwd: place,
        encoding: 'utf8',
        env: { PATH: '/usr/bin:/bin' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      output += result.stdout.replaceAll(place, '.');
      status = result.status;
      if (status !== 0) break;
    }
    const files = readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
      .map((file) => `${path.relative(place, file)}: ${readFileSync(file, 'utf8').replaceAll(place, '.')}`)
      .sort();
    rmSync(place, { recursive: true });
    return { status: status === 0 ? 0 : 1, output, files };
  }

  /** The texts in one line, as a merged RUN has them. */
  function joined(texts: readonly string[], facts: readonly ShellFacts[], errexit: boolean): string {
    const { joint, head, parts } = planMerge(facts, errexit);
    const grouped = texts.map((text, i) => parts[i]!.open + text.trim() + parts[i]!.close);
    const all =
      joint === '&&'
        ? grouped.join('     && ')
        : grouped.map((text) => text.replace(/;$/, '')).join(';     ');
    return head ? `${head}; ${all}` : all;
  }

  async function check(shell: string, options: string, withParser: boolean): Promise<void> {
    const parser = await loadedBash();
    const random = seededRandom(7);
    const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)]!;
    const text = () => {
      const way = random();
      if (way < 0.4) return pick(pieces);
      if (way < 0.5) return pick(pieces) + pick(filters);
      const two = pick(pieces) + pick(joints) + pick(pieces);
      return way < 0.8 ? two : two + pick(joints) + pick(pieces);
    };
    const most = withParser ? 70 : 40;
    let accepted = 0;
    for (let i = 0; i < 2_500 && accepted < most; i++) {
      const texts = [text(), text(), ...(random() < 0.3 ? [text()] : [])];
      const facts = texts.map((one) => (withParser ? shellFacts(one, parser) : plainFacts(one)));
      // A comment at the end becomes a line of its own, which the text of a shell has not.
      if (facts.some(({ refusal, commentAt }) => refusal !== null || commentAt !== null)) continue;
      accepted++;
      const one = joined(texts, facts, options.includes('e'));
      assert.deepEqual(
        run(shell, options, [one]),
        run(shell, options, texts),
        `${texts.join('\n')}\n=> ${one}`,
      );
    }
    assert.ok(accepted >= most, `only ${accepted} were accepted: the test says too little`);
  }

  for (const shell of ['/bin/sh', '/bin/bash'].filter((one) => existsSync(one))) {
    test(`do the same in one ${shell} as in several, read without a parser`, () => check(shell, '-c', false));
    test(`do the same in one ${shell} as in several, read by the parser`, () => check(shell, '-c', true));
    test(`do the same in one ${shell} -e as in several`, () => check(shell, '-ec', true));
  }
});
