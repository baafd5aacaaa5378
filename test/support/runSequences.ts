// Sequences of RUN steps by a seeded generator, from pieces that leak, fail, group and comment, for the proof of merging.

import { seededRandom } from './random';

const heads = [
  ...[
    'touch a',
    'echo $A >> log',
    'echo "$B-$i" >> log',
    'pwd >> log',
    'umask >> log',
    'test -f a',
    'mkdir -p d/e',
    'cd d',
    'cd /tmp',
  ],
  ...[
    'false',
    'true',
    'export A=7',
    'B=8',
    'A=9 sh -c "echo in $A" >> log',
    'umask 027',
    'set -e',
    'set -u',
    'set +e',
    'set -f',
    'set -ex',
  ],
  ...[
    'exit 0',
    'exit 4',
    '! false',
    '! true',
    '(cd /tmp; B=5; touch s)',
    '{ echo g; B=6; } >> log',
    'rm -f a',
    'rm -rf d',
    'mv a c',
    'ln -s a l',
  ],
  ...[
    'for i in 1 2; do echo $i >> log; done',
    'if test -f a; then echo y >> log; else echo n >> log; fi',
    'f() { echo f$1 >> log; false; }',
    'f 1',
    'f 2 || true',
  ],
  ...[
    "trap 'echo t >> log' EXIT",
    'echo "*" *.z >> log',
    'chmod 640 log',
    'echo x | sed s/x/y/ >> log',
    'false | cat',
    'cat nowhere',
    'test -d d && echo d >> log',
  ],
  ...[
    'echo ${A:=4} >> log',
    'echo $((j = 3)) >> log',
    'exec >> log',
    'case $A in 7) echo seven >> log;; *) echo other >> log;; esac',
    'x=$(false; echo x); echo $x >> log',
  ],
  ...[
    'chown 1000:1000 log',
    'find . -type f | sort >> log',
    'echo q\\ r "a;b" \'c#d\' >> log',
    'echo e >> log # note',
    'eval "B=3; false"',
    'while false; do true; done',
    'read B < log',
  ],
];
const joints = ['; ', '; ', ' && ', ' && ', ' && ', ' || '];
const shells = [
  '',
  '',
  '',
  '',
  '["/bin/sh", "-e", "-c"]',
  '["/bin/sh", "-eu", "-c"]',
  '["/bin/sh", "-eo", "pipefail", "-c"]',
];

/** `count` sequences; the same for the same seed. */
export function generated(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const text = (joint: () => string, least: number) => {
    let result = random() < 0.12 ? 'set -e; ' : '';
    for (let i = least + Math.floor(random() * 3); i > 0; i--) {
      const piece = pick(heads);
      result += piece;
      if (i > 1 && !piece.includes('#')) result += joint();
      else break;
    }
    return result;
  };
  return Array.from({ length: count }, () => {
    const scripts = random() < 0.2;
    const shell = pick(shells);
    const steps = Array.from({ length: 2 + Math.floor(random() * 3) }, (_, i) => {
      const gap =
        i > 0 && random() < 0.15 ? pick(['# a comment\n', 'LABEL a=b\n', '\n', 'CMD true\n# on\n']) : '';
      if (scripts) {
        const only = text(() => pick(['\n', '\n', ' && ']), 1);
        return `${gap}RUN <<EOF\n${only}\nEOF`;
      }
      return `${gap}RUN ${text(() => (random() < 0.1 ? ' \\\n    && ' : pick(joints)), 1)}`;
    });
    // A first step that writes, so that most sequences have something to compare.
    return [...(shell ? [`SHELL ${shell}`] : []), ...(scripts ? [] : ['RUN touch log']), ...steps].join('\n');
  });
}
