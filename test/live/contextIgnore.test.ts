// What a build takes of its context, against what a real BuildKit build copies: generated trees and ignore files, and the
// behaviours that were found with them, each by name. CI builds a fixed sample; STRATA_DIFFERENTIAL=all builds 2,000.
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { walkContext } from '../../server/src/context/walk';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { contextCase, writeContextCase } from '../support/contextCases';
import { apart, entryLine, fileLine, filesBelow, type Listing, sorted } from '../support/contextListing';
import { type BuildkitDaemon, daemonsMissing, run, skipReason, startBuildkitd } from '../support/daemons';

const skip = skipReason(daemonsMissing());
const cases = process.env.STRATA_DIFFERENTIAL === 'all' ? 2000 : 200;
const atOnce = 4;
/** How BuildKit words that it refuses an ignore file. */
const refusals = /syntax error in pattern|illegal exclusion pattern|token too long|non-printable ASCII/;

describe('the context of a build', { skip }, () => {
  const host = createNodeHost();
  const scratch = fs.mkdtempSync(path.join(tmpdir(), 'strata-context-'));
  let buildkit: BuildkitDaemon;
  before(async () => {
    buildkit = await startBuildkitd();
  });
  after(async () => {
    await buildkit?.stop();
    fs.rmSync(scratch, { recursive: true, force: true });
  });

  /** What the build copies, a line each; 'refused' when it refuses the ignore file. */
  async function copied(context: string, dockerfile: string, folder: string): Promise<Listing> {
    const out = path.join(folder, 'out');
    const args = ['buildx', 'build', '--no-cache', '-f', dockerfile, '-o', `type=local,dest=${out}`, context];
    const built = await run('docker', args, { env: buildkit.env });
    if (built.code === 0) return filesBelow(out);
    assert.match(built.stderr, refusals);
    return 'refused';
  }

  async function foreseen(context: string, dockerfile: string): Promise<Listing> {
    const { entries, problems } = await walkContext(host, { root: context, dockerfile, rules: 'buildkit' });
    if (problems.some((problem) => problem.startsWith('The builder refuses '))) return 'refused';
    assert.deepEqual(problems, []);
    return entries.map(entryLine);
  }

  async function checkContext(
    name: string,
    write: (context: string) => void | Promise<void>,
    dockerfile = 'Dockerfile',
  ) {
    const folder = path.join(scratch, name);
    const context = path.join(folder, 'context');
    fs.mkdirSync(context, { recursive: true });
    fs.writeFileSync(path.join(context, dockerfile), 'FROM scratch\nCOPY . /\n');
    await write(context);
    const file = path.join(context, dockerfile);
    const real = await copied(context, file, folder);
    assert.deepEqual(sorted(await foreseen(context, file)), sorted(real));
    return real;
  }

  test(`is the same for ${cases} generated trees and ignore files`, async () => {
    const differences: unknown[] = [];
    const seen = { refused: 0, entries: 0, empty: 0 };
    let next = 0;
    const work = async () => {
      while (next < cases) {
        const number = next++;
        const folder = path.join(scratch, `case-${number}`);
        const one = contextCase(number);
        const { context, dockerfile } = writeContextCase(one, folder);
        const [mine, real] = [await foreseen(context, dockerfile), await copied(context, dockerfile, folder)];
        if (real === 'refused') seen.refused++;
        else seen.entries += real.length;
        fs.rmSync(folder, { recursive: true });
        if (String(sorted(mine)) !== String(sorted(real))) {
          differences.push({
            number,
            ignores: one.ignores,
            dockerfile: one.dockerfile,
            ...apart(mine, real),
          });
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    assert.deepEqual(differences, []);
    // A sample in which nothing is refused or nothing copied would prove little.
    assert.ok(seen.refused > cases / 100 && seen.entries > cases, JSON.stringify(seen));
  });

  test('a file that is listed and not opened arrives empty', async () => {
    const real = await checkContext('repeated', (context) => {
      fs.mkdirSync(path.join(context, 'a/b'), { recursive: true });
      for (const name of ['a/b/c', 'a/b/d', 'a/e']) fs.writeFileSync(path.join(context, name), 'bytes');
      fs.writeFileSync(path.join(context, '.dockerignore'), 'a\n!a/b/c\na/b\n');
    });
    assert.ok(real.includes(fileLine('a/b/c', 'file', 0o644, 0, null)));
  });

  test('a socket arrives as an empty file', async () => {
    const socket = createServer();
    const real = await checkContext('socket', async (context) => {
      await new Promise<void>((resolve) => socket.listen(path.join(context, 'socket'), resolve));
    });
    socket.close();
    assert.ok(real.includes(fileLine('socket', 'file', 0o755, 0, null)));
  });

  const ignored =
    (text: string | Buffer, name = '.dockerignore') =>
    (context: string) => {
      for (const file of ['a', 'b']) fs.writeFileSync(path.join(context, file), file);
      fs.writeFileSync(path.join(context, name), text);
    };
  const linked = (target: string) => (context: string) => {
    ignored('a\n', 'rules')(context);
    fs.writeFileSync(path.join(context, '../rules'), 'b\n');
    fs.symlinkSync(target, path.join(context, '.dockerignore'));
  };
  const named: Record<string, [write: (context: string) => void, dockerfile?: string]> = {
    'an ignore file of the Dockerfile wins, even an empty one': [
      (context) => {
        ignored('a\n')(context);
        ignored('', 'Dockerfile.dockerignore')(context);
      },
    ],
    'a lower-case dockerfile has an ignore file of that name': [
      ignored('a\n', 'dockerfile.dockerignore'),
      'dockerfile',
    ],
    'a lower-case dockerfile has no ignore file of the other name': [
      ignored('a\n', 'Dockerfile.dockerignore'),
      'dockerfile',
    ],
    'a link to an ignore file inside the context is followed': [linked('rules')],
    'a link that climbs out of the context is held at its root': [linked('../rules')],
    'an absolute link starts at the context': [linked('/rules')],
    'a link to nothing is none': [linked('nothing')],
    'a folder called .dockerignore is none': [(context) => fs.mkdirSync(path.join(context, '.dockerignore'))],
    'a lone ! is refused': [ignored('a\n!\n')],
    'a class that never ends is refused when it is met': [ignored('a*[\n')],
    'an exception that is never asked is not refused': [ignored('![z-a]\n')],
    'a line of 65,535 bytes is read': [ignored(`${'a'.repeat(65_535)}\na\n`)],
    'a longer line is refused': [ignored(`${'a'.repeat(65_536)}\na\n`)],
    'a control character is refused': [ignored('a\u0001b\na\n')],
    'a control character beside a letter that is not ASCII is not': [ignored('a\u0001b\né\na\n')],
    'a byte order mark is dropped once': [ignored('\ufeffa\n\ufeffb\n')],
  };
  for (const [name, [write, dockerfile]] of Object.entries(named)) {
    test(name, async () => {
      await checkContext(name.replaceAll(/[^a-z]+/g, '-'), write, dockerfile);
    });
  }
});
