// `buildah build`. Decides its arguments, that each step leaves a layer unless told otherwise, and where the image is
// kept: in containers-storage where podman can read it, else in an OCI layout of ours that buildah writes.
import * as path from 'node:path';
import type { Host } from '../primitives/host';
import { commonArguments, hasFlag } from './arguments';
import { buildahOutput } from './buildahOutput';
import type { BuilderIdentity, BuildRequest, FoundBuilder } from './model';
import { runBuilder } from './run';

/**
 * @param podman the program that reads images of containers-storage; null when there is none
 * @param unusable why it cannot be used, null if it can
 */
export function buildahBuilder(
  program: string,
  podman: string | null,
  identity: BuilderIdentity,
  unusable: string | null,
): FoundBuilder {
  return {
    identity,
    unusable,
    async build(host, request, callbacks, signal) {
      const output = buildahOutput(host);
      return runBuilder(
        host,
        {
          identity,
          program,
          args: [
            'build',
            // buildah's own default is one layer for a whole stage, in which no line can be told from another, and no
            // cache (pkg/cli/common.go, UseLayers). What the person says or has set stays.
            ...(hasFlag(request.extraArguments, '--layers') || host.environment.BUILDAH_LAYERS
              ? []
              : ['--layers']),
            // No --iidfile: with one, buildah tells no step's image (imagebuildah, logImageID) [1.28.2].
            ...(request.tag === null ? [] : ['--tag', request.tag]),
            ...commonArguments(request),
            ...request.extraArguments,
            request.context,
          ],
          env: {},
          createReader: output.createReader,
          collect: async () => {
            const id = output.lastId();
            const engine =
              podman === null
                ? ({ program, speaks: 'buildah' } as const)
                : ({ program: podman, speaks: 'docker' } as const);
            return {
              provenance: null,
              imageReference: id === null ? null : await keep(host, program, podman, id, request, signal),
              imageId: id === null ? null : `sha256:${id}`,
              note: null,
              steps: await output.steps({ ...engine, signal }),
            };
          },
        },
        request,
        callbacks,
        signal,
      );
    },
  };
}

/** Where the image can be read again; null when it was not to be kept. */
async function keep(
  host: Host,
  program: string,
  podman: string | null,
  id: string,
  request: BuildRequest,
  signal: AbortSignal,
): Promise<string | null> {
  if (podman !== null) return `containers-storage:${id}`;
  const layout = path.join(request.keep, 'layout');
  // The newest alone: a layout only grows.
  await host.files.remove(layout);
  await host.files.makeDirectory(request.keep);
  const pushed = await host.processes.run(program, ['push', '--quiet', id, `oci:${layout}`], { signal });
  return pushed.code === 0 ? `oci:${layout}` : null;
}
