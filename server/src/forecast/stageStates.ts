// What each line finds set by the lines above it: variables, directory, user, shell, platform. It is what a step's cache
// key is made of beside the line's own text. What only the base image knows stays open.
import { posix } from 'node:path';
import { stageBases } from '../dockerfile/bases';
import type { BuildChoice, Dockerfile, Instruction } from '../dockerfile/model';
import { expandInstructionWords } from '../dockerfile/variables';
import { wordPieces } from '../dockerfile/words';
import type { BaseConfig } from './graphFacts';
import { defaultPath, onStage, type RunEnvironment, set, startEnvironment } from './runEnvironment';
import { type Told, told } from './told';
import { type Place, workdirs } from './workdir';

export interface LineState {
  environment: RunEnvironment;
  /** Absolute, or `?` and the steps from the base's own directory. */
  directory: Told;
  user: Told;
  /** As JSON. */
  shell: Told;
  platform: Told;
  /** Where the stage began, from which paths that are not known lead on. */
  start: Told;
}

const unknown = told('?', false);
const defaultShell = '["/bin/sh","-c"]';

/**
 * The state that each instruction of a stage finds; undefined before the first FROM.
 * @param baseOf what is known of the config of the image that a stage stands on
 */
export function stageStates(
  dockerfile: Dockerfile,
  choice: BuildChoice,
  baseOf: (stage: number) => BaseConfig,
): (LineState | undefined)[] {
  const bases = stageBases(dockerfile, choice);
  const places = workdirs(dockerfile, choice);
  const found: (LineState | undefined)[] = [];
  const ends: LineState[] = [];
  for (const stage of dockerfile.stages) {
    const base = bases[stage.index]!;
    let state: LineState;
    if (base.kind === 'stage') {
      const below = ends[base.stage]!;
      state = { ...below, environment: onStage(below.environment) };
    } else {
      const isScratch = base.kind === 'scratch';
      const platform = stage.platform ?? choice.platform;
      const isWindows = platform?.startsWith('windows') ?? false;
      const config = isScratch ? scratchConfig(isWindows) : baseOf(stage.index);
      const of = (text: string | null) => (text === null ? unknown : told(text));
      const start = of(config.directory);
      state = {
        environment: startEnvironment(config.environment),
        directory: start,
        start,
        user: of(config.user),
        shell: of(config.shell),
        platform: platform === null || platform.includes('$') ? told(platform ?? '?', false) : told(platform),
      };
    }
    found[stage.from] = state;
    for (const index of stage.instructions) {
      const instruction = dockerfile.instructions[index]!;
      found[index] = state;
      state = after(dockerfile, instruction, state, choice);
      const place = places[index]?.place;
      if (place) state = { ...state, directory: directoryAt(place, state.start) };
    }
    ends.push(state);
  }
  return found;
}

function scratchConfig(isWindows: boolean): BaseConfig {
  const shell = isWindows ? null : defaultShell;
  return {
    environment: { entries: isWindows ? [] : [defaultPath], doubtful: [] },
    user: '',
    directory: '/',
    shell,
  };
}

/** A path that leads on from the base's own directory, where that is known too. */
export function directoryAt(place: Place, start: Told): Told {
  if (place.known) return told(place.path || '/');
  if (!start.certain) return told(`?/${place.path}`, false);
  return told(posix.join(start.text || '/', place.path).replace(/(.)\/$/, '$1'));
}

function after(
  dockerfile: Dockerfile,
  instruction: Instruction,
  state: LineState,
  choice: BuildChoice,
): LineState {
  const { keyword, json, rest, index } = instruction;
  switch (keyword) {
    case 'SHELL':
      return json ? { ...state, shell: told(JSON.stringify(json)) } : state;
    case 'USER': {
      const { words, certain } = expandInstructionWords(dockerfile, instruction, choice);
      return { ...state, user: told(words.join(' '), certain) };
    }
    case 'ENV':
    case 'ARG': {
      const { words, certain, error } = expandInstructionWords(dockerfile, instruction, choice);
      const pieces = wordPieces(keyword, rest, json, dockerfile.escape);
      let { environment } = state;
      for (const [at, word] of words.entries()) {
        const name = pieces[at]?.[0] ?? '';
        if (error === null && !word.startsWith(`${name}=`)) {
          // Without a value an ARG sets nothing, unless the builder has one for it.
          if (certain || keyword === 'ENV') continue;
        }
        const value = word.startsWith(`${name}=`) ? word.slice(name.length + 1) : '';
        const plain = certain && error === null;
        const text = plain ? value : `\0${pieces[at]?.join('=') ?? word}\0${value}`;
        environment = set(environment, {
          name,
          value: told(text, plain),
          setBy: index,
          isArgument: keyword === 'ARG',
        });
      }
      return { ...state, environment };
    }
    default:
      return state;
  }
}
