// Generated build contexts for differential tests: a tree, an ignore file that means it, and where it stands. The same
// number gives the same case. Names and patterns are those that go wrong: wildcards in names, escapes, classes, blanks.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { seededRandom } from './random';
import { writeFiles } from './writeFiles';

export interface ContextCase {
  /** Relative to the context. */
  files: { path: string; type: 'file' | 'directory' | 'symlink' | 'fifo'; text: string; mode: number }[];
  /** Relative to the context; `../` places it outside. */
  dockerfile: string;
  /** Ignore files by path relative to the context, as bytes in latin1-free text. */
  ignores: [path: string, text: string][];
}

const plainNames = [
  'a',
  'b',
  'c',
  'src',
  'lib',
  'ab',
  'abc',
  'x.log',
  'y.md',
  'README.md',
  '.env',
  '.git',
  'dist',
];
const oddNames = [
  ...[
    'A',
    'a b',
    ' a',
    'é',
    '😀',
    '*',
    '**',
    '[',
    ']',
    '{2}',
    'aa',
    '$',
    'a|b',
    '^a',
    '!a',
    '#a',
    'a\\',
    '?',
    '+',
  ],
  ...['a.b', '-', '(a)', 'a\tb', '...', 'a,b', '\ufb01', 'a$', '\\', 'node_modules', '~', "'", '"'],
];
const pieces = [
  '*',
  '**',
  '?',
  '[a-c]',
  '[^a]',
  '[!a]',
  '\\a',
  '\\*',
  '[*]',
  '{a,b}',
  '|',
  '{2}',
  '^',
  '$',
  '.',
  '..',
];
const nasty = [
  '[',
  '\\',
  '[z-a]',
  '\\d',
  '\\1',
  '[]',
  '[a-',
  '!',
  '/',
  '.',
  '..',
  '\\Q',
  '[[:alpha:]]',
  '\\b',
  '\u00a0',
];

export function contextCase(number: number): ContextCase {
  const random = seededRandom(number * 2654435761 + 12345);
  const chance = (part: number): boolean => random() < part;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const odd = chance(0.5) ? 0.4 : 0.05;
  const name = (): string => (chance(odd) ? pick(oddNames) : pick(plainNames));

  const files = new Map<string, ContextCase['files'][number]>();
  const folders = [''];
  for (let count = 4 + Math.floor(random() * 14); count > 0; count--) {
    const folder = pick(folders);
    const at = folder === '' ? name() : `${folder}/${name()}`;
    if (files.has(at)) continue;
    const type = chance(0.4) ? 'directory' : chance(0.08) ? 'symlink' : chance(0.03) ? 'fifo' : 'file';
    const text = type === 'symlink' ? pick(['a', '../b', 'nowhere', '/etc']) : 'x'.repeat(random() * 40);
    const mode = type === 'directory' ? pick([0o755, 0o711, 0o1777]) : pick([0o644, 0o600, 0o755, 0o4755]);
    files.set(at, { path: at, type, text, mode });
    if (type === 'directory' && at.split('/').length < 4) folders.push(at);
  }

  const paths = [...files.keys()];
  const part = (text: string): string => {
    const roll = random();
    if (roll < 0.5) return text;
    if (roll < 0.6) return '*';
    if (roll < 0.7) return '**';
    const letters = Array.from(text);
    const at = Math.floor(random() * letters.length);
    if (roll < 0.75) return [...letters.slice(0, at), '*'].join('');
    if (roll < 0.8) return ['*', ...letters.slice(at)].join('');
    if (roll < 0.85) return letters.map((one, index) => (index === at ? '?' : one)).join('');
    if (roll < 0.9) return letters.map((one) => (/[*?[\]\\]/.test(one) ? `\\${one}` : one)).join('');
    return letters.map((one, index) => (index === at ? pick(pieces) : one)).join('');
  };
  const pattern = (): string => {
    if (chance(0.04)) return pick(nasty);
    let text = paths.length > 0 && chance(0.9) ? pick(paths) : `${name()}/${name()}`;
    if (chance(0.3))
      text = text
        .split('/')
        .slice(0, 1 + Math.floor(random() * 2))
        .join('/');
    if (chance(0.5)) text = text.split('/').map(part).join('/');
    if (chance(0.1)) text = `**/${text.split('/').at(-1)}`;
    if (chance(0.08))
      text = pick([
        `/${text}`,
        `./${text}`,
        `${text}/`,
        `${text}//`,
        `a/../${text}`,
        `${text}/**`,
        `${text}/*`,
      ]);
    return text;
  };
  const ignore = (): string => {
    let text = chance(0.05) ? '\ufeff' : '';
    for (let count = 1 + Math.floor(random() * 5); count > 0; count--) {
      if (chance(0.05)) text += pick(['# comment\n', ' # a\n', '\n', '  \n']);
      const negates = chance(0.3);
      text += `${chance(0.04) ? '  ' : ''}${negates ? pick(['!', '!', '!', '! ', '!/']) : ''}${pattern()}`;
      text += pick(['\n', '\n', '\n', '\r\n', ' \n', '\t\n']);
    }
    return chance(0.1) ? text.replace(/\n$/, '') : text;
  };

  const dockerfile = chance(0.8)
    ? 'Dockerfile'
    : pick(['my.Dockerfile', 'build/Dockerfile', '../Dockerfile', 'dockerfile']);
  const ignores: [string, string][] = [];
  if (chance(0.9)) ignores.push(['.dockerignore', ignore()]);
  if (chance(0.15) || ignores.length === 0)
    ignores.push([`${dockerfile}.dockerignore`, chance(0.1) ? '' : ignore()]);
  return { files: [...files.values()], dockerfile, ignores };
}

/** Writes a case into `folder`/context; answers the context and the Dockerfile, absolute. */
export function writeContextCase(one: ContextCase, folder: string): { context: string; dockerfile: string } {
  const context = path.join(folder, 'context');
  fs.mkdirSync(context, { recursive: true });
  for (const file of one.files) {
    const at = path.join(context, file.path);
    if (file.type === 'directory') fs.mkdirSync(at);
    else if (file.type === 'symlink') fs.symlinkSync(file.text, at);
    else if (file.type === 'fifo') spawnSync('mkfifo', ['--', at]);
    else fs.writeFileSync(at, file.text);
  }
  // Afterwards: a mode may keep others from writing into a folder.
  for (const file of one.files.filter(({ type }) => type === 'file' || type === 'directory')) {
    fs.chmodSync(path.join(context, file.path), file.mode);
  }
  writeFiles(context, [[one.dockerfile, 'FROM scratch\nCOPY . /\n'], ...one.ignores]);
  return { context, dockerfile: path.join(context, one.dockerfile) };
}
