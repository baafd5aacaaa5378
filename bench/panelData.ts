// The recorded build whose last layer changes as many files as wanted: an index with real names and sizes and no bodies,
// kept in a store as a build would have left it. Every tenth file lies below already, smaller: those are modified.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildRecord } from '../server/src/build/model';
import { createRecordStore } from '../server/src/build/records';
import { createNodeHost } from '../server/src/host/nodeHost';
import type { MeasuredImage, MeasuredLayer } from '../server/src/image/model';
import { LayerIndexBuilder } from '../server/src/layers/indexLayer';
import type { LayerIndex } from '../server/src/layers/model';
import { openIndexStore } from '../server/src/layers/store';
import { chainIds, sha256 } from '../server/src/primitives/digest';
import { newTarEntry } from '../server/src/primitives/tarEntry';
import { tarKinds } from '../server/src/primitives/tarHeader';
import { type NamedEntry, namedEntries } from './dataNames';
import { keptRecord } from './keptRecord';

export interface PanelData {
  uri: string;
  text: string;
  storage: string;
  /** Of the layer. */
  entries: number;
}

/** Below `folder`: a Dockerfile, and the storage of its record. */
export async function panelData(count: number, folder: string, root: string): Promise<PanelData> {
  const all = namedEntries(count, root);
  const below = all.filter(({ kind }, i) => kind === 'file' && i % 10 === 0);
  const indexes = [
    indexOf(
      below.map((entry) => ({ ...entry, bytes: entry.bytes >> 1 })),
      'below',
    ),
    indexOf(all, 'layer'),
  ];
  mkdirSync(folder, { recursive: true });
  const dockerfile = path.join(folder, 'Dockerfile');
  const storage = path.join(folder, 'storage');
  const text = 'FROM scratch\nCOPY below /\nCOPY layer /\n';
  writeFileSync(dockerfile, text);
  const host = createNodeHost();
  const store = openIndexStore(host, storage);
  for (const index of indexes) await store.put(index);
  await createRecordStore(host, storage).add(dockerfile, recordOf(indexes, text));
  return { uri: pathToFileURL(dockerfile).href, text, storage, entries: indexes[1]!.count };
}

function indexOf(entries: readonly NamedEntry[], name: string): LayerIndex {
  const builder = new LayerIndexBuilder();
  for (const { path: at, kind, bytes, mode, link } of entries) {
    const text = Buffer.from(at + link);
    const nameEnd = Buffer.byteLength(at);
    const kindOf = { file: tarKinds.file, directory: tarKinds.directory, symlink: tarKinds.symlink };
    builder.add({
      ...newTarEntry(),
      kind: kindOf[kind],
      size: bytes,
      mode,
      mtime: 1_750_000_000,
      ...{
        nameBytes: text,
        nameStart: 0,
        nameEnd,
        linkBytes: text,
        linkStart: nameEnd,
        linkEnd: text.length,
      },
    });
  }
  return builder.finish(sha256(name));
}

function recordOf(indexes: readonly LayerIndex[], text: string): BuildRecord {
  const chains = chainIds(indexes.map(({ diffId }) => diffId));
  const layers = indexes.map(
    ({ diffId, unpackedBytes, count }, index): MeasuredLayer => ({
      index,
      diffId,
      chainId: chains[index]!,
      ...{ blobDigest: null, compressedBytes: null, engineBytes: null },
      ...{ unpackedBytes, added: count, modified: 0, removed: 0, wastedBytes: 0 },
    }),
  );
  const image: MeasuredImage = {
    reference: 'bench',
    id: sha256('image'),
    platform: 'linux/amd64',
    history: ['below', 'layer'].map((name) => ({
      ...{ createdBy: `COPY ${name} / # buildkit`, comment: 'buildkit.dockerfile.v0' },
      ...{ emptyLayer: false, created: null },
    })),
    layers,
    visibleBytes: indexes[1]!.unpackedBytes,
    waste: [],
    problems: [],
  };
  return keptRecord(text, image, null);
}
