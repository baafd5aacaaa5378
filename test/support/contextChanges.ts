// One change after another to a folder of files, as a person makes them: for tests of what a builder's cache notices.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readContext } from './contextFixture';
import type { Dice } from './copyCases';

/** Changes one thing below a folder and says what. Each change gives a file another size or time, so that it is seen. */
export function changeContext(folder: string, roll: Dice): string {
  const all = readContext(folder).entries.map((entry) => entry.path);
  const stat = (name: string) => fs.lstatSync(path.join(folder, name));
  const files = all.filter((name) => stat(name).isFile());
  const folders = all.filter((name) => stat(name).isDirectory());
  const links = all.filter((name) => stat(name).isSymbolicLink());
  const changes: (() => string)[] = [() => addFile(folder, folders, roll)];
  if (files.length > 0) changes.push(...fileChanges(folder, roll.pick(files), folders, roll));
  if (folders.length > 0) {
    const name = roll.pick(folders);
    const full = path.join(folder, name);
    changes.push(() => {
      fs.chmodSync(full, stat(name).mode ^ 0o011);
      return `mode of the folder ${name}`;
    });
    changes.push(() => {
      fs.renameSync(full, `${full}2`);
      return `name of the folder ${name}`;
    });
  }
  if (links.length > 0) {
    const link = roll.pick(links);
    changes.push(() => {
      const target = path.posix.relative(`/${path.posix.dirname(link)}`, `/${roll.pick(all)}`) || '.';
      fs.rmSync(path.join(folder, link));
      fs.symlinkSync(target, path.join(folder, link));
      return `target of ${link}`;
    });
  }
  return roll.pick(changes)();
}

function fileChanges(folder: string, file: string, folders: string[], roll: Dice): (() => string)[] {
  const full = path.join(folder, file);
  return [
    () => {
      const bytes = fs.readFileSync(full);
      if (bytes.length > 0) bytes[0]! ^= 1;
      fs.writeFileSync(full, bytes);
      return `content of ${file}, same size`;
    },
    () => {
      fs.appendFileSync(full, 'more');
      return `content of ${file}, larger`;
    },
    () => {
      fs.chmodSync(full, fs.lstatSync(full).mode ^ roll.pick([0o111, 0o002, 0o4000]));
      return `mode of ${file}`;
    },
    () => {
      fs.utimesSync(full, 1_650_000_000 + roll.below(1000), 1_650_000_000 + roll.below(1000));
      return `time of ${file}`;
    },
    () => {
      fs.renameSync(full, `${full}.r`);
      return `name of ${file}`;
    },
    () => {
      fs.rmSync(full);
      return `${file} is gone`;
    },
    () => {
      fs.lchownSync(full, 1000 + roll.below(5), 1000);
      return `owner of ${file}`;
    },
    () => {
      const to = path.join(folders.length > 0 ? roll.pick(folders) : '', `moved-${path.basename(file)}`);
      fs.renameSync(full, path.join(folder, to));
      return `${file} is now ${to}`;
    },
  ];
}

function addFile(folder: string, folders: string[], roll: Dice): string {
  const inside = folders.length > 0 && roll.chance(0.6) ? roll.pick(folders) : '';
  const at = path.join(inside, `new${roll.below(100)}.log`);
  fs.writeFileSync(path.join(folder, at), `new ${roll.below(1000)}`);
  return `${at} is new`;
}
