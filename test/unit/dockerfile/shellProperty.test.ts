// What the lexer calls safe is run: two texts in two shells, and joined in one, must leave the same output, files and
// outcome. Random texts are put together from pieces that are harmless and pieces that leak.
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
import { joinShell, readShell } from '../../../server/src/dockerfile/shell';
import { seededRandom } from '../../support/dockerfileMarkers';

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

describe('texts that are called safe', {
  skip: process.platform === 'win32' ? 'there is no /bin/sh' : false,
}, () => {
  let folder = '';
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'strata-shell-')));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the texts one after the other, each in a shell of its own, until one fails: as RUN steps do. */
  function run(shell: string, texts: string[]): Outcome {
    const place = mkdtempSync(path.join(folder, 'run-'));
    mkdirSync(path.join(place, 'd'));
    writeFileSync(path.join(place, 'f'), 'from before\n');
    let output = '';
    let status: number | null = 0;
    for (const text of texts) {
      // With a socket as its standard input bash believes in a remote login and reads ~/.bashrc.
      const result = spawnSync(shell, ['-c', text], {
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

  for (const shell of ['/bin/sh', '/bin/bash'].filter((one) => existsSync(one))) {
    test(`do the same in one ${shell} as in two`, () => {
      const random = seededRandom(7);
      const pick = (from: readonly string[]) => from[Math.floor(random() * from.length)]!;
      const text = () => {
        const way = random();
        if (way < 0.5) return pick(pieces);
        return way < 0.6 ? pick(pieces) + pick(filters) : pick(pieces) + pick(joints) + pick(pieces);
      };
      let accepted = 0;
      for (let i = 0; i < 1_500 && accepted < 60; i++) {
        const [first, second] = [text(), text()];
        const readings = [readShell(first), readShell(second)];
        if (readings.some(({ hazard }) => hazard !== null)) continue;
        const shared = { ran: new Set<string>(), named: new Set<string>() };
        if (readings.some((reading) => joinShell(shared, reading) !== null)) continue;
        accepted++;
        const joined = run(shell, [`${first}     && ${second}`]);
        assert.deepEqual(joined, run(shell, [first, second]), `${first}\n${second}`);
      }
      assert.ok(accepted >= 60, `only ${accepted} pairs were accepted: the test says too little`);
    });
  }
});
