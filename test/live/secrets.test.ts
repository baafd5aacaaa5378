// Nothing of a secret is kept or shown: a real build by buildx is given secrets in each way that a build can be given
// them, in the open where people do that, and then all that Strata keeps on disk, prints and tells an editor is searched.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import {
  type BuildkitDaemon,
  baseLayout,
  daemonsMissing,
  run,
  skipReason,
  startBuildkitd,
} from '../support/daemons';
import { startLiveServer } from '../support/liveServer';

const root = process.env.STRATA_ROOT ?? process.cwd();
const dist = process.env.STRATA_DIST ?? path.join(root, 'dist');
const missing = daemonsMissing();
for (const program of ['ssh-keygen', 'busybox'])
  if (spawnSync(program, ['--help']).error) missing.push(program);
const skip = skipReason(missing);

const value = (name: string) => `${name}${randomBytes(12).toString('hex')}`;
const secrets = {
  'a secret from a file': value('file'),
  'a secret from the environment': value('env'),
  'the password of a proxy': value('proxy'),
  'the password of a proxy in capitals': value('PROXY'),
  'the password of a registry': value('registry'),
  'a header that a step printed': value('header'),
  'a header in capitals': value('HEADER'),
  'a password in an address that a step printed': value('address'),
  'a token in an address that a step printed': value('token'),
  'the token of a cache': value('cache'),
  'the password of a named context': value('context'),
};
type Planted = keyof typeof secrets;

const text = [
  'FROM base AS build',
  'ARG WHO',
  'RUN --mount=type=secret,id=file --mount=type=secret,id=env --mount=type=ssh \\',
  '    cat /run/secrets/file /run/secrets/env | wc -c > /counted && echo $WHO',
  'RUN --mount=type=bind,target=/context cat /context/spoken && echo of a step',
  'FROM base',
  'COPY --from=build /counted /counted',
  '',
].join('\n');

describe('what a build was given in confidence', { skip, timeout: 300_000 }, () => {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-secrets-'));
  const at = (name: string) => path.join(folder, name);
  let daemon: BuildkitDaemon;
  let base: string;
  let key: string;

  before(async () => {
    daemon = await startBuildkitd();
    for (const name of ['base', 'project', 'elsewhere']) fs.mkdirSync(at(name));
    base = `base=${baseLayout(at('base')).context}`;
    fs.writeFileSync(at('project/Dockerfile'), text);
    fs.writeFileSync(
      at('project/spoken'),
      [
        `> Authorization: Bearer ${secrets['a header that a step printed']}`,
        `AUTHORIZATION: Basic ${secrets['a header in capitals']}`,
        `fetching https://someone:${secrets['a password in an address that a step printed']}@example.invalid/x`,
        `fetching https://${secrets['a token in an address that a step printed']}@example.invalid/x`,
        'the last line',
        '',
      ].join('\n'),
    );
    fs.writeFileSync(at('elsewhere/file'), secrets['a secret from a file']);
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at('elsewhere/key')]);
    key = fs.readFileSync(at('elsewhere/key'), 'utf8').split('\n')[2]!;
    const auth = Buffer.from(`user:${secrets['the password of a registry']}`).toString('base64');
    const config = path.join(daemon.env.DOCKER_CONFIG!, 'config.json');
    const told = fs.existsSync(config) ? (JSON.parse(fs.readFileSync(config, 'utf8')) as object) : {};
    fs.writeFileSync(config, JSON.stringify({ ...told, auths: { 'registry.invalid': { auth } } }));
  });
  after(async () => {
    await daemon?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** What the builder is given, by whomever. */
  const given = () => [
    ...['--build-context', base],
    ...['--secret', `id=file,src=${at('elsewhere/file')}`, '--secret', 'id=env,env=STRATA_TEST_SECRET'],
    ...['--ssh', `default=${at('elsewhere/key')}`],
    '--build-context',
    `unused=https://someone:${secrets['the password of a named context']}@example.invalid/x.git`,
    // Where there is no cache service, BuildKit goes on without.
    '--cache-from',
    `type=gha,url=http://127.0.0.1:9/,token=${secrets['the token of a cache']}`,
  ];
  const proxies = [
    `HTTP_PROXY=http://user:${secrets['the password of a proxy in capitals']}@127.0.0.1:9`,
    `http_proxy=http://user:${secrets['the password of a proxy']}@127.0.0.1:9`,
  ];
  const environment = () => ({
    ...daemon.env,
    STRATA_TEST_SECRET: secrets['a secret from the environment'],
    BUILDX_METADATA_PROVENANCE: 'max',
  });

  /** All that a command printed. */
  async function strata(...args: string[]): Promise<string> {
    const ran = await run(process.execPath, [path.join(dist, 'cli.js'), ...args], {
      cwd: at('project'),
      env: { ...environment(), STRATA_CACHE: at('cache') },
    });
    return `${ran.stdout}\n${ran.stderr}`;
  }

  /** Which of the secrets are in a text, in any of the forms that they may be written in. */
  function told(bytes: string | Buffer): string[] {
    const raw = Buffer.from(bytes).toString('latin1');
    const words: [string, string][] = [...Object.entries(secrets), ['the ssh key', key]];
    return words.flatMap(([name, word]) => {
      const forms = [0, 1, 2].map((shift) => {
        // Base64 of whatever it stands in: what does not hang on its neighbours.
        const whole = Buffer.concat([Buffer.alloc(shift), Buffer.from(word)]).toString('base64');
        return whole.slice(shift === 0 ? 0 : 4, -8);
      });
      return [word, encodeURIComponent(word), ...forms].some((form) => raw.includes(form)) ? [name] : [];
    });
  }

  /** Of all files below a folder, unpacked where they are gzip'd: `path: secret`. */
  function kept(below: string): string[] {
    return fs
      .readdirSync(below, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const bytes = fs.readFileSync(file);
        const packed = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
        return [...told(file), ...told(bytes), ...told(packed)].map((secret) => `${file}: ${secret}`);
      });
  }

  /** What the files of a folder of Strata's and a text of Strata's must hold: none. */
  function assertSilent(what: string, text: string, below: string): void {
    assert.deepEqual(told(text), [], `${what} shows them`);
    assert.deepEqual(kept(below), [], `${what} keeps them`);
  }

  test('the search finds what is there', () => {
    const planted: Planted = 'a secret from a file';
    assert.deepEqual(told(`x${secrets[planted]}y`), [planted]);
    for (const before of ['', 'a', 'ab'])
      assert.deepEqual(told(Buffer.from(`${before}${secrets[planted]}zz`).toString('base64')), [planted]);
    assert.deepEqual([...new Set(kept(at('elsewhere')))].length, 2);
  });

  test('is neither printed nor kept by a build', async () => {
    const words = given().map((word) => `--builder-arg=${word}`);
    const own = proxies.flatMap((proxy) => ['--build-arg', proxy]);
    const all = ['build', '--builder', 'buildx', ...words, ...own];
    const shown = [
      await strata(...all, '--format', 'json', '--record'),
      await strata(...all, '--no-cache', '--no-progress'),
    ];
    assert.match(shown[0]!, /of a step/, 'the log is shown');
    assert.ok(fs.existsSync(at('project/.strata/Dockerfile.json')), shown[0]);
    for (const format of ['text', 'json']) {
      shown.push(await strata('analyze', '--format', format), await strata('forecast', '--format', format));
      shown.push(await strata('history', '--format', format));
    }
    for (const format of ['text', 'json', 'sarif', 'github', 'gitlab', 'markdown'])
      shown.push(await strata('check', '--format', format));
    assertSilent('a build', shown.join('\n'), at('cache'));
    assert.deepEqual(kept(at('project/.strata')), []);
  });

  test('nor by one that fails', async () => {
    fs.writeFileSync(at('project/Dockerfile'), text.replace('echo of a step', 'exit 3'));
    try {
      const words = given().map((word) => `--builder-arg=${word}`);
      const own = proxies.flatMap((proxy) => ['--build-arg', proxy]);
      const shown = await strata('build', '--builder', 'buildx', ...words, ...own, '--no-cache');
      assert.match(shown, /exit code:? 3/);
      assert.match(shown, /the last line/);
      assertSilent('a failed build', `${shown}\n${await strata('analyze', '--format', 'json')}`, at('cache'));
    } finally {
      fs.writeFileSync(at('project/Dockerfile'), text);
    }
  });

  test('nor when the build was made elsewhere and is imported', async () => {
    const built = async (progress: string) => {
      const ran = await run(
        'docker',
        [
          ...['buildx', 'build', `--progress=${progress}`, '--no-cache', ...given()],
          ...proxies.flatMap((proxy) => ['--build-arg', proxy]),
          ...['--metadata-file', at('metadata.json'), '--provenance=mode=max'],
          ...['--output', `type=oci,tar=false,dest=${at(progress)}`, at('project')],
        ],
        { env: environment() },
      );
      assert.equal(ran.code, 0, ran.stderr);
      fs.writeFileSync(at(`${progress}.log`), ran.stderr);
    };
    await built('plain');
    await built('rawjson');
    // They are in what is imported: otherwise nothing would be tried.
    const printed: Planted = 'a header that a step printed';
    assert.ok(told(fs.readFileSync(at('plain.log'))).includes(printed));
    assert.ok(told(fs.readFileSync(at('rawjson.log'))).includes(printed));
    const past = JSON.parse((await strata('history', '--format', 'json', '--no-progress')).trim()) as {
      builds: { ref: string }[];
    };
    const sources = [
      ['--log', at('plain.log')],
      ['--log', at('rawjson.log')],
      ['--metadata', at('metadata.json')],
      ['--history', past.builds[0]!.ref],
      ['--image', `oci:${at('plain')}`],
      ['--metadata', at('metadata.json'), '--log', at('rawjson.log'), '--image', `oci:${at('rawjson')}`],
    ];
    for (const source of sources) {
      const shown = await strata('analyze', ...source, '--keep', '--format', 'json');
      assert.match(shown, /"stages"/, shown);
      assertSilent(source.join(' '), shown, at('cache'));
    }
  });

  test('nor told to an editor, nor kept for it', async () => {
    const client = await startLiveServer(environment(), at('storage'), {
      builder: 'buildx',
      build: { extraArguments: given() },
    });
    const heard: unknown[] = [];
    try {
      const uri = pathToFileURL(at('project/Dockerfile')).href;
      client.open(uri, text);
      const choice = {
        target: null,
        platform: null,
        buildArgs: Object.fromEntries(proxies.map((proxy) => proxy.split(/=(.*)/s).slice(0, 2))),
      };
      const result = await client.connection.sendRequest('strata/build', {
        ...{ uri, ...choice, noCache: true, context: null },
      });
      heard.push(result);
      heard.push(await client.hints(uri));
      for (let line = 0; line < 7; line++) {
        const position = { line, character: 1 };
        heard.push(
          await client.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position }),
        );
      }
      heard.push(await client.connection.sendRequest('strata/records', { uri }));
      const all = JSON.stringify([...heard, ...client.notifications]);
      assert.match(all, /of a step/, 'the log is told');
      assertSilent('the server', all, at('storage'));
    } finally {
      await client.stop();
    }
  });
});
