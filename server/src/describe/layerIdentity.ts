// By which digests a layer is asked for elsewhere, in short form: registries know blobs, engines DiffIDs, containerd its
// snapshots by ChainID, each on its parent.
import * as l10n from '@vscode/l10n';
import type { LayerView } from '../analysis/model';
import { shortDigest } from '../primitives/digest';

/** Markdown: `DiffID 3f2a… · ChainID 9c01… · on 77be…`. The digests are checked before they come here. */
export function layerIdentity({ diffId, chainId, parent }: LayerView): string {
  const short = (digest: string) => `\`${shortDigest(digest)}\``;
  return [
    l10n.t('DiffID {0}', short(diffId)),
    l10n.t('ChainID {0}', short(chainId)),
    parent === null ? l10n.t('no parent') : l10n.t('parent {0}', short(parent)),
  ].join(' · ');
}
