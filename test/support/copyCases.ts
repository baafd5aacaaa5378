// Build contexts and COPY lines out of a seed, as odd as a builder takes them: for tests that compare what is forecast for
// a line with what a real builder did.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Dice {
  /** 0 to n - 1 */
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function dice(random: () => number): Dice {
  return {
    below: (n) => Math.floor(random() * n),
    chance: (probability) => random() < probability,
    pick: (from) => from[Math.floor(random() * from.length)]!,
  };
}

const names = [
  'a',
  'b',
  'app.ts',
  'b.log',
  'x.txt',
  'README.md',
  'package.json',
  '.env',
  '.hidden',
  'lib',
  'src',
  'Z',
];
const oddNames = [
  'with space',
  'ü.txt',
  '[x].txt',
  'q?.log',
  'st*r',
  "quo'te",
  'back\\slash',
  'do$lar',
  '日本.log',
  '-dash',
  'a,b',
];
const folderNames = ['src', 'lib', 'd', 'e', 'node_modules', 'with dir', 'src.d'];

/** Fills a folder. Returns the paths that it made. */
export function makeContext(folder: string, roll: Dice): string[] {
  const made: string[] = [];
  const files: string[] = [];
  const fill = (inside: string, depth: number) => {
    const count = 2 + roll.below(4);
    for (let i = 0; i < count; i++) {
      const name = roll.chance(0.12) ? roll.pick(oddNames) : roll.pick(names);
      const at = inside === '' ? name : `${inside}/${name}`;
      if (made.includes(at)) continue;
      const full = path.join(folder, at);
      const kind = roll.below(20);
      if (kind === 0) fs.symlinkSync(linkTarget(inside, made, roll), full);
      else if (kind === 1 && files.length > 0) fs.linkSync(path.join(folder, roll.pick(files)), full);
      else if (kind === 2) {
        fs.writeFileSync(full, 'x');
        fs.truncateSync(full, 1000 + roll.below(100_000));
      } else if (kind === 3) fs.writeFileSync(full, '');
      else if (kind === 4) archive(folder, full, roll);
      else if (kind === 5) spawnSync('mkfifo', [full]);
      else {
        fs.writeFileSync(full, Buffer.alloc(1 + roll.below(3000), roll.below(256)));
        files.push(at);
      }
      if (roll.chance(0.1) && kind > 5) fs.chmodSync(full, roll.pick([0o755, 0o600, 0o4755, 0o444]));
      if (roll.chance(0.1) && kind > 5) fs.utimesSync(full, 1_600_000_000, 1_600_000_000);
      made.push(at);
    }
    if (depth >= 3) return;
    for (let i = roll.below(4 - depth); i > 0; i--) {
      const name = roll.pick(folderNames);
      const at = inside === '' ? name : `${inside}/${name}`;
      if (made.includes(at)) continue;
      fs.mkdirSync(path.join(folder, at));
      if (roll.chance(0.2)) fs.chmodSync(path.join(folder, at), 0o700);
      made.push(at);
      fill(at, depth + 1);
    }
  };
  fill('', 0);
  // A link at the top to something that is there: what following it means.
  for (const name of ['link1', 'link2']) {
    fs.symlinkSync(linkTarget('', made, roll), path.join(folder, name));
    made.push(name);
  }
  return made;
}

function linkTarget(inside: string, made: readonly string[], roll: Dice): string {
  if (made.length === 0 || roll.chance(0.15))
    return roll.pick(['nowhere', '..', '../../..', '/', '.', '/etc/passwd']);
  const target = roll.pick(made);
  if (roll.chance(0.3)) return `/${target}`;
  return path.posix.relative(`/${inside}`, `/${target}`) || '.';
}

/** A small tar of some packing, or something that looks like one. */
function archive(context: string, file: string, roll: Dice): void {
  const from = fs.mkdtempSync(path.join(path.dirname(context), 'packed-'));
  fs.mkdirSync(path.join(from, 'in'));
  for (let i = roll.below(5); i >= 0; i--)
    fs.writeFileSync(path.join(from, 'in', `f${i}`), Buffer.alloc(roll.below(2000)));
  fs.linkSync(path.join(from, 'in', 'f0'), path.join(from, 'in', 'hard'));
  fs.symlinkSync('f0', path.join(from, 'in', 'soft'));
  const tar = spawnSync('tar', ['-C', from, '-cf', '-', 'in', ...(roll.chance(0.3) ? ['in/f0'] : [])]).stdout;
  fs.rmSync(from, { recursive: true });
  switch (roll.below(8)) {
    case 0:
    case 1:
      fs.writeFileSync(file, tar);
      return;
    case 2:
    case 3:
      fs.writeFileSync(file, gzipSync(tar));
      return;
    case 4:
      fs.writeFileSync(file, spawnSync('xz', ['-c'], { input: tar }).stdout ?? tar);
      return;
    case 5:
      fs.writeFileSync(file, spawnSync('bzip2', ['-c'], { input: tar }).stdout ?? tar);
      return;
    case 6:
      // Packed, and no archive.
      fs.writeFileSync(file, gzipSync(Buffer.from('no tar in here')));
      return;
    default:
      // An archive without entries is copied as it is.
      fs.writeFileSync(file, Buffer.alloc(10_240));
  }
}

const excludes = ['*.log', '**/*.log', 'src', '**/a', 'a', '!**/b.log', 'lib/*', '**/x.txt', '*'];
const patterns = [
  '*',
  '*.log',
  '*.txt',
  '[a-m]*',
  '?',
  'no*match',
  '.*',
  '*/a',
  '*/*',
  'src/*',
  '*/*.ts',
  '[^a-m]*',
];
const deepPatterns = ['**/*.log', '**/a', '*/b.log', 'src/**', '**', '*.txt', 'src/./**/a', './src/./*'];

/** One line that copies something of `made` to a place of its own below `/d<number>`. */
export function copyLine(made: readonly string[], number: number, roll: Dice): string {
  const keyword = roll.chance(0.25) ? 'ADD' : 'COPY';
  const parents = keyword === 'COPY' && roll.chance(0.2);
  const flags: string[] = [];
  if (parents) flags.push('--parents');
  if (roll.chance(0.2)) flags.push(roll.pick(['--chmod=755', '--chown=7:8', '--link']));
  if (keyword === 'ADD' && roll.chance(0.2)) flags.push('--unpack=false');
  while (roll.chance(0.15)) flags.push(`--exclude=${roll.pick(excludes)}`);
  const sources: string[] = [];
  do sources.push(sourceWord(made, parents, roll));
  while (roll.chance(0.3));
  const slash = sources.length > 1 ? roll.chance(0.85) : roll.chance(0.7);
  if (!parents && roll.chance(0.06)) {
    return `${keyword} ${flags.join(' ')} ${roll.pick(names)} <<E1 <<"E2" /d${number}/\ntext ${number}\nE1\n$none\nE2`;
  }
  const words = [...sources, `/d${number}${slash ? '/' : ''}`];
  return `${keyword} ${flags.join(' ')} ${JSON.stringify(words)}`;
}

/** Commands that leave in a stage what a context cannot bring: links of each kind, whole seconds, removed and moved files. */
export function stageCommands(roll: Dice): string[] {
  const all = [
    'RUN cd /w && mkdir -p made/deep && echo made > made/deep/f && ln made/deep/f made/hard && ln -s deep/f made/soft',
    'RUN cd /w && rm -rf src lib; mkdir src; head -c 3000 /bin/sh > src/app.ts',
    'RUN cd /w && cp -a /bin/sh kept && touch -d @1600000000 kept',
    'RUN cd /w && [ -e a ] && mv a moved; chmod -R u+s . ; true',
    'RUN cd /w && truncate -s 50000 sparse 2>/dev/null || dd if=/dev/zero of=sparse bs=1 count=0 seek=50000',
    'RUN mkdir -p /etc && echo root:x:0:0::/:/bin/sh > /etc/passwd && touch -d @1600000000 /etc/passwd',
    'RUN ln -s /w /top && ln -s w/made /way && mkdir -p /w/empty',
    'RUN cd /w && ln -f made/deep/f again 2>/dev/null; ln -f kept twin 2>/dev/null; true',
    'WORKDIR /w/inside',
  ];
  return all.filter(() => roll.chance(0.6));
}

/** One line that copies something of a stage or an image, most often to a place of its own. */
export function copyFromLine(from: string, made: readonly string[], number: number, roll: Dice): string {
  const parents = roll.chance(0.15);
  const flags = [`--from=${from}`];
  if (parents) flags.push('--parents');
  if (roll.chance(0.2)) flags.push(roll.pick(['--chmod=755', '--chown=7:8', '--link']));
  while (roll.chance(0.12)) flags.push(`--exclude=${roll.pick(excludes)}`);
  const sources: string[] = [];
  do sources.push(roll.chance(0.25) ? roll.pick(stagePaths) : sourceWord(made, parents, roll));
  while (roll.chance(0.25));
  const places = [`/d${number}/`, `/d${number}/`, `/d${number}`, '/w/', '/', '/etc/', '/bin/'];
  const destination = sources.length > 1 ? `/d${number}/` : roll.pick(places);
  return `COPY ${flags.join(' ')} ${JSON.stringify([...sources, destination])}`;
}

const stagePaths = [
  '/w/made',
  '/w/made/*',
  '/top',
  '/top/made/',
  '/way',
  '/w',
  '/w/',
  '/etc/passwd',
  '/bin',
  '/',
  '/w/sp*',
  '/w/twin',
  '/w/again',
  '/w/hard',
];

function sourceWord(made: readonly string[], parents: boolean, roll: Dice): string {
  // What the shell of a Dockerfile would take away, and what a pattern would take for a wildcard.
  const plain = roll.pick(made).replace(/[\\$"']/g, '\\$&');
  const shielded = plain.replace(/[[?*]/g, '[$&]');
  switch (roll.below(parents ? 16 : 13)) {
    case 0:
      return roll.pick(['.', './', '/']);
    case 1:
      return roll.pick(patterns);
    case 2:
      return `${shielded.replace(/[^/]*$/, '')}*`;
    case 3:
      return `/${shielded}`;
    case 4:
      return `./${shielded}/`;
    case 5:
      return `x/../${shielded}`;
    case 6:
      return roll.pick(['link1', 'link2', 'link1/', 'link1/*', 'link2/a', 'link*']);
    case 7:
      return `../../${shielded}`;
    case 13:
      return roll.pick(deepPatterns);
    case 14:
      return shielded.includes('/') ? shielded.replace('/', '/./') : `./${shielded}`;
    case 15:
      return shielded.replace(/[^/]+\//, '*/');
    default:
      return shielded;
  }
}

/** A small ignore file; what such files mean is for other tests. */
export function ignoreText(roll: Dice): string {
  const lines = ['**/*.log', 'src', '!src/a', 'a', '**/lib', '*/b', '.env', 'link1', '!**/x.txt'];
  return Array.from({ length: 1 + roll.below(3) }, () => `${roll.pick(lines)}\n`).join('');
}
