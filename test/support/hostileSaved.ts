// manifest.json of archives as an attacker or a broken tool writes it.
import type { Outcome } from './hostileArchives';
import {
  bytes,
  type DocumentCase,
  docker,
  measured,
  noConfigOrLayers,
  noList,
  noObject,
  refused,
  type Saved,
  tooDeep,
  with_,
  withoutLayers,
} from './hostileDocument';
import { json } from './imageFiles';

export const hostileSaved: DocumentCase[] = [
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
    expect: withoutLayers,
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
];
