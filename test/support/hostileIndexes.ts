// Indexes and manifests of OCI layouts as an attacker or a broken tool writes them.
import { sha256 } from '../../server/src/primitives/digest';
import type { Outcome } from './hostileArchives';
import {
  bytes,
  type DocumentCase,
  type Json,
  measured,
  noImage,
  oci,
  refused,
  tooDeep,
  with_,
  withoutLayers,
} from './hostileDocument';
import { json } from './imageFiles';

export const hostileIndexes: DocumentCase[] = [
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
    expect: withoutLayers,
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
];
