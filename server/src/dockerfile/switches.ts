// Flags of an instruction that are on or off (instructions/bflag.go). Which flags an instruction has is for rejections.ts.
import type { Instruction } from './model';

/** Whether `--link`, `--parents` and the like are on: bare they are; `usual` counts where the flag does not stand. */
export function isOn({ flags }: Instruction, name: string, usual = false): boolean {
  const flag = flags.findLast((one) => one.name === name);
  return flag ? flag.value?.toLowerCase() !== 'false' : usual;
}
