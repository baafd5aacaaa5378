// What every docker builder is told in the same words. Decides the order and the name of an image without one.
import { sha256, shortDigest } from '../primitives/digest';
import type { BuildRequest } from './model';

/** The arguments that buildx, docker's BuildKit and the classic builder share; the context comes last, by the caller. */
export function commonArguments(request: BuildRequest): string[] {
  const { target, buildArgs } = request.choice;
  const platform = request.platforms?.join(',') ?? request.choice.platform;
  return [
    ...['--file', request.dockerfile],
    ...(target === null ? [] : ['--target', target]),
    ...(platform === null ? [] : ['--platform', platform]),
    ...Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...(request.noCache ? ['--no-cache'] : []),
  ];
}

/**
 * The name under which an engine keeps an image that the person gave no name: without one it would be lost in
 * `<none>`. The same for each build of a Dockerfile, so that the engine lists the newest alone under it.
 */
export function ownTag(request: BuildRequest): string {
  return `strata.local/${shortDigest(sha256(request.dockerfile))}:latest`;
}

export function ownTagNote(tag: string): string {
  return `The image was given no name; Docker keeps it as ${tag}.`;
}

/** True when one of these flags is among the arguments, as `--flag`, `--flag=value` or, for short ones, `-fvalue`. */
export function hasFlag(args: readonly string[], ...flags: readonly string[]): boolean {
  return args.some((arg) =>
    flags.some((flag) => arg === flag || arg.startsWith(flag.startsWith('--') ? `${flag}=` : flag)),
  );
}
