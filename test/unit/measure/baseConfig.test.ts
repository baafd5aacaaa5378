// What a built image tells of the image that it stands on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import type { ImageConfig } from '../../../server/src/image/model';
import { baseConfig } from '../../../server/src/measure/baseConfig';

function checkBase(text: string, config: Partial<ImageConfig>, expected: object) {
  const whole: ImageConfig = {
    os: 'linux',
    architecture: 'amd64',
    variant: null,
    diffIds: [],
    history: [],
    workingDir: '',
    user: '',
    env: [],
    onBuild: [],
    ...config,
  };
  assert.deepEqual(baseConfig({ text, choice: defaultChoice }, whole), expected);
}

const history = (...lines: string[]) =>
  lines.map((createdBy) => ({
    createdBy,
    comment: 'buildkit.dockerfile.v0',
    emptyLayer: false,
    created: null,
  }));

test('what no line sets is the base’s own', () => {
  checkBase(
    'FROM base\nRUN one\n',
    {
      env: ['PATH=/bin', 'LANG=C'],
      user: 'app',
      workingDir: '/srv',
      history: history('RUN /bin/sh -c one # buildkit'),
    },
    {
      environment: ['PATH=/bin', 'LANG=C'],
      doubtful: [],
      user: 'app',
      directory: '/srv',
      shell: '["/bin/sh","-c"]',
    },
  );
});

test('what lines set is not known of the base', () => {
  checkBase(
    'FROM base\nENV LANG=D A=1\nUSER x\nWORKDIR /w\nRUN one\n',
    {
      env: ['PATH=/bin', 'LANG=D', 'HOME=/h', 'A=1'],
      user: 'x',
      workingDir: '/w',
      history: history('RUN /bin/bash -c one # buildkit'),
    },
    {
      environment: ['PATH=/bin', 'LANG=D', 'HOME=/h'],
      doubtful: ['LANG', 'A'],
      user: null,
      directory: null,
      shell: null,
    },
  );
});

test('a shell with build arguments before it is seen too', () => {
  checkBase(
    'FROM base\nARG V=1\nRUN one\n',
    { history: history('RUN |1 V=1 /bin/sh -c one # buildkit') },
    { environment: [], doubtful: [], user: '', directory: '/', shell: '["/bin/sh","-c"]' },
  );
});

test('a variable in the name of a variable leaves all of them open', () => {
  checkBase(
    'FROM base\nENV $A=1\n',
    { env: ['X=1'] },
    { environment: null, doubtful: [], user: '', directory: '/', shell: null },
  );
});
