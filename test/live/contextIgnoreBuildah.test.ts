// The context of a build by podman, which is buildah's: generated trees and ignore files against what it copies. A sample;
// STRATA_DIFFERENTIAL=all takes more.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ContextEntry } from '../../server/src/context/model';
import { walkContext } from '../../server/src/context/walk';
import { createNodeHost } from '../../server/src/host/nodeHost';
import { contextCase, writeContextCase } from '../support/contextCases';
import { apart, entryLine, filesBelow, type Listing, sorted } from '../support/contextListing';
import { run, skipReason } from '../support/daemons';
import { type Podman, podmanMissing, startPodman } from '../support/podman';

const skip = skipReason(podmanMissing());
const cases = process.env.STRATA_DIFFERENTIAL === 'all' ? 150 : 15;

describe('the context of a build by podman', { skip }, () => {
  const host = createNodeHost();
  const scratch = fs.mkdtempSync(path.join(tmpdir(), 'strata-context-podman-'));
  let podman: Podman;
  before(() => {
    podman = startPodman('overlay');
  });
  after(() => {
    podman?.stop();
    fs.rmSync(scratch, { recursive: true, force: true });
  });

  async function copied(context: string, dockerfile: string, folder: string): Promise<Listing> {
    const tag = path.basename(folder);
    const built = await run('podman', ['build', '--no-cache', '-t', tag, '-f', dockerfile, context], podman);
    if (built.code !== 0) {
      assert.match(
        built.stderr,
        /syntax error in pattern|illegal exclusion pattern|is excluded by|no such file/,
      );
      return 'refused';
    }
    const [archive, image, layer] = ['image.tar', 'image', 'layer'].map((name) => path.join(folder, name));
    await run('podman', ['save', '--format', 'docker-archive', '-o', archive!, tag], podman);
    for (const made of [image!, layer!]) fs.mkdirSync(made);
    spawnSync('tar', ['-xf', archive!, '-C', image!]);
    const manifest = JSON.parse(fs.readFileSync(path.join(image!, 'manifest.json'), 'utf8'));
    spawnSync('tar', ['-xpf', path.join(image!, manifest[0].Layers.at(-1)), '-C', layer!]);
    return filesBelow(layer!);
  }

  test(`is the same for ${cases} generated trees and ignore files`, async () => {
    const differences: unknown[] = [];
    let followed = 0;
    for (let number = 0; number < cases; number++) {
      const folder = path.join(scratch, `case-${number}`);
      const one = contextCase(number);
      const { context, dockerfile } = writeContextCase(one, folder);
      const walked = await walkContext(host, { root: context, dockerfile, rules: 'buildah' });
      // Groups of a regular expression, which only buildah lets through; Strata says that it does not follow them.
      if (walked.problems.some((problem) => problem.startsWith('Strata does not follow'))) continue;
      followed++;
      const mine =
        walked.problems.length > 0 ? 'refused' : walked.entries.map((entry) => entryLine(asCopied(entry)));
      const real = await copied(context, dockerfile, folder);
      if (String(sorted(mine)) !== String(sorted(real))) {
        differences.push({ number, ignores: one.ignores, ...apart(mine, real) });
      }
      fs.rmSync(folder, { recursive: true });
    }
    assert.deepEqual(differences, []);
    assert.ok(followed > cases * 0.8, `${followed} followed`);
  });
});

/** Setting the owner of a file takes its setuid bit away (chown(2)); folders keep theirs. */
function asCopied(entry: ContextEntry): ContextEntry {
  return entry.type === 'file' ? { ...entry, mode: entry.mode & 0o777 } : entry;
}
