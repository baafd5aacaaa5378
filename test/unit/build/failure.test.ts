import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createClassicReader } from '../../../server/src/build/classicProgress';
import { explainFailure } from '../../../server/src/build/failure';
import type { BuilderIdentity } from '../../../server/src/build/model';
import { createPlainReader } from '../../../server/src/build/plainProgress';
import type { ProgressReader } from '../../../server/src/build/progress';
import { createRawjsonReader } from '../../../server/src/build/rawjson';
import { cleanWords } from '../../../server/src/build/words';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { fixture } from './drawSteps';

const docker: BuilderIdentity = {
  kind: 'docker',
  rules: 'buildkit',
  version: '20.10.24',
  engine: 'Docker Engine 20.10.24',
  instance: null,
  driver: null,
};
const classic: BuilderIdentity = { ...docker, rules: 'classic' };
const buildx: BuilderIdentity = { ...docker, kind: 'buildx', instance: 'far', driver: 'remote' };

interface Told {
  builder?: BuilderIdentity;
  output: string;
  dockerfile?: string;
  name?: string;
  code?: number | null;
}

function explain({ builder = docker, output, dockerfile = '', name = 'Dockerfile', code = 1 }: Told) {
  const isClassic = builder.rules === 'classic';
  let ms = 0;
  const now = () => ++ms;
  const reader: ProgressReader = output.startsWith('{')
    ? createRawjsonReader()
    : isClassic
      ? createClassicReader(now)
      : createPlainReader(now);
  const isError = /^(The command |COPY failed|Error response|Get "|unexpected EOF|Cannot connect|unknown )/;
  const words = output
    .split('\n')
    // The classic builder's errors come on stderr, apart from its progress; the recordings hold both in one.
    .filter((line) => (isClassic && isError.test(line.replace('\u001b[0m', ''))) || !reader.take(line))
    .filter((line) => line !== '')
    .map((line) => line.replace('\u001b[0m', ''));
  if (isClassic) (reader as ReturnType<typeof createClassicReader>).fail(cleanWords(words.at(-1) ?? ''));
  return explainFailure({
    builder,
    name,
    dockerfile: parseDockerfile(dockerfile),
    steps: reader.steps(),
    words,
    code,
    keep: '/cache/keep',
  });
}

/** `code line: message / hint`. */
function check(told: Told, expected: string) {
  const { code, line, message, hint } = explain(told);
  assert.equal(`${code} ${line ?? '-'}: ${message}${hint ? ` / ${hint}` : ''}`, expected);
}

const lastLines = 'See the last lines of its output.';
const paths = 'Check the path, and .dockerignore if it lies in the build context.';

describe('recorded failures of each builder', () => {
  const recorded = [
    ['buildx-rawjson', 'jsonl', buildx],
    ['buildx-plain', 'txt', docker],
    ['engine-buildx-rawjson', 'jsonl', { ...buildx, driver: 'docker' }],
    ['engine-buildx-plain', 'txt', docker],
    ['buildkit-plain', 'txt', docker],
    ['classic', 'txt', classic],
  ] as const;
  for (const [builderName, extension, builder] of recorded) {
    const toldBy = (what: string): Told => ({
      builder,
      output: fixture(`${builderName}-${what}.${extension}`),
      dockerfile: fixture(`context/Dockerfile.${what}`),
      name: `Dockerfile.${what}`,
    });

    test(`${builderName}: a RUN that fails`, () => {
      check(toldBy('fail'), `build-failed 4: RUN on line 4 ended with exit code 3. / ${lastLines}`);
      assert.deepEqual(
        explain(toldBy('fail'))
          .lastLines.filter((line) => line !== '')
          .sort(),
        ['before', 'trouble'],
      );
    });

    test(`${builderName}: a COPY without its source`, () => {
      const { message, line, hint } = explain(toldBy('missing'));
      assert.match(message, /^COPY on line 2 found no \/?missing\.txt to copy\.$/);
      assert.equal(line, 2);
      assert.equal(hint, paths);
    });

    test(`${builderName}: a text that it cannot read`, () => {
      const { message, line } = explain(toldBy('syntax'));
      assert.match(message, /^The builder cannot read line 2: unknown instruction: RUNN/);
      assert.equal(line, 2);
    });
  }
});

describe('without a daemon', () => {
  test('docker 20.10.24, both builders, docker 28.2.2 and buildx 0.38.2', () => {
    const start = 'Start Docker, or choose another builder.';
    check(
      {
        output: 'Cannot connect to the Docker daemon at unix:///tmp/none.sock. Is the docker daemon running?',
      },
      `no-daemon -: Docker is not running: Cannot connect to the Docker daemon at unix:///tmp/none.sock. Is the docker daemon running? / ${start}`,
    );
    check(
      {
        output:
          "failed to dial gRPC: cannot connect to the Docker daemon. Is 'docker daemon' running on this host?: dial unix /tmp/none.sock: connect: no such file or directory",
      },
      `no-daemon -: Docker is not running: failed to dial gRPC: cannot connect to the Docker daemon. Is 'docker daemon' running on this host?: dial unix /tmp/none.sock: connect: no such file or directory. / ${start}`,
    );
    check(
      {
        builder: { ...buildx, driver: 'docker' },
        output:
          'ERROR: failed to connect to the docker API at unix:///tmp/none.sock; check if the path is correct and if the daemon is running: dial unix /tmp/none.sock: connect: no such file or directory',
      },
      `no-daemon -: Docker is not running: failed to connect to the docker API at unix:///tmp/none.sock; check if the path is correct and if the daemon is running: dial unix /tmp/none.sock: connect: no such file or directory. / ${start}`,
    );
  });

  test('a user who may not reach it', () => {
    const { code, message } = explain({
      output:
        'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/_ping": dial unix /var/run/docker.sock: connect: permission denied',
    });
    assert.equal(code, 'no-daemon');
    assert.match(message, /^Docker does not let this user in: /);
  });

  test('a builder of driver remote that does not answer', () => {
    check(
      {
        builder: buildx,
        output: `{"vertexes":[{"digest":"sha256:4ab4","name":"[internal] waiting for connection","started":"2026-11-24T05:46:38.095239139Z","completed":"2026-11-24T05:46:58.096315734Z","error":"context deadline exceeded"}]}
ERROR: failed to build: context deadline exceeded`,
      },
      'no-daemon -: The builder far does not answer. / Start it, or choose another one with docker buildx use.',
    );
  });
});

describe('a daemon that dies while it builds', () => {
  const again = 'See whether Docker is running, then build again.';

  test('buildx', () => {
    check(
      {
        builder: buildx,
        output: `{"vertexes":[{"digest":"sha256:744b","name":"[2/3] RUN echo started; sleep 30","started":"2026-11-24T05:39:33.146205786Z"}]}
ERROR: failed to build: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF`,
      },
      'no-daemon -: The builder far stopped while it built: the connection broke off (error reading from server: EOF). / See whether it is running, then build again.',
    );
  });

  test('docker 20.10.24, BuildKit, which blames the file for the image id', () => {
    check(
      {
        output:
          '#5 [2/3] RUN sleep 30\n#5 0.086 started\ncannot write /tmp/strata-build-6PYII3/image-id because server did not provide an image ID',
      },
      `no-daemon -: Docker stopped while it built: the connection broke off. / ${again}`,
    );
  });

  test('docker 20.10.24, the classic builder', () => {
    check(
      {
        builder: classic,
        dockerfile: 'FROM base\nRUN sleep 30\n',
        output:
          'Step 1/2 : FROM base\n ---> 8f10dc7e73cd\nStep 2/2 : RUN sleep 30\n ---> Running in 63e876913546\nunexpected EOF',
      },
      `no-daemon -: Docker stopped while it built: the connection broke off (unexpected EOF). / ${again}`,
    );
  });

  test('a registry that hangs up is something else', () => {
    const { code, message } = explain({
      output:
        '#3 [internal] load metadata for docker.io/library/a:1\n#3 ERROR: failed to do request: read tcp: connection reset by peer\nfailed to solve: failed to do request: read tcp: connection reset by peer',
      dockerfile: 'ARG X\nFROM a:1\n',
    });
    assert.equal(code, 'build-failed');
    assert.match(message, /^The base image docker\.io\/library\/a:1 could not be read: /);
  });
});

describe('a full disk', () => {
  test('below the image that is kept', () => {
    check(
      {
        builder: buildx,
        output: `{"vertexes":[{"digest":"sha256:636a","name":"exporting to oci image format","started":"2026-11-24T05:40:50.479138822Z","completed":"2026-11-24T05:40:53.568608906Z","error":"failed to copy: failed to send write: rpc error: code = Unknown desc = write /cache/keep/layout/ingest/68c3/data: no space left on device"}]}
ERROR: (*service).Write failed: rpc error: code = Unknown desc = write /cache/keep/layout/ingest/68c3/data: no space left on device
ERROR: failed to build: failed to solve: failed to copy: failed to send write: rpc error: code = Unknown desc = write /cache/keep/layout/ingest/68c3/data: no space left on device`,
      },
      'no-space -: No space is left for the image in /cache/keep. / Free some space there, or place the cache elsewhere with STRATA_CACHE.',
    );
  });

  test('in the builder', () => {
    check(
      { output: 'ERROR: failed to build: write /var/lib/docker/tmp/x: no space left on device' },
      "no-space -: No space is left on the builder's disk: write /var/lib/docker/tmp/x: no space left on device. / Free some space: docker system df shows what is used, docker builder prune removes build cache.",
    );
  });

  test('seen by a RUN', () => {
    check(
      {
        builder: classic,
        dockerfile: 'FROM base\nRUN dd if=/dev/urandom of=/big\n',
        output: `Step 1/2 : FROM base
 ---> 428051ccd13b
Step 2/2 : RUN dd if=/dev/urandom of=/big
 ---> Running in 55bbac294f06
\u001b[91mdd: error writing '/big': No space left on device
\u001b[0m\u001b[91m57+0 records in
The command '/bin/sh -c dd if=/dev/urandom of=/big' returned a non-zero code: 1`,
      },
      "no-space 2: RUN on line 2 ended with exit code 1: dd: error writing '/big': No space left on device. / Free some space: docker system df shows what is used, docker builder prune removes build cache.",
    );
  });
});

test('a base image that is not there', () => {
  const dns =
    'failed to do request: Head "https://registry-1.docker.io/v2/library/nosuch/manifests/1": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: no such host';
  check(
    {
      dockerfile: 'FROM base\nFROM nosuch:1\n',
      output: `#3 [internal] load metadata for docker.io/library/nosuch:1\n#3 ERROR: ${dns}\nfailed to solve with frontend dockerfile.v0: failed to create LLB definition: ${dns}`,
    },
    `build-failed 2: The base image docker.io/library/nosuch:1 could not be read: ${dns}. / Check the builder's network and proxy, or use a base image that is already there.`,
  );
  check(
    {
      builder: classic,
      dockerfile: 'FROM nosuch:1\n',
      output: `Step 1/2 : FROM nosuch:1\nError response from daemon: pull access denied for nosuch, repository does not exist or may require 'docker login'`,
    },
    `build-failed 1: The base image nosuch:1 could not be read: pull access denied for nosuch, repository does not exist or may require 'docker login'. / Check its name and tag, or log in to its registry with docker login.`,
  );
});

test('the step that failed by itself is named, not those cancelled with it', () => {
  check(
    {
      dockerfile:
        'FROM base AS a\nRUN sleep 2\nFROM base AS b\nRUN exit 3\nFROM base\nCOPY --from=a / /\nCOPY --from=b / /\n',
      output:
        '#5 [a 2/2] RUN sleep 2\n#5 CANCELED\n\n#6 [b 2/2] RUN exit 3\n#6 ERROR: executor failed running [/bin/sh -c exit 3]: exit code: 3\nexecutor failed running [/bin/sh -c exit 3]: exit code: 3',
    },
    `build-failed 4: RUN on line 4 ended with exit code 3. / ${lastLines}`,
  );
});

test('of two equal steps the line stays open where the builder does not tell it', () => {
  check(
    {
      dockerfile: 'FROM base\nRUN false\nRUN false\n',
      output:
        '#6 [3/3] RUN false\n#6 ERROR: executor failed running [/bin/sh -c false]: exit code: 1\nx: exit code: 1',
    },
    `build-failed -: RUN ended with exit code 1. / ${lastLines}`,
  );
});

test('an excerpt of another file names no line', () => {
  const { line } = explain({
    output: 'other.hcl:3\n--------------------\nERROR: x',
    dockerfile: 'FROM a\nRUN b\nRUN c\n',
  });
  assert.equal(line, null);
});

test('arguments that docker does not know', () => {
  check(
    { output: "unknown flag: --no-such\nSee 'docker build --help'." },
    'build-failed -: The builder does not know an argument: unknown flag: --no-such. / Check the additional build arguments.',
  );
});

test('a builder that says nothing', () => {
  check(
    { output: '', code: 5 },
    'build-failed -: docker ended with exit code 5 and told no reason. / See the log.',
  );
  check(
    { output: '', code: null },
    'build-failed -: docker was ended by a signal and told no reason. / See the log.',
  );
});

test('passwords in addresses are not repeated', () => {
  const { message, lastLines: lines } = explain({
    output: 'ERROR: fetch https://me:secret@example.org/x failed',
  });
  assert.equal(message, 'docker could not build: fetch https://***@example.org/x failed.');
  assert.deepEqual(lines, ['ERROR: fetch https://***@example.org/x failed']);
});
