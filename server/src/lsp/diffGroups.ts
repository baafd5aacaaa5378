// The changes of a diff by the package that owns them, or by the layer that holds them: what the panel lists in place of
// directories. Lists of packages are read where an image's bytes are quickly at hand; else the paths alone tell.
import * as l10n from '@vscode/l10n';
import { layerTitle, lineOfLayer } from '../describe/layerTitle';
import { type ChangeGroups, changeGroups, type GroupOf } from '../layers/changeGroups';
import { changeKinds } from '../layers/changeRows';
import type { LayerDiff } from '../layers/model';
import { PackageOwners, packageLists, readPackageLists } from '../layers/packageOwners';
import type { Contents } from '../measure/contents';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { DiffParams, StateRef } from '../protocol';
import type { DocumentState } from './documents';
import type { Session } from './session';
import { inSlices } from './slices';
import { type OpenState, openState } from './states';

export type GroupedBy = 'package' | 'layer';

/** What a group is called, and what more there is to say of it. */
export interface GroupName {
  label: string;
  detail: string;
}

const removed = changeKinds.indexOf('removed');

/** @param passes by change, 1 for those that count; null for all */
export async function groupChanges(
  session: Session,
  document: DocumentState,
  { from, to }: DiffParams,
  by: GroupedBy,
  diff: LayerDiff,
  passes: Uint8Array | null,
): Promise<ChangeGroups> {
  if (by === 'layer') return inSlices(changeGroups(diff.rows, byLayer(diff), passes));
  const after = await ownersOf(session, await openState(session, document, to));
  const before =
    diff.removed === 0 ? after : await ownersOf(session, await openState(session, document, from));
  return inSlices(changeGroups(diff.rows, byPackage(diff, before, after), passes));
}

function byPackage({ rows }: LayerDiff, before: PackageOwners, after: PackageOwners): GroupOf {
  const pathOf = rows.trie.pathReader();
  return (at) => {
    const owners = rows.kind[at] === removed ? before : after;
    const owner = owners.ownerOf(pathOf(rows.node[at]!), rows.isDirectory(at));
    return owner && `${owner.manager} ${owner.name}`;
  };
}

/** By position of the layer; what was removed is of no layer of the newer state, and a group of its own. */
function byLayer({ rows }: LayerDiff): GroupOf {
  return (at) => {
    const layer = String(rows.layerAt(at)).padStart(4, '0');
    return rows.kind[at] === removed ? `-${layer}` : layer;
  };
}

export function groupName(
  document: DocumentState,
  { from, to }: DiffParams,
  by: GroupedBy,
  key: string,
): GroupName {
  if (key === '/') return { label: l10n.t('of no known package'), detail: '' };
  if (by === 'package') {
    const [manager = '', ...name] = key.split(' ');
    return { label: name.join(' '), detail: manager };
  }
  const layer = Math.abs(Number(key));
  if (key.startsWith('-')) {
    const { label, detail } = layerName(document, from, layer);
    return { label: l10n.t('removed: {0}', label), detail };
  }
  return layerName(document, to, layer);
}

function layerName(document: DocumentState, state: StateRef, layer: number): GroupName {
  if (state.of !== 'image') return { label: l10n.t('Layer {0}', layer + 1), detail: '' };
  const analysis = document.analysis();
  const line = lineOfLayer(analysis, layer)?.view.line;
  return {
    label: layerTitle(analysis, layer),
    detail: line === undefined ? '' : l10n.t('line {0}', line),
  };
}

/** By contents and last layer. */
const kept = new WeakMap<Contents, Map<number, Promise<PackageOwners>>>();

function ownersOf(session: Session, state: OpenState): Promise<PackageOwners> {
  const known = kept.get(state.contents) ?? new Map<number, Promise<PackageOwners>>();
  kept.set(state.contents, known);
  const found = known.get(state.upTo) ?? readOwners(session.host, state, session.trusted);
  known.set(state.upTo, found);
  found.catch(() => known.delete(state.upTo));
  return found;
}

/** @param mayRead whether the image may be opened */
async function readOwners(host: Host, state: OpenState, mayRead: boolean): Promise<PackageOwners> {
  const owners = new PackageOwners();
  const { contents, indexes } = state;
  if (!contents.open || !contents.opensQuickly || !mayRead) return owners;
  const lists = packageLists(indexes);
  if (lists.length === 0) return owners;
  try {
    const image = await contents.open();
    try {
      for (const [layer, index] of indexes.entries()) {
        const own = lists.filter((list) => list.layer === layer);
        const source = image.layers[layer];
        if (own.length > 0 && source) await readPackageLists(host, source, index, own, owners);
      }
    } finally {
      await image.close();
    }
  } catch (error) {
    // An image that is gone is told where its files are opened; the paths tell of packages without it.
    if (!(error instanceof StrataError)) throw error;
  }
  return owners;
}
