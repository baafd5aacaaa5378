// `podman build`: buildah's builder within podman, whose image is asked for by its id afterwards. Decides its arguments;
// how its output is read is shared with buildah.
import * as path from 'node:path';
import { isDigest } from '../primitives/digest';
import { commonArguments } from './arguments';
import { buildahOutput } from './buildahOutput';
import type { BuilderIdentity, FoundBuilder } from './model';
import { runBuilder } from './run';

const temporaryPrefix = 'strata-build-';

/** @param unusable why it cannot be used, null if it can */
export function podmanBuilder(
  program: string,
  identity: BuilderIdentity,
  unusable: string | null,
): FoundBuilder {
  return {
    identity,
    unusable,
    async build(host, request, callbacks, signal) {
      const temporary = await host.files.makeTemporary(temporaryPrefix);
      try {
        const idFile = path.join(temporary, 'image-id');
        const output = buildahOutput(host);
        const args = [
          ...['build', '--iidfile', idFile],
          // Without a name it is kept by its id, and podman lists it as <none>.
          ...(request.tag === null ? [] : ['--tag', request.tag]),
          ...commonArguments(request),
          ...request.extraArguments,
          request.context,
        ];
        return await runBuilder(
          host,
          {
            identity,
            program,
            args,
            env: {},
            createReader: output.createReader,
            collect: async () => {
              const id = (await host.files.readText(idFile))?.trim();
              return {
                provenance: null,
                imageReference: isDigest(id) ? `containers-storage:${id.slice('sha256:'.length)}` : null,
                imageId: isDigest(id) ? id : null,
                note: null,
                steps: await output.steps({ program, speaks: 'docker', signal }),
              };
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
