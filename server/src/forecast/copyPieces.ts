// What of the text of a COPY or ADD is in BuildKit's cache key (dockerfile2llb/convert_copy.go; solver/llbsolver/ops/
// file.go, CacheMap): of each source its base name alone, the destination whole. The content is stepInputs.ts.
import { posix } from 'node:path';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { isOn } from '../dockerfile/switches';
import { expandInstructionWords } from '../dockerfile/variables';
import { sourcesOf } from './copySources';
import { expandFlag } from './flagText';
import type { Pieces } from './runPieces';
import { type Told, told } from './told';

export function copyPieces(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  directory: Told,
  named: ReadonlySet<string>,
): Pieces {
  const { flags, keyword } = instruction;
  const value = (name: string) => {
    const text = flags.findLast((flag) => flag.name === name)?.value ?? '';
    return text === '' ? told('') : expandFlag(dockerfile, instruction, text, choice);
  };
  const parents = isOn(instruction, 'parents');
  let certain = true;
  let unknown: string | null = null;
  const sources = sourcesOf(dockerfile, instruction, choice, named).map((source) => {
    switch (source.kind) {
      case 'heredoc':
        if (source.body === null) certain = false;
        return ['document', source.name, source.body];
      case 'url':
      case 'git':
        return [source.kind, source.url];
      case 'unknown':
        unknown = source.why;
        return ['unknown', source.path];
      default:
        return ['path', parents ? source.path : baseName(source.path)];
    }
  });
  const excluded = flags.flatMap(({ name, value: text }) => (name === 'exclude' ? [text ?? ''] : []));
  return {
    pieces: [
      ['sources', told(JSON.stringify(sources), certain)],
      ['destination', destinationOf(dockerfile, instruction, choice, directory)],
      ['--chown', value('chown')],
      ['--chmod', octal(value('chmod'))],
      ['--exclude', told(JSON.stringify(excluded))],
      ['--checksum', value('checksum')],
      ['--keep-git-dir', told(String(isOn(instruction, 'keep-git-dir')))],
      ['unpacking', told(String(isOn(instruction, 'unpack', keyword === 'ADD')))],
    ],
    unknown,
  };
}

/** path.Base of the path from the root. */
function baseName(path: string): string {
  return posix.basename(posix.join('/', path)) || '/';
}

function octal(mode: Told): Told {
  return /^[0-7]+$/.test(mode.text) ? told(Number.parseInt(mode.text, 8).toString(8), mode.certain) : mode;
}

/** pathRelativeToWorkingDir: an absolute path as written; else below the directory, with its slash at the end. */
function destinationOf(
  dockerfile: Dockerfile,
  instruction: Instruction,
  choice: BuildChoice,
  directory: Told,
): Told {
  const { words, certain } = expandInstructionWords(dockerfile, instruction, choice);
  const word = words.at(-1) ?? '';
  if (!certain && (instruction.words.at(-1) ?? '').includes('$')) return told(word, false);
  if (word.startsWith('/')) return told(word);
  const given = word === '' || word === '.' ? './' : word;
  const joined = posix.join(directory.text, given).replace(/(.)\/$/, '$1');
  const end = given.endsWith('/') ? '/' : given.endsWith('/.') ? '/.' : '';
  return told(joined === '/' && end === '/' ? '/' : joined + end, directory.certain);
}
