// `docker build` without buildx: BuildKit's plain progress, or the classic builder. Which of the two it is, detection
// has asked docker itself; here it is fixed by DOCKER_BUILDKIT, so that both agree. There is no provenance.
import * as path from 'node:path';
import { isDigest } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { commonArguments, hasFlag, ownTag, ownTagNote } from './arguments';
import { createClassicReader } from './classicProgress';
import type { BuilderIdentity, BuildRequest, FoundBuilder } from './model';
import { elsewhereNote, leavesEngine } from './outputs';
import { createPlainReader } from './plainProgress';
import { type BuiltImage, type OutputReader, runBuilder } from './run';
import { imageOf, stepImages, withLayers } from './stepImages';
import { cleanWords } from './words';

const temporaryPrefix = 'strata-build-';

/** @param unusable why it cannot be used, null if it can */
export function dockerBuilder(
  program: string,
  identity: BuilderIdentity,
  unusable: string | null,
): FoundBuilder {
  const classic = identity.rules === 'classic';
  return {
    identity,
    unusable,
    async build(host, request, callbacks, signal) {
      const temporary = await host.files.makeTemporary(temporaryPrefix);
      try {
        const idFile = path.join(temporary, 'image-id');
        const tag = request.tag ?? ownTag(request);
        const args = [
          ...['build', '--tag', tag],
          // With an output elsewhere there is no id, and docker 20.10 calls a file for it an error.
          ...(hasFlag(request.extraArguments, '--output', '-o') ? [] : ['--iidfile', idFile]),
          // The classic builder refuses the flag [docker 28: "unknown flag: --progress"].
          ...(classic ? [] : ['--progress', 'plain']),
          ...commonArguments(request),
          ...request.extraArguments,
          request.context,
        ];
        const env = {
          DOCKER_BUILDKIT: classic ? '0' : '1',
          // Whole names: BuildKit cuts them to 72 characters when this says 0 (progressui/printer.go).
          PROGRESS_NO_TRUNC: '1',
        };
        let reader: OutputReader | null = null;
        return await runBuilder(
          host,
          {
            identity,
            program,
            args,
            env,
            createReader: (onText) => {
              reader = classic ? classicOutput(host, onText) : plainOutput(host, onText);
              return reader;
            },
            collect: async () => {
              const built = await collect(host, request, tag, idFile);
              if (!classic) return built;
              const steps = reader?.steps() ?? [];
              const engine = { program, speaks: 'docker', signal } as const;
              const names = steps.flatMap((step) => imageOf(step) ?? []);
              return { ...built, steps: withLayers(steps, await stepImages(host, engine, names)) };
            },
          },
          request,
          callbacks,
          signal,
        );
      } finally {
        await host.files.remove(temporary);
      }
    },
  };
}

/** Progress and words both come on stderr. */
function plainOutput(host: Host, onText: (line: string) => void): OutputReader {
  const progress = createPlainReader(host.now);
  const take = (line: string) => {
    onText(line);
    return progress.take(line);
  };
  return { stdout: take, stderr: take, steps: progress.steps };
}

/** Progress comes on stdout; stderr has the error, and from docker 23 on a notice that the builder is deprecated. */
function classicOutput(host: Host, onText: (line: string) => void): OutputReader {
  const progress = createClassicReader(host.now);
  let inNotice = false;
  return {
    stdout(line) {
      onText(line);
      return progress.take(line);
    },
    stderr(line) {
      onText(line);
      // Three lines and an empty one [docker 28.2.2].
      inNotice = line.startsWith('DEPRECATED: ') || (inNotice && line.startsWith(' '));
      return inNotice;
    },
    steps: progress.steps,
    failed: (words) => progress.fail(cleanWords(words.at(-1) ?? '')),
  };
}

async function collect(host: Host, request: BuildRequest, tag: string, idFile: string): Promise<BuiltImage> {
  const id = (await host.files.readText(idFile))?.trim();
  const named = request.tag !== null || hasFlag(request.extraArguments, '--tag', '-t');
  return {
    provenance: null,
    // Without an id the image went elsewhere: an --output was among the arguments.
    imageReference: isDigest(id) ? `docker-daemon:${tag}` : null,
    imageId: isDigest(id) ? id : null,
    note: leavesEngine(request.extraArguments) ? elsewhereNote : named ? null : ownTagNote(tag),
  };
}
