// Which files a tar of an image holds and where: names as they lead to bytes, links followed. What the files mean is for
// dockerArchive.ts and ociLayout.ts.
import { cleanPath } from '../primitives/cleanPath';
import { StrataError } from '../primitives/errors';
import { textOfName } from '../primitives/nameText';
import type { TarEntry } from '../primitives/tarEntry';
import { tarKinds } from '../primitives/tarHeader';

/** Files in an image's archive: a layer is two or three. */
const maxFiles = 100_000;
/** All their names together: an extended header can hold a name of 1 MiB. */
const maxNameBytes = 64 * 2 ** 20;
/** Links to links. */
const maxLinks = 16;

/** Where a file's bytes lie in the tar, or the clean name that it links to. */
export type Member = { at: number; size: number } | { link: string };

export interface Part {
  /** bytes from the start of the tar */
  at: number;
  size: number;
}

/** Follows links: docker up to 24 and podman link `<id>/layer.tar` to a layer that the archive has already. */
export function finder(members: ReadonlyMap<string, Member>): (path: string) => Part | null {
  return (path) => {
    let member = members.get(clean(Buffer.from(path, 'utf8')));
    for (let i = 0; i < maxLinks && member && 'link' in member; i++) member = members.get(member.link);
    return member && !('link' in member) ? member : null;
  };
}

function clean(name: Uint8Array): string {
  return textOfName(cleanPath(name, 0, name.length).bytes);
}

/** The target of a symbolic link, which is relative to the folder of the link. */
function besides(name: string, target: string): string {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  return clean(Buffer.from(target.startsWith('/') ? target : folder + target, 'utf8'));
}

/**
 * Notes where each file lies; of a name that comes twice the last counts, as when the archive is unpacked. What it gives
 * throws StrataError('hostile') beyond the limits.
 */
export function noter(
  members: Map<string, Member>,
  onFile: (entry: TarEntry) => void = () => {},
): (entry: TarEntry) => void {
  let entries = 0;
  let nameBytes = 0;
  return (entry) => {
    const { nameBytes: bytes, nameStart, nameEnd, linkBytes, linkStart, linkEnd } = entry;
    nameBytes += nameEnd - nameStart + (linkEnd - linkStart);
    if (++entries > maxFiles || nameBytes > maxNameBytes) {
      throw new StrataError(
        'hostile',
        entries > maxFiles
          ? `The archive holds more than ${maxFiles} files, which no image's archive does.`
          : `The archive has more than ${maxNameBytes} bytes of file names, which no image's archive has.`,
      );
    }
    const name = clean(bytes.subarray(nameStart, nameEnd));
    const link = linkBytes.subarray(linkStart, linkEnd);
    if (entry.kind === tarKinds.file && !entry.sparse) {
      members.set(name, { at: entry.bodyOffset, size: entry.bodyBytes });
      onFile(entry);
    } else if (entry.kind === tarKinds.symlink) members.set(name, { link: besides(name, textOfName(link)) });
    else if (entry.kind === tarKinds.hardlink) members.set(name, { link: clean(link) });
    else members.delete(name);
  };
}
