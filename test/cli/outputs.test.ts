// What the command line does to the world around its report: readers that go, disks that are full, accounts without HOME.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { cliFolder } from '../support/cliRun';
import { imageFixture, writeImages } from '../support/imageFixture';

const at = cliFolder();
after(() => at.remove());
const cli = path.join(process.env.STRATA_ROOT ?? process.cwd(), 'dist/cli.js');
const temporary = path.join(at.folder, 'tmp');
const shells = { skip: process.platform === 'win32' };

/** Runs a shell line in which `strata` is the command. Its temporary files would lie in `temporary`. */
function shell(line: string, env: Record<string, string | undefined> = {}) {
  mkdirSync(temporary, { recursive: true });
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `strata() { "$NODE" "$CLI" "$@"; }; ${line}`], {
    cwd: at.folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...{ NODE: process.execPath, CLI: cli, TMPDIR: temporary },
      STRATA_CACHE: path.join(at.folder, 'cache'),
      ...env,
    },
  });
  return { code: status, stdout, stderr };
}

async function image(): Promise<string> {
  const names = Array.from({ length: 3000 }, (_, i) => [`srv/${'long-name-'.repeat(8)}${i}`, 'x']);
  const literal = { layers: [Object.fromEntries(names)], history: [{ created_by: 'COPY . /' }] };
  for (const [file, data] of await writeImages([await imageFixture(literal)], 'oci'))
    at.write(`i/${file}`, data);
  return 'oci:i/layout';
}

describe('the report', () => {
  test('has a reader that goes early: nothing is said, nothing is left', shells, async () => {
    const run = shell(
      `strata tree ${await image()} --no-store --depth 9 | head -1; echo "\${PIPESTATUS[0]}"`,
    );
    assert.match(run.stdout, /srv\/\n0\n$/);
    assert.equal(run.stderr, '');
    assert.deepEqual(readdirSync(temporary), []);
  });

  test('cannot be written: told in a sentence, exit 3', { skip: !existsSync('/dev/full') }, async () => {
    const run = shell(`strata layers ${await image()} > /dev/full`);
    assert.equal(
      run.stderr,
      'strata: The report could not be written whole: no space is left on the disk.\n',
    );
    assert.equal(run.code, 3);
  });

  test('does not depend on who reads the messages', shells, async () => {
    const reference = await image();
    const line = `{ strata layers nowhere.tar; echo $? > code; } 2>&1 | true; cat code`;
    assert.equal(shell(line).stdout, '3\n');
    assert.equal(shell(`strata layers ${reference} 2>&-`).code, 0);
  });
});

test('without HOME nothing is kept in the working directory', shells, async () => {
  const reference = await image();
  const before = readdirSync(at.folder).sort();
  for (const home of [undefined, '']) {
    const env = { HOME: home, USERPROFILE: undefined, XDG_CACHE_HOME: undefined, STRATA_CACHE: undefined };
    assert.equal(shell(`strata layers ${reference}`, env).code, 0);
    assert.deepEqual(readdirSync(at.folder).sort(), before);
  }
});
