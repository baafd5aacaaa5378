// A manifest, an index or a config that is malformed, huge, or lies, with what must come of it in the forms that have it.
// The documents themselves: hostileSaved.ts and its neighbours.
import {
  type Changes,
  type HostileCase,
  type Outcome,
  type StoredForm,
  storedImage,
  storedLayer,
} from './hostileArchives';
import { rawEntry, rawTar } from './rawTar';

export const one = rawTar(rawEntry({ name: 'a' }, '1'));
export const two = rawTar(rawEntry({ name: 'b' }, '22'));
/** Two layers, compressed, so that no digest of plain bytes tells their DiffIDs. */
export const layers = [storedLayer(one, 'gzip'), storedLayer(two, 'gzip')];

export type Saved = Record<string, unknown>[];
export type Json = Record<string, unknown>;

export const measured: Outcome = { unpacked: [1, 2], added: [1, 1], visible: 3, problems: [] };
export const withoutLayers: Outcome = {
  unpacked: [null, null],
  visible: null,
  problems: [/lists 0 layers and the config 2 layers/, /Layer [01] .* does not hold its bytes/],
};
export const with_ = (...problems: RegExp[]): Outcome => ({ ...measured, problems }) as Outcome;
export const refused = (words: RegExp, code = 'unreadable'): Outcome => ({ refused: code, words });
export const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

export const noList = refused(/manifest\.json of .* is not a list of images/);
export const noConfigOrLayers = refused(/names no config or layers for image @0/);
export const noObject = refused(/no JSON object/);
export const namesNoLayers = refused(/names no layers \(rootfs\.diff_ids\)/);
export const noImage = refused(/holds no image/, 'not-found');
export const noHistory = /no history/;
export const historyTells = /The history tells of/;
export const tooDeep = (open: string, close: string): Uint8Array =>
  bytes(open.repeat(100_000) + close.repeat(100_000));

export interface DocumentCase {
  name: string;
  forms: readonly StoredForm[];
  changes: Changes;
  expect: Outcome;
}

export const docker = ['docker-archive', 'packed-archive'] as const;
export const oci = ['oci', 'oci-archive'] as const;
export const all = [...docker, ...oci];

export async function storedCase(
  form: StoredForm,
  changes: Changes,
  expect: Outcome,
): Promise<Omit<HostileCase, 'name'>> {
  const { disk, reference } = await storedImage(layers, form, changes);
  return { disk: () => disk, reference, expect };
}
