// What a base image brings, told from the config of an image that was built on it: whatever no line has set.
import type { BuildRecord, RecordedBase } from '../build/model';
import { parseDockerfile } from '../dockerfile/parse';
import { shippedChain } from '../dockerfile/stageGraph';
import { wordPieces } from '../dockerfile/words';
import type { ImageConfig } from '../image/model';

export type BaseConfig = Pick<RecordedBase, 'environment' | 'doubtful' | 'user' | 'directory' | 'shell'>;

/** Of an image that was built. */
export type BuiltConfig = Pick<ImageConfig, 'env' | 'user' | 'workingDir' | 'history'>;

export const nothingKnown: BaseConfig = {
  environment: null,
  doubtful: [],
  user: null,
  directory: null,
  shell: null,
};

/**
 * The base's variables come first, and a line that sets one anew leaves its place (dockerfile2llb, addEnv). Of those that
 * lines set, the base's own value is not known.
 */
export function baseConfig(
  { text, choice }: Pick<BuildRecord, 'text' | 'choice'>,
  config: BuiltConfig,
): BaseConfig {
  const dockerfile = parseDockerfile(text);
  const lines = shippedChain(dockerfile, choice).flatMap((stage) =>
    dockerfile.stages[stage]!.instructions.map((index) => dockerfile.instructions[index]!),
  );
  if (lines.some(({ trigger }) => trigger)) return nothingKnown;
  const has = (keyword: string) => lines.some((line) => line.keyword === keyword);
  const set = new Set<string>();
  for (const { keyword, rest, json } of lines) {
    if (keyword !== 'ENV') continue;
    for (const [name = ''] of wordPieces(keyword, rest, json, dockerfile.escape)) set.add(name);
  }
  const isOpen = [...set].some((name) => name.includes('$'));
  const names = config.env.map((entry) => entry.slice(0, entry.indexOf('=')));
  const last = names.findLastIndex((name) => !set.has(name));
  // How the first shell-form RUN was run, the history tells.
  const first = lines.find(({ keyword }) => keyword === 'SHELL' || keyword === 'RUN');
  const isPlain = first?.keyword === 'RUN' && first.json === null && first.heredocs.length === 0;
  const isUsual =
    isPlain &&
    config.history.some(
      ({ createdBy }) =>
        createdBy === `RUN /bin/sh -c ${first.rest} # buildkit` ||
        (/^RUN \|\d+ /.test(createdBy) && createdBy.endsWith(` /bin/sh -c ${first.rest} # buildkit`)),
    );
  return {
    environment: isOpen ? null : config.env.slice(0, last + 1),
    doubtful: isOpen ? [] : names.filter((name) => set.has(name)),
    user: has('USER') ? null : config.user,
    directory: has('WORKDIR') ? null : config.workingDir || '/',
    shell: isUsual ? '["/bin/sh","-c"]' : null,
  };
}
