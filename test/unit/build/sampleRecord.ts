// A record with something in each of its fields, as a real build of two steps would leave it.
import type { BuildRecord } from '../../../server/src/build/model';
import { sha256 } from '../../../server/src/primitives/digest';

export function sampleRecord(changes: Partial<BuildRecord> = {}): BuildRecord {
  const layer = {
    index: 0,
    diffId: sha256('a'),
    chainId: sha256('a'),
    blobDigest: null,
    compressedBytes: 7,
    unpackedBytes: null,
    engineBytes: 12,
    added: null,
    modified: null,
    removed: null,
    wastedBytes: 0,
  };
  return {
    schema: 1,
    id: '20260102T030405678Z-abcdef',
    text: 'FROM base\nRUN true\n',
    dockerfile: 'Dockerfile',
    choice: { target: null, platform: null, buildArgs: { VERSION: '1' } },
    builder: {
      kind: 'buildx',
      rules: 'buildkit',
      version: '0.38.2',
      engine: 'BuildKit 0.34.2',
      instance: 'far',
      driver: 'remote',
    },
    started: '2026-01-02T03:04:05.678Z',
    durationMs: 1234,
    outcome: 'built',
    steps: [
      {
        digest: sha256('step'),
        name: '[2/2] RUN true',
        stage: null,
        number: 2,
        total: 2,
        platform: null,
        keyword: 'RUN',
        onBuild: false,
        linkMerge: false,
        group: null,
        cached: false,
        startedMs: 1,
        durationMs: 2,
        error: null,
        lastLines: ['hello'],
        imageId: null,
      },
    ],
    provenance: {
      version: '0.2',
      dockerfile: 'FROM base\nRUN true\n',
      filename: 'Dockerfile',
      steps: [
        {
          id: 'step1',
          digest: sha256('step'),
          lines: [2, 2],
          op: 'exec',
          source: null,
          inputs: ['step0'],
          layers: [
            { digest: sha256('blob'), bytes: 7, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
          ],
        },
      ],
    },
    imageReference: 'oci:/cache/keep/layout',
    imageId: sha256('config'),
    image: {
      reference: 'oci:/cache/keep/layout',
      id: sha256('config'),
      platform: 'linux/amd64',
      history: [{ createdBy: 'RUN true', comment: '', emptyLayer: false, created: null }],
      layers: [layer],
      visibleBytes: null,
      waste: [{ path: 'a', bytes: 1, writtenBy: 0, hiddenBy: 1, how: 'deleted' }],
      hidden: [
        {
          writtenBy: 0,
          hiddenBy: 1,
          how: 'deleted',
          bytes: 1,
          files: 1,
          special: false,
          places: [{ path: 'a', bytes: 1 }],
        },
      ],
      deposits: [
        { kind: 'apk', layer: 0, path: 'var/cache/apk', bytes: 1, files: 1, visibleBytes: 1, uid: 0 },
      ],
      duplicates: [{ bytes: 1, count: 2, copies: [{ layer: 0, path: 'b' }] }],
      secrets: [{ layer: 0, path: 'id_rsa', kind: 'private-key', read: true, hiddenBy: null }],
      problems: [],
    },
    failure: null,
    note: 'A note.',
    cache: {
      noCache: false,
      extraArguments: ['--network', 'none'],
      context: '..',
      bases: [
        {
          reference: 'base',
          platform: '',
          digest: sha256('base'),
          chain: null,
          environment: ['PATH=/bin'],
          doubtful: ['A'],
          user: '',
          directory: '/',
          shell: null,
        },
      ],
      contents: [
        {
          instruction: 1,
          key: sha256('key'),
          parts: [
            {
              path: 'a',
              from: 'src/a',
              type: 'file',
              mode: 0o644,
              link: null,
              digest: sha256('a'),
              size: 1,
              mtimeMs: 1.5,
            },
          ],
        },
      ],
    },
    ...changes,
  };
}

/** The record of the n-th build, a second after the one before. */
export function numbered(n: number, changes: Partial<BuildRecord> = {}): BuildRecord {
  const started = new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString();
  return sampleRecord({ id: `${started.replace(/[-:.]/g, '')}-000000`, started, ...changes });
}
