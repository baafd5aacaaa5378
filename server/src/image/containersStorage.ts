// An image of containers/storage, where podman, buildah and skopeo keep theirs, asked for through podman: its folders
// belong to a user namespace, and its layers lie unpacked. Saved as a docker archive: an OCI archive would hold layers
// compressed anew, which takes longer, cannot be sought, and tells sizes that no registry has.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { inspectImage } from './engineInspect';
import type { Image } from './model';
import { type PodmanOptions, runPodman } from './podmanCli';
import { openSaved, type SavedOptions } from './savedImages';

export interface ContainersStorageOptions extends PodmanOptions, SavedOptions {}

/** Throws StrataError('no-daemon' | 'not-found' | 'no-space' | 'unreadable'). */
export async function openContainersStorage(
  host: Host,
  name: string,
  options: ContainersStorageOptions,
): Promise<Image> {
  if (name.startsWith('-')) throw new StrataError('usage', `'${name}' is no name of an image.`);
  const { podman } = options;
  return openSaved(
    host,
    {
      inspect: () => inspectImage(host, 'podman', name, options),
      save: async (path, signal) => {
        const args = ['save', '--quiet', '--format', 'docker-archive', '--output', path, name];
        await runPodman(host, args, `Saving the image ${name}`, { podman, signal });
      },
    },
    options,
  );
}
