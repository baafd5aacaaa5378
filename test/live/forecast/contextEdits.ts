// Random edits of a build context: contents, modes, times, names and the ignore file.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { type Edit, filesOf, type Project, pick, word } from './edits';

/** A clock of its own: each write has a time that no other has, whatever the disk's granularity. */
let clock = Date.UTC(2020, 0, 1) / 1_000;

function stamp(file: string): void {
  clock += 1;
  fs.utimesSync(file, clock, clock);
}

function write(project: Project, name: string, content: string): void {
  const file = path.join(project.folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  stamp(file);
  const known = project.contents.get(name) ?? [];
  if (!known.includes(content)) project.contents.set(name, [...known, content]);
}

export const contextEdits: Edit[] = [
  function content(project, random) {
    const name = pick(filesOf(project), random)!;
    write(project, name, `${fs.readFileSync(path.join(project.folder, name), 'utf8')}${word(random)}\n`);
    return `wrote ${name}`;
  },
  function older(project, random) {
    const name = pick(filesOf(project), random)!;
    const before = pick(project.contents.get(name) ?? [], random);
    if (before === undefined) return null;
    write(project, name, before);
    return `an earlier content of ${name} came back`;
  },
  function mode(project, random) {
    const name = pick(filesOf(project), random)!;
    const given = [0o644, 0o664, 0o755][random(3)]!;
    fs.chmodSync(path.join(project.folder, name), given);
    return `mode of ${name} is ${given.toString(8)}`;
  },
  function folderMode(project, random) {
    const folders = fs
      .readdirSync(project.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
    const folder = pick(folders, random);
    if (folder === undefined) return null;
    const given = [0o755, 0o775][random(2)]!;
    fs.chmodSync(folder, given);
    return `mode of ${path.relative(project.folder, folder)} is ${given.toString(8)}`;
  },
  function touch(project, random) {
    const name = pick(filesOf(project), random)!;
    stamp(path.join(project.folder, name));
    return `touched ${name}`;
  },
  function rename(project, random) {
    const name = pick(
      filesOf(project).filter((one) => /^(?:docs|src)\//.test(one)),
      random,
    );
    if (name === undefined) return null;
    const next = `${path.dirname(name)}/${word(random)}${path.basename(name)}`;
    fs.renameSync(path.join(project.folder, name), path.join(project.folder, next));
    return `renamed ${name} to ${next}`;
  },
  function add(project, random) {
    const name = path.normalize(`${['docs', 'src', 'src/lib', '.'][random(4)]}/added${random(3)}.md`);
    write(project, name, `added ${random(2)}\n`);
    return `added ${name}`;
  },
  function remove(project, random) {
    const name = pick(
      filesOf(project).filter((one) => /^(?:docs|src\/lib|added)/.test(one)),
      random,
    );
    if (name === undefined || filesOf(project).filter((one) => one.startsWith('docs/')).length < 2)
      return null;
    fs.rmSync(path.join(project.folder, name));
    return `removed ${name}`;
  },
  function link(project, random) {
    const name = `src/link${random(2)}`;
    const file = path.join(project.folder, name);
    const target = ['main.ts', 'lib/util.ts'][random(2)]!;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.rmSync(file, { force: true });
    fs.symlinkSync(target, file);
    return `${name} links to ${target}`;
  },
  function ignore(project, random) {
    const lines = [
      'ignored.txt\n',
      'ignored.txt\n# a comment\n',
      'ignored.txt\ndocs/b.md\n',
      '*.txt\n!app.txt\n',
      'ignored.txt\n**/deep\n',
    ];
    const given = pick(lines, random)!;
    fs.writeFileSync(path.join(project.folder, '.dockerignore'), given);
    return `.dockerignore is ${JSON.stringify(given)}`;
  },
  function sameStat(project, random) {
    const name = pick(filesOf(project), random)!;
    const file = path.join(project.folder, name);
    const { size } = fs.statSync(file);
    // Node sets times to the microsecond; BuildKit's client compares nanoseconds.
    const like = path.join(os.tmpdir(), `strata-time-${process.pid}`);
    execFileSync('cp', ['-p', '--', file, like]);
    // As a copy that keeps times: another inode.
    if (random(2) === 0) fs.rmSync(file);
    fs.writeFileSync(file, `${random(10)}`.padEnd(size, String(random(10))).slice(0, size));
    execFileSync('touch', ['-r', like, '--', file]);
    fs.rmSync(like);
    return `wrote ${name} with the size and time that it had`;
  },
];
