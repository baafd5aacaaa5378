import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageConfig } from '../../../server/src/image/config';
import type { ImageConfig } from '../../../server/src/image/model';
import { historyAgrees, verifyImage } from '../../../server/src/image/verify';
import { isDigest } from '../../../server/src/primitives/digest';

const digest = (n: number): string => `sha256:${String(n).padStart(64, '0')}`;

function parse(json: unknown): { config: ImageConfig; problems: string[] } {
  const parsed = parseImageConfig(Buffer.from(JSON.stringify(json)));
  assert.ok(parsed);
  return parsed;
}

test('a whole config', () => {
  const { config, problems } = parse({
    os: 'linux',
    architecture: 'arm64',
    variant: 'v8',
    config: { WorkingDir: '/app', User: 'app', Env: ['A=1'], OnBuild: ['RUN x'] },
    rootfs: { type: 'layers', diff_ids: [digest(1)] },
    history: [
      { created_by: 'RUN x', created: '2026-01-01T00:00:00Z', comment: 'c' },
      { created_by: 'CMD', empty_layer: true },
    ],
  });
  assert.deepEqual(config, {
    os: 'linux',
    architecture: 'arm64',
    variant: 'v8',
    diffIds: [digest(1)],
    history: [
      { createdBy: 'RUN x', comment: 'c', emptyLayer: false, created: '2026-01-01T00:00:00Z' },
      { createdBy: 'CMD', comment: '', emptyLayer: true, created: null },
    ],
    workingDir: '/app',
    user: 'app',
    env: ['A=1'],
    onBuild: ['RUN x'],
  });
  assert.deepEqual(problems, []);
  assert.ok(historyAgrees(config));
});

test('what is missing or of another type is left out and said', () => {
  const { config, problems } = parse({ config: null, rootfs: 7, history: [null, 3, {}] });
  assert.deepEqual(
    [config.os, config.architecture, config.diffIds.length, config.history.length],
    ['linux', 'unknown', 0, 3],
  );
  assert.deepEqual(problems, [
    'The history has entries that are no objects.',
    'The image config names no architecture.',
  ]);
  assert.equal(parse({ rootfs: { diff_ids: [digest(1), '../x'] } }).config.diffIds.length, 0);
  for (const text of ['', '[]', 'null', '"x"', '{', '\u0000'])
    assert.equal(parseImageConfig(Buffer.from(text)), null);
});

test('peers 6: history and layers that disagree are said, not made to fit', () => {
  const layers = [1, 2].map(digest).filter(isDigest);
  const entry = (emptyLayer: boolean): ImageConfig['history'][0] => ({
    createdBy: '',
    comment: '',
    emptyLayer,
    created: null,
  });
  const problemsOf = (history: ImageConfig['history'], layerCount = 2): string[] =>
    verifyImage({ ...parse({ architecture: 'amd64' }).config, diffIds: layers, history }, layerCount);
  assert.deepEqual(problemsOf([entry(false), entry(true), entry(false)]), []);
  assert.match(problemsOf([])[0]!, /no history/);
  assert.match(problemsOf([entry(false)])[0]!, /history tells of 1 layer and the image has 2/);
  assert.match(problemsOf([entry(false), entry(false), entry(false)])[0]!, /history tells of 3 layers/);
  assert.match(problemsOf([entry(true), entry(true)])[0]!, /history tells of 0 layers/);
  assert.match(problemsOf([entry(false), entry(false)], 3)[0]!, /lists 3 layers and the config 2 layers/);
  assert.match(problemsOf([entry(false), entry(false)], 1)[0]!, /missing ones are unknown/);
});
