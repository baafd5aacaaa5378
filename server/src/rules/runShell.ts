// Which shell runs the shell form of a RUN, and whether `A && B` in it is sure to mean A and then B. An image can bring a
// shell of its own (only Windows images are known to); where that is likely, the answer is no.
import { perDockerfile } from '../dockerfile/memo';
import type { Dockerfile, Instruction } from '../dockerfile/model';

export interface RunShell {
  /** As a person would call it. */
  name: string;
  /** True when `&&` joins commands as in sh. */
  joins: boolean;
  /** A login shell: it reads its profile at the start of each step. */
  reads: boolean;
  /** Ends at the first failure (`-e`). */
  errexit: boolean;
}

const posixShells = /^(?:\/(?:usr\/)?(?:local\/)?bin\/)?(?:sh|bash|ash|dash)$/;
const windowsImages = /windows|nanoserver|servercore/i;

/** The shell in force at an instruction: the last SHELL above it in its stage or in the stages below. */
export function shellOf(dockerfile: Dockerfile, instruction: Instruction): RunShell {
  return shells(dockerfile)[instruction.index] ?? posix;
}

const posix: RunShell = { name: '/bin/sh', joins: true, reads: false, errexit: false };

const shells = perDockerfile((dockerfile) => {
  const found: RunShell[] = [];
  const ends: RunShell[] = [];
  for (const { base, platform, instructions } of dockerfile.stages) {
    const windows =
      platform?.startsWith('windows') || (base.kind === 'image' && windowsImages.test(base.reference));
    let shell = base.kind === 'stage' ? ends[base.stage]! : posix;
    if (windows) shell = { ...posix, name: 'that of Windows', joins: false };
    for (const index of instructions) {
      const { keyword, json } = dockerfile.instructions[index]!;
      if (keyword === 'SHELL') shell = readShellForm(json ?? []);
      found[index] = shell;
    }
    ends.push(shell);
  }
  return found;
});

/** `/bin/bash -euo pipefail -c`: a known program, known options, and the command last. */
function readShellForm(words: readonly string[]): RunShell {
  const [program = '', ...options] = words;
  const known = options.every(
    (option, i) =>
      /^-[euxlo]*c?$/.test(option) ||
      (/^-[euxl]*o$/.test(options[i - 1] ?? '') && /^(?:pipefail|errexit|nounset|xtrace)$/.test(option)),
  );
  const joins = posixShells.test(program) && known && /^-[euxl]*c$/.test(options.at(-1) ?? '');
  const has = (letter: string) => options.some((option) => new RegExp(`^-[a-z]*${letter}`).test(option));
  const login = joins && (has('l') || options.includes('--login'));
  const errexit = has('e') || options.includes('errexit');
  return { name: words.join(' ') || 'not given', joins, reads: login, errexit };
}
