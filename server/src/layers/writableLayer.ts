// A container's writable layer as one more index: the paths that its engine says were written, with sizes, modes and
// owners from the container's own files, and whiteouts for what was deleted. Engines tell names only; a container is
// exported to learn the rest, and nothing of it is kept.
import { type Container, type ContainerChange, exportContainer } from '../image/containers';
import type { EngineTools } from '../image/engines';
import { cleanPath } from '../primitives/cleanPath';
import { sha256 } from '../primitives/digest';
import type { Host } from '../primitives/host';
import { textOfName } from '../primitives/nameText';
import { ChunkScan } from '../primitives/tarDrivers';
import { newTarEntry, setName, type TarEntry } from '../primitives/tarEntry';
import { TarScanner } from '../primitives/tarScanner';
import { LayerIndexBuilder } from './indexLayer';
import type { LayerIndex } from './model';

/**
 * @param changes as the engine told them
 * Throws as `exportContainer`, and StrataError('hostile' | 'unreadable') for a damaged export.
 */
export async function writableLayer(
  host: Host,
  container: Pick<Container, 'engine' | 'id'>,
  changes: readonly ContainerChange[],
  tools: EngineTools = {},
): Promise<LayerIndex> {
  const written = new Set(changes.flatMap(({ kind, path }) => (kind === 'deleted' ? [] : path)));
  const deleted = topmost(changes.flatMap(({ kind, path }) => (kind === 'deleted' ? path : [])));
  const builder = new LayerIndexBuilder();
  const there = new Set<string>();
  const take = (entry: TarEntry): void => {
    const path = pathOf(entry);
    if (written.delete(path)) builder.add(entry);
    else if (deleted.has(path)) there.add(path);
  };
  if (written.size > 0) {
    const scan = new ChunkScan(new TarScanner(take));
    await exportContainer(host, container, tools, (chunk) => scan.push(chunk));
    scan.end();
  }
  for (const path of deleted) if (!there.has(path)) builder.add(whiteout(path));
  const unknown = written.size + there.size;
  const problems =
    unknown === 0
      ? []
      : [
          `the container went on while it was read, or has names that its engine does not tell well (${unknown} paths)`,
        ];
  return builder.finish(sha256(`container\n${container.id}\n${changes.length}`), problems);
}

function pathOf({ nameBytes, nameStart, nameEnd }: TarEntry): string {
  return textOfName(cleanPath(nameBytes, nameStart, nameEnd).bytes);
}

/** A deleted directory takes along what was in it. */
function topmost(paths: readonly string[]): Set<string> {
  const all = new Set(paths);
  return new Set(paths.filter((path) => !hasParentIn(path, all)));
}

function hasParentIn(path: string, all: ReadonlySet<string>): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (all.has(path.slice(0, slash))) return true;
  }
  return false;
}

function whiteout(path: string): TarEntry {
  const entry = newTarEntry();
  const slash = path.lastIndexOf('/') + 1;
  setName(entry, Buffer.from(`${path.slice(0, slash)}.wh.${path.slice(slash)}`, 'utf8'));
  return entry;
}
