// Each key of each document of an image with a value of each wrong type.
import type { Changes, HostileCase, Outcome, StoredForm } from './hostileArchives';
import {
  historyTells,
  measured,
  namesNoLayers,
  noConfigOrLayers,
  noHistory,
  noImage,
  refused,
  storedCase,
  with_,
} from './hostileDocument';

/** Each key of each document with a value of each wrong type. */
export async function wrongTypes(): Promise<HostileCase[]> {
  const values: unknown[] = [null, 0, -1, 1e308, '', 'x', true, [], {}, [[]], { toString: 1, valueOf: 1 }];
  const cases: HostileCase[] = [];
  for (const [form, document, path, expect] of keys) {
    for (const value of values) {
      const change = (root: unknown): void => {
        let at = root as Record<string, unknown>;
        for (const part of path.slice(0, -1)) at = at[part] as Record<string, unknown>;
        at[path.at(-1)!] = value;
      };
      cases.push({
        name: `${document} with ${path.join('.')} = ${JSON.stringify(value)}`,
        ...(await storedCase(form, { [document]: change }, expect(value))),
      });
    }
  }
  return cases;
}

type KeyRow = [
  form: StoredForm,
  document: keyof Changes,
  path: (string | number)[],
  expect: (value: unknown) => Outcome,
];

const always = (outcome: Outcome) => () => outcome;
const emptyLayers: Outcome = {
  unpacked: [null, null],
  visible: null,
  problems: [/lists 0 layers/, /does not hold its bytes/],
};
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const keys = [
  ['docker-archive', 'saved', [0], always(noConfigOrLayers)],
  [
    'docker-archive',
    'saved',
    [0, 'Config'],
    (v) => (isText(v) ? refused(/does not hold its config/) : noConfigOrLayers),
  ],
  [
    'docker-archive',
    'saved',
    [0, 'Layers'],
    (v) => (v === null || (Array.isArray(v) && v.length === 0) ? emptyLayers : noConfigOrLayers),
  ],
  [
    'docker-archive',
    'saved',
    [0, 'Layers', 0],
    (v) =>
      typeof v === 'string'
        ? {
            unpacked: [null, 2],
            visible: null,
            problems: [/Layer 0 .* bytes are missing/, /Layer 0 .* does not hold its bytes/],
          }
        : noConfigOrLayers,
  ],
  ['docker-archive', 'saved', [0, 'RepoTags'], always(measured)],
  ['docker-archive', 'saved', [0, 'RepoTags', 0], always(measured)],
  ['docker-archive', 'saved', [0, 'LayerSources'], always(measured)],
  ['oci', 'index', ['manifests'], always(noImage)],
  ['oci', 'index', ['manifests', 0], always(noImage)],
  ['oci', 'index', ['manifests', 0, 'digest'], always(noImage)],
  ['oci', 'index', ['manifests', 0, 'size'], always(measured)],
  ['oci', 'index', ['manifests', 0, 'mediaType'], always(measured)],
  ['oci', 'index', ['manifests', 0, 'platform'], always(measured)],
  ['oci', 'index', ['manifests', 0, 'annotations'], always(measured)],
  ['oci', 'index', ['schemaVersion'], always(measured)],
  ['oci', 'manifest', ['config'], always(noImage)],
  ['oci', 'manifest', ['config', 'digest'], always(noImage)],
  ['oci', 'manifest', ['config', 'mediaType'], (v) => (isText(v) ? noImage : measured)],
  ['oci', 'manifest', ['layers'], (v) => (Array.isArray(v) && v.length === 0 ? emptyLayers : noImage)],
  ['oci', 'manifest', ['layers', 0], always(noImage)],
  ['oci', 'manifest', ['layers', 0, 'digest'], always(noImage)],
  [
    'oci',
    'manifest',
    ['layers', 0, 'size'],
    (v) => (v === 0 || v === 1e308 ? with_(/is \d+ bytes and its manifest says/) : measured),
  ],
  ['oci', 'config', ['rootfs'], always(namesNoLayers)],
  ['oci', 'config', ['rootfs', 'diff_ids'], always(namesNoLayers)],
  ['oci', 'config', ['rootfs', 'diff_ids', 0], always(namesNoLayers)],
  ['docker-archive', 'config', ['rootfs', 'diff_ids', 0], always(namesNoLayers)],
  ['oci', 'config', ['rootfs', 'type'], always(measured)],
  [
    'oci',
    'config',
    ['history'],
    (v) => (Array.isArray(v) && v.length === 1 ? with_(historyTells, /no objects/) : with_(noHistory)),
  ],
  [
    'oci',
    'config',
    ['history', 0],
    (v) => (typeof v === 'object' && v !== null && !Array.isArray(v) ? measured : with_(/no objects/)),
  ],
  ['oci', 'config', ['history', 0, 'created_by'], always(measured)],
  ['oci', 'config', ['history', 0, 'empty_layer'], (v) => (v === true ? with_(historyTells) : measured)],
  ['oci', 'config', ['os'], always(measured)],
  ['oci', 'config', ['architecture'], (v) => (isText(v) ? measured : with_(/no architecture/))],
  ['oci', 'config', ['config'], always(measured)],
] satisfies KeyRow[] as KeyRow[];
