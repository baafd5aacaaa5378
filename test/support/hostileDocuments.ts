// Manifests, indexes and configs that are malformed, huge, or lie, in the forms that have them.
import { sha256 } from '../../server/src/primitives/digest';
import {
  type Changes,
  dockerImage,
  type HostileCase,
  type Outcome,
  ociImage,
  onDisk,
  type StoredForm,
  storedImage,
  storedLayer,
} from './hostileArchives';
import { type Files, json } from './imageFixture';
import { rawEntry, rawHeader, rawTar } from './rawTar';

const one = rawTar(rawEntry({ name: 'a' }, '1'));
const two = rawTar(rawEntry({ name: 'b' }, '22'));
/** Two layers, compressed, so that no digest of plain bytes tells their DiffIDs. */
export const layers = [storedLayer(one, 'gzip'), storedLayer(two, 'gzip')];

type Saved = Record<string, unknown>[];
type Json = Record<string, unknown>;

const measured: Outcome = { unpacked: [1, 2], added: [1, 1], visible: 3, problems: [] };
const with_ = (...problems: RegExp[]): Outcome => ({ ...measured, problems }) as Outcome;
const refused = (words: RegExp, code = 'unreadable'): Outcome => ({ refused: code, words });
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const noList = refused(/manifest\.json of .* is not a list of images/);
const noConfigOrLayers = refused(/names no config or layers for image @0/);
const noObject = refused(/no JSON object/);
const namesNoLayers = refused(/names no layers \(rootfs\.diff_ids\)/);
const noImage = refused(/holds no image/, 'not-found');
const noHistory = /no history/;
const historyTells = /The history tells of/;
const tooDeep = (open: string, close: string): Uint8Array =>
  bytes(open.repeat(100_000) + close.repeat(100_000));

interface DocumentCase {
  name: string;
  forms: readonly StoredForm[];
  changes: Changes;
  expect: Outcome;
}

const docker = ['docker-archive', 'packed-archive'] as const;
const oci = ['oci', 'oci-archive'] as const;
const all = [...docker, ...oci];

const documentCases: DocumentCase[] = [
  // manifest.json
  ...(
    [
      ['is empty', bytes(''), noList],
      ['is one NUL', bytes('\0'), noList],
      ['is an empty list', bytes('[]'), refused(/holds no image: its manifest\.json is empty/, 'not-found')],
      ['is an object', bytes('{}'), noList],
      ['is null', bytes('null'), noList],
      ['is a number', bytes('42'), noList],
      ['is a text', bytes('"x"'), noList],
      ['is cut', bytes('[{"Config":"c","Layers":['), noList],
      ['has something behind it', bytes('[]x'), noList],
      ['has comments', bytes('/* */ []'), noList],
      ['is UTF-16', Buffer.from('\ufeff[]', 'utf16le'), noList],
      [
        'is not UTF-8',
        bytes('[{"Config":"\xff\xfe","Layers":["\xc3"]}]'),
        refused(/does not hold its config/),
      ],
      ['nests 100,000 lists', tooDeep('[', ']'), noConfigOrLayers],
      ['nests 100,000 objects', tooDeep('{"a":', '}').subarray(0, 400_000), noList],
      ['lists null', bytes('[null]'), noConfigOrLayers],
      ['lists lists', bytes('[[]]'), noConfigOrLayers],
      ['lists an object without keys', bytes('[{}]'), noConfigOrLayers],
      [
        'names a config outside',
        bytes('[{"Config":"../../etc/passwd","Layers":[]}]'),
        refused(/does not hold its config/),
      ],
      [
        'names an absolute config',
        bytes('[{"Config":"/etc/passwd","Layers":[]}]'),
        refused(/does not hold its config/),
      ],
      ['names an empty config', bytes('[{"Config":"","Layers":[]}]'), noConfigOrLayers],
      ['names itself as its config', bytes('[{"Config":"manifest.json","Layers":[]}]'), noObject],
      [
        'lists 10,001 images',
        json(Array.from({ length: 10_001 }, () => ({ Config: 'c', Layers: [] }))),
        refused(/lists 10001 images; the limit is 10000/, 'hostile'),
      ],
      [
        'lists a million layers',
        json([{ Config: 'c', Layers: Array.from({ length: 1e6 }, () => 'x') }]),
        refused(/lists 1000000 layers; the limit is 10000/, 'hostile'),
      ],
    ] as [string, Uint8Array, Outcome][]
  ).map(([name, value, expect]) => ({
    name: `manifest.json ${name}`,
    forms: docker,
    changes: { saved: () => value },
    expect,
  })),
  {
    name: 'manifest.json has a byte order mark',
    forms: docker,
    changes: { saved: (saved: Saved) => Buffer.concat([bytes('\xef\xbb\xbf'), json(saved)]) },
    expect: measured,
  },
  {
    name: 'manifest.json of 17 MiB',
    forms: docker,
    changes: { saved: (saved: Saved) => Buffer.concat([json(saved), Buffer.alloc(17 * 2 ** 20, ' ')]) },
    expect: refused(/manifest\.json of the image is \d+ bytes, too many/, 'hostile'),
  },
  {
    name: 'manifest.json without layers',
    forms: docker,
    changes: {
      saved: (saved: Saved) => {
        saved[0]!.Layers = [];
      },
    },
    expect: {
      unpacked: [null, null],
      visible: null,
      problems: [/lists 0 layers and the config 2 layers/, /Layer [01] .* does not hold its bytes/],
    },
  },
  {
    name: 'manifest.json with a layer too few',
    forms: docker,
    changes: {
      saved: (saved: Saved) => {
        (saved[0]!.Layers as string[]).pop();
      },
    },
    expect: {
      unpacked: [1, null],
      visible: null,
      problems: [/lists 1 layer and the config 2 layers/, /Layer 1 .* does not hold its bytes/],
    },
  },
  {
    name: 'manifest.json with a layer too many',
    forms: docker,
    changes: {
      saved: (saved: Saved) => {
        (saved[0]!.Layers as string[]).push('more');
      },
    },
    expect: with_(/lists 3 layers and the config 2 layers; .*the rest is left out/),
  },
  {
    name: 'manifest.json that names layers outside of the archive',
    forms: docker,
    changes: {
      saved: (saved: Saved) => {
        saved[0]!.Layers = ['../../../etc/passwd', '/etc/passwd'];
      },
    },
    expect: {
      unpacked: [null, null],
      visible: null,
      problems: [
        /Layer [01] .* is listed but its bytes are missing/,
        /Layer [01] .* does not hold its bytes/,
      ],
    },
  },
  {
    name: 'manifest.json that names one layer twice',
    forms: docker,
    changes: {
      saved: (saved: Saved) => {
        const paths = saved[0]!.Layers as string[];
        paths[1] = paths[0]!;
      },
    },
    expect: {
      unpacked: [1, null],
      visible: null,
      problems: [
        /Layer 1 .* was not read\. Its bytes are those of a layer with another DiffID/,
        /Layer 1 .* does not hold its bytes/,
      ],
    },
  },
  {
    name: 'LayerSources that names itself and every object',
    forms: docker,
    changes: {
      saved: (saved: Saved) => {
        saved[0]!.LayerSources = JSON.parse('{"__proto__":{"digest":"x"},"constructor":1}');
      },
    },
    expect: measured,
  },
  {
    name: 'two images in one manifest.json',
    forms: docker,
    changes: { saved: (saved: Saved) => [saved[0], { ...saved[0], RepoTags: ['other:1'] }] },
    expect: refused(/holds several images: app:1 \(@0\), other:1 \(@1\)/, 'usage'),
  },
  {
    name: 'thousands of images in one manifest.json are not all listed',
    forms: docker,
    changes: {
      saved: (saved: Saved) =>
        Array.from({ length: 5000 }, (_, i) => ({ ...saved[0], RepoTags: [`i${i}${'n'.repeat(1000)}`] })),
    },
    expect: refused(/holds several images: i0n+….* and 4980 more\.$/, 'usage'),
  },
  // index.json
  ...(
    [
      ['is empty', bytes(''), refused(/index\.json of .* is no JSON object/)],
      ['is a list', bytes('[]'), refused(/index\.json of .* is no JSON object/)],
      ['is an empty object', bytes('{}'), noImage],
      ['has no manifests', bytes('{"schemaVersion":2,"manifests":[]}'), noImage],
      ['has manifests that are no list', bytes('{"manifests":{"0":{}}}'), noImage],
      ['is cut', bytes('{"manifests":['), refused(/is no JSON object/)],
      ['nests 100,000 lists', tooDeep('[', ']'), refused(/is no JSON object/)],
      ['lists null', bytes('{"manifests":[null]}'), noImage],
      [
        'lists what it does not hold',
        json({ manifests: [{ digest: `sha256:${'0'.repeat(64)}` }] }),
        refused(/lists sha256:0+ but does not hold it/, 'not-found'),
      ],
      [
        'lists another algorithm',
        json({ manifests: [{ digest: `sha512:${'0'.repeat(128)}` }] }),
        refused(/no sha256 digest/, 'not-found'),
      ],
      [
        'lists a digest that is a path',
        json({ manifests: [{ digest: 'sha256:../../../etc/passwd' }] }),
        refused(/no sha256 digest/, 'not-found'),
      ],
      [
        'lists a digest in capitals',
        json({ manifests: [{ digest: `sha256:${'A'.repeat(64)}` }] }),
        refused(/no sha256 digest/, 'not-found'),
      ],
      [
        'lists 10,000 manifests',
        json({ manifests: Array.from({ length: 10_000 }, (_, i) => ({ digest: sha256(String(i)) })) }),
        refused(/lists more manifests than any image needs/, 'hostile'),
      ],
    ] as [string, Uint8Array, Outcome][]
  ).map(([name, value, expect]) => ({
    name: `index.json ${name}`,
    forms: oci,
    changes: { index: () => value },
    expect,
  })),
  {
    name: 'an index of 900 times the same manifest is read once',
    forms: oci,
    changes: {
      index: (index: Json) => {
        index.manifests = Array.from({ length: 900 }, () => (index.manifests as unknown[])[0]);
      },
    },
    expect: measured,
  },
  {
    name: 'an index that lies about the size of its manifest',
    forms: oci,
    changes: {
      index: (index: Json) => {
        (index.manifests as Json[])[0]!.size = 9e15;
      },
    },
    expect: measured,
  },
  {
    name: 'unknown media types everywhere',
    forms: oci,
    changes: {
      index: (index: Json) => {
        (index.manifests as Json[])[0]!.mediaType = 'text/html';
      },
      manifest: (manifest: Json) => {
        manifest.mediaType = 'x/y';
        for (const layer of manifest.layers as Json[]) layer.mediaType = 'application/x-evil';
      },
    },
    expect: measured,
  },
  {
    name: 'a manifest whose config has an unknown media type is no image',
    forms: oci,
    changes: {
      manifest: (manifest: Json) => {
        (manifest.config as Json).mediaType = 'application/vnd.evil';
      },
    },
    expect: noImage,
  },
  // The manifest of OCI
  ...(
    [
      ['is empty', bytes(''), noImage],
      ['is a list', bytes('[]'), noImage],
      [
        'is of schema 1',
        json({ schemaVersion: 1, fsLayers: [] }),
        refused(/schema 1 manifest, which is not read/, 'not-found'),
      ],
      ['nests 100,000 lists', tooDeep('[', ']'), noImage],
      [
        'has a config that it does not hold',
        json({ config: { digest: `sha256:${'1'.repeat(64)}` }, layers: [] }),
        refused(/does not hold its config sha256:1+/),
      ],
      ['is an index of nothing', json({ manifests: [] }), noImage],
      [
        'is an index of itself, which no digest allows',
        json({ manifests: [{ digest: `sha256:${'2'.repeat(64)}` }] }),
        refused(/lists sha256:2+ but does not hold it/, 'not-found'),
      ],
    ] as [string, Uint8Array, Outcome][]
  ).map(([name, value, expect]) => ({
    name: `a manifest that ${name}`,
    forms: oci,
    changes: { manifest: () => value },
    expect,
  })),
  {
    name: 'a manifest without layers',
    forms: oci,
    changes: {
      manifest: (manifest: Json) => {
        manifest.layers = [];
      },
    },
    expect: {
      unpacked: [null, null],
      visible: null,
      problems: [/lists 0 layers and the config 2 layers/, /Layer [01] .* does not hold its bytes/],
    },
  },
  {
    name: 'a manifest of 10,001 layers',
    forms: oci,
    changes: {
      manifest: (manifest: Json) => {
        manifest.layers = Array.from({ length: 10_001 }, () => (manifest.layers as unknown[])[0]);
      },
    },
    expect: refused(/lists 10001 layers; the limit is 10000/, 'hostile'),
  },
  {
    name: 'a manifest that lies about the sizes of its layers',
    forms: oci,
    changes: {
      manifest: (manifest: Json) => {
        for (const layer of manifest.layers as Json[]) layer.size = 1;
      },
    },
    expect: with_(/is \d+ bytes and its manifest says 1\./),
  },
  {
    name: 'a manifest whose layers have sizes that are none',
    forms: oci,
    changes: {
      manifest: (manifest: Json) => {
        const [a, b] = manifest.layers as Json[];
        a!.size = -1;
        b!.size = 'x';
      },
    },
    expect: measured,
  },
  // The config, in every form
  ...(
    [
      ['is empty', () => bytes(''), noObject],
      ['is a list', () => bytes('[]'), noObject],
      ['is an empty object', () => bytes('{}'), namesNoLayers],
      ['nests 100,000 objects', () => tooDeep('{"a":', '}'), noObject],
      [
        'has no history',
        (c) => {
          delete c.history;
        },
        with_(noHistory),
      ],
      [
        'has an empty history',
        (c) => {
          c.history = [];
        },
        with_(noHistory),
      ],
      [
        'has a history of empty layers only',
        (c) => {
          c.history = [{ empty_layer: true }, { empty_layer: true }];
        },
        with_(historyTells),
      ],
      [
        'has too little history',
        (c) => {
          c.history = [{}];
        },
        with_(historyTells),
      ],
      [
        'has too much history',
        (c) => {
          c.history = [{}, {}, {}];
        },
        with_(historyTells),
      ],
      [
        'has a history that is no list',
        (c) => {
          c.history = { length: 2 };
        },
        with_(noHistory),
      ],
      [
        'has history entries that are none',
        (c) => {
          c.history = [null, 'x'];
        },
        with_(/entries that are no objects/),
      ],
      [
        'has 10,001 history entries',
        (c) => {
          c.history = Array.from({ length: 10_001 }, () => ({ empty_layer: true }));
        },
        with_(historyTells, /lists 10001 history entries; only the first 10000/),
      ],
      [
        'has history of markup, escapes and NULs',
        (c) => {
          c.history = [{ created_by: '<script>\u001b[2J\0' }, { created_by: '\u202e' }];
        },
        measured,
      ],
      [
        'has history that says yes in another way',
        (c) => {
          c.history = [{ empty_layer: 'true' }, { empty_layer: 1 }];
        },
        measured,
      ],
      [
        'has a history but no layers',
        (c) => {
          c.rootfs = { diff_ids: [] };
        },
        namesNoLayers,
      ],
      [
        'has no rootfs',
        (c) => {
          delete c.rootfs;
        },
        namesNoLayers,
      ],
      [
        'has DiffIDs that are none',
        (c) => {
          c.rootfs = { diff_ids: ['x', 'y'] };
        },
        namesNoLayers,
      ],
      [
        'has DiffIDs that cannot be texts',
        (c) => {
          c.rootfs = { diff_ids: [{ toString: 1, valueOf: 1 }, null] };
        },
        namesNoLayers,
      ],
      [
        'has one DiffID that is none',
        (c) => {
          (c.rootfs as { diff_ids: unknown[] }).diff_ids[1] = 7;
        },
        namesNoLayers,
      ],
      [
        'has one DiffID for both layers',
        (c) => {
          const ids = (c.rootfs as { diff_ids: unknown[] }).diff_ids;
          ids[1] = ids[0];
        },
        { unpacked: [1, 1], visible: 1, problems: [/Layer 1 .* the same DiffID as layer 0 and other bytes/] },
      ],
      [
        'has a DiffID too many',
        (c) => {
          (c.rootfs as { diff_ids: unknown[] }).diff_ids.push(`sha256:${'3'.repeat(64)}`);
        },
        {
          unpacked: [1, 2, null],
          visible: null,
          problems: [/lists 2 layers and the config 3/, historyTells, /Layer 2 .* does not hold its bytes/],
        },
      ],
      [
        'has a DiffID too few',
        (c) => {
          (c.rootfs as { diff_ids: unknown[] }).diff_ids.pop();
        },
        {
          unpacked: [1],
          visible: 1,
          problems: [/lists 2 layers and the config 1 layer; .*left out/, historyTells],
        },
      ],
      [
        'has no architecture',
        (c) => {
          delete c.architecture;
        },
        with_(/names no architecture/),
      ],
      [
        'has a platform of objects',
        (c) => {
          c.os = {};
          c.architecture = [];
          c.variant = 3;
        },
        with_(/names no architecture/),
      ],
      [
        'has a platform of markup',
        (c) => {
          c.os = '<b>';
          c.architecture = '../..';
        },
        measured,
      ],
      [
        'has settings of other types',
        (c) => {
          c.config = { WorkingDir: 1, User: {}, Env: 'A=B', OnBuild: [1, null] };
        },
        measured,
      ],
      [
        'has settings that are a list',
        (c) => {
          c.config = [];
        },
        measured,
      ],
      [
        'has keys of every object',
        (c) => {
          Object.assign(c, JSON.parse('{"__proto__":{"x":1},"constructor":2}'));
        },
        measured,
      ],
      [
        'has a megabyte of environment',
        (c) => {
          c.config = { Env: Array.from({ length: 10_000 }, () => `A=${'x'.repeat(100)}`) };
        },
        measured,
      ],
      [
        'is of 17 MiB',
        (c) => {
          c.padding = 'x'.repeat(17 * 2 ** 20);
        },
        refused(/too many for a manifest or a config/, 'hostile'),
      ],
    ] as [string, (config: Json) => unknown, Outcome][]
  ).map(([name, config, expect]) => ({
    name: `a config that ${name}`,
    forms: all,
    changes: { config },
    expect,
  })),
];

/** The document cases, each in its forms. */
export async function documents(): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  for (const { name, forms, changes, expect } of documentCases) {
    for (const form of forms) {
      cases.push({ name: `${name}: ${form}`, ...(await storedCase(form, changes, expect)) });
    }
  }
  return cases;
}

async function storedCase(
  form: StoredForm,
  changes: Changes,
  expect: Outcome,
): Promise<Omit<HostileCase, 'name'>> {
  const { disk, reference } = await storedImage(layers, form, changes);
  return { disk: () => disk, reference, expect };
}

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
    (v) =>
      v === null || (Array.isArray(v) && v.length === 0)
        ? { unpacked: [null, null], visible: null, problems: [/lists 0 layers/, /does not hold its bytes/] }
        : noConfigOrLayers,
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
  [
    'oci',
    'manifest',
    ['layers'],
    (v) =>
      Array.isArray(v) && v.length === 0
        ? { unpacked: [null, null], visible: null, problems: [/lists 0 layers/, /does not hold its bytes/] }
        : noImage,
  ],
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

/** Digests that lie, and places that loop. */
export async function lies(): Promise<HostileCase[]> {
  const cases: HostileCase[] = [];
  const add = async (name: string, files: Files, form: StoredForm, expect: Outcome): Promise<void> => {
    const { disk, reference } = await onDisk(files, form);
    cases.push({ name: `${name}: ${form}`, disk: () => disk, reference, expect });
  };
  const blobOf = (files: Files, document: (json: Json) => boolean): string =>
    [...files.keys()].find((path) => {
      const data = files.get(path);
      if (!path.startsWith('blobs/') || !(data instanceof Uint8Array) || data[0] !== 0x7b) return false;
      return document(JSON.parse(Buffer.from(data).toString()) as Json);
    })!;
  const otherDigest = refused(/holds other bytes than its digest says/);
  for (const form of oci) {
    for (const [name, test] of [
      ['a config with other bytes', (d: Json) => 'rootfs' in d],
      ['a manifest with other bytes', (d: Json) => 'layers' in d],
    ] as const) {
      const files = ociImage(layers);
      const path = blobOf(files, test);
      files.set(path, Buffer.concat([files.get(path) as Uint8Array, Buffer.from(' ')]));
      await add(name, files, form, otherDigest);
    }
    const files = ociImage(layers);
    files.set(`blobs/sha256/${sha256(layers[1]!.stored).slice(7)}`, storedLayer(one, 'gzip').stored);
    await add('a layer blob with the bytes of another', files, form, {
      unpacked: [1, null],
      visible: null,
      problems: [/Layer 1 .* could not be read\. .*digest/, /bytes and its manifest says/],
    });
  }
  for (const form of all) {
    const isOci = form === 'oci' || form === 'oci-archive';
    const plain = [storedLayer(one), storedLayer(two)];
    const swapped = plain.map(({ stored }, i) => ({ stored, diffId: plain[1 - i]!.diffId }));
    await add(
      'plain layers under each other’s DiffIDs',
      isOci ? ociImage(swapped) : dockerImage(swapped),
      form,
      {
        unpacked: [null, null],
        visible: null,
        problems: [
          /Layer [01] .* stored plain as sha256:.*, so its DiffID is wrong/,
          /Layer [01] .* does not hold its bytes/,
        ],
      },
    );
    // Compressed layers are not hashed to learn their DiffIDs: each is measured as it is stored, at its place.
    const claimed = layers.map(({ stored }, i) => ({ stored, diffId: layers[1 - i]!.diffId }));
    await add(
      'compressed layers under each other’s DiffIDs',
      isOci ? ociImage(claimed) : dockerImage(claimed),
      form,
      measured,
    );
    const missing = isOci ? ociImage(layers) : dockerImage(layers);
    missing.delete(`blobs/sha256/${sha256(layers[0]!.stored).slice(7)}`);
    await add('a layer that is not there', missing, form, {
      unpacked: [null, 2],
      visible: null,
      problems: [/Layer 0 .* bytes are missing/, /Layer 0 .* does not hold its bytes/],
    });
    const twice = [layers[0]!, layers[1]!, layers[0]!];
    await add('the same layer twice', isOci ? ociImage(twice) : dockerImage(twice), form, {
      unpacked: [1, 2, 1],
      added: [1, 1, 0],
      visible: 3,
      problems: [],
    });
  }
  for (const form of docker) {
    const files = dockerImage(layers);
    const path = blobOf(files, (d) => 'rootfs' in d);
    files.set(path, Buffer.concat([files.get(path) as Uint8Array, Buffer.from(' ')]));
    await add('a config with other bytes', files, form, otherDigest);
    const looping = dockerImage(layers);
    const [first, second] = layers.map(({ stored }) => `blobs/sha256/${sha256(stored).slice(7)}`);
    looping.set(first!, { link: `../../${second}` });
    looping.set(second!, { link: `../../${first}` });
    await add('layers that are links to each other', looping, form, {
      unpacked: [null, null],
      visible: null,
      problems: [/Layer [01] .* bytes are missing/, /Layer [01] .* does not hold its bytes/],
    });
    const manifest = dockerImage(layers);
    manifest.set('manifest.json', { link: 'manifest.json' });
    await add('a manifest that is a link to itself', manifest, form, refused(/no manifest\.json/));
  }
  // Nested indexes: a chain that is too deep, and a few that name each other many times.
  for (const form of oci) {
    for (const [name, depth, width, expect] of [
      ['a chain of 8 indexes', 8, 1, measured],
      ['a chain of 9 indexes', 9, 1, refused(/more manifests than any image needs/, 'hostile')],
      ['4 indexes of 10 times the next', 4, 10, refused(/more manifests than any image needs/, 'hostile')],
    ] as const) {
      const files = ociImage(layers);
      for (let i = 0; i < depth; i++) {
        const inner = files.get('index.json') as Uint8Array;
        files.set(`blobs/sha256/${sha256(inner).slice(7)}`, inner);
        const entry = { digest: sha256(inner), size: inner.length };
        files.set(
          'index.json',
          json({ schemaVersion: 2, manifests: Array.from({ length: width }, () => entry) }),
        );
      }
      await add(name, files, form, expect);
    }
  }
  return cases;
}

/** Archives whose own tar is hostile: names, counts and links of its members. */
export function archiveMembers(): HostileCase[] {
  const files = dockerImage(layers);
  const members = [...files].map(([name, data]) => rawEntry({ name }, data as Uint8Array));
  const cases: HostileCase[] = [];
  const add = (name: string, tar: Uint8Array, expect: Outcome): void => {
    cases.push({ name, disk: () => [['/image.tar', tar]], reference: 'docker-archive:/image.tar', expect });
  };
  const longName = (length: number, i: number): Buffer =>
    rawEntry({ name: '././@LongLink', type: 'L' }, `${i}${'n'.repeat(length)}\0`);
  add('an archive of no byte', Buffer.alloc(0), refused(/no manifest\.json/));
  add('an archive of zeros', Buffer.alloc(10_240), refused(/no manifest\.json/));
  add(
    'members with ./ before them',
    rawTar(...[...files].map(([name, data]) => rawEntry({ name: `./${name}` }, data as Uint8Array))),
    measured,
  );
  add(
    'members with a slash before them',
    rawTar(...[...files].map(([name, data]) => rawEntry({ name: `/${name}` }, data as Uint8Array))),
    measured,
  );
  add('members that climb out', rawTar(rawEntry({ name: '../../etc/cron.d/x' }, 'x'), ...members), measured);
  add(
    'a second manifest.json counts',
    rawTar(rawEntry({ name: 'manifest.json' }, '[]'), ...members),
    measured,
  );
  add(
    'a manifest.json that a folder replaces',
    rawTar(...members, rawHeader({ name: 'manifest.json', type: '5' })),
    refused(/no manifest\.json/),
  );
  add(
    'a manifest.json that is a sparse file',
    rawTar(...members.slice(0, -1), rawHeader({ name: 'manifest.json', type: 'S', magic: 'ustar  \0' })),
    refused(/no manifest\.json/),
  );
  add(
    '100,001 members',
    rawTar(Buffer.concat(Array.from({ length: 100_001 }, (_, i) => rawHeader({ name: `f${i % 7}` })))),
    refused(/more than 100000 files/, 'hostile'),
  );
  add(
    'members with 70 MiB of names',
    rawTar(...Array.from({ length: 71 }, (_, i) => Buffer.concat([longName(2 ** 20 - 8, i), rawHeader()]))),
    refused(/more than 67108864 bytes of file names/, 'hostile'),
  );
  add('a member of negative size', rawTar(rawHeader({ name: 'x', size: -512 })), refused(/negative size/));
  add(
    'a member that is larger than the archive',
    rawTar(rawHeader({ name: 'manifest.json', size: 2 ** 40 })),
    refused(/The tar is cut/),
  );
  return cases;
}
