// `strata check` as a pipeline runs it: an image built by the engine's own builders, held against budgets to the byte.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Daemon, daemonsMissing, importBase, run, skipReason, startDockerd } from '../support/daemons';

const root = process.env.STRATA_ROOT ?? process.cwd();
const skip = skipReason(daemonsMissing());

interface Report {
  passed: boolean;
  totals: { unpackedBytes: number };
  budgets: { budget: string; actual: number | null; state: string; why: string | null }[];
  findings: { rule: string; line: number; severity: string }[];
}

const dockerfile = [
  'FROM base:1',
  'COPY a.txt /srv/a.txt',
  'RUN cat /srv/a.txt /srv/a.txt > /srv/b.txt',
  'RUN rm /srv/b.txt',
  'CMD ["sh"]',
  '',
].join('\n');

describe('strata check on images that docker built', { skip }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'strata-live-check-'));
  let engine: Daemon;

  before(async () => {
    engine = await startDockerd();
    await importBase(engine, 'base:1');
  });
  after(async () => {
    await engine?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const buildkit of ['0', '1']) {
    test(`DOCKER_BUILDKIT=${buildkit}: budgets are held to the byte, on the lines that spent them`, async () => {
      const folder = path.join(scratch, `app${buildkit}`);
      const file = path.join(folder, 'Dockerfile');
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'a.txt'), 'x'.repeat(1000));
      writeFileSync(file, dockerfile);
      const env = { ...engine.env, DOCKER_BUILDKIT: buildkit, STRATA_CACHE: path.join(scratch, 'cache') };
      const name = `app:${buildkit}`;
      const docker = engine.env.STRATA_DOCKER ?? 'docker';
      const built = await run(docker, ['build', '--network=none', '--tag', name, folder], { env });
      assert.equal(built.code, 0, built.stderr);
      const check = async (code: number, ...flags: string[]): Promise<Report> => {
        const words = ['check', file, '--image', `docker-daemon:${name}`, '--format', 'json', ...flags];
        const ran = await run(process.execPath, [path.join(root, 'dist/cli.js'), ...words], { env });
        assert.equal(ran.code, code, ran.stdout + ran.stderr);
        return JSON.parse(ran.stdout) as Report;
      };
      const { totals } = await check(0);
      const size = totals.unpackedBytes;
      assert.ok(size > 3000);
      const kept = [
        '--max-size',
        String(size),
        '--max-layer',
        '2000',
        '--max-stage',
        '3000',
        '--max-wasted',
        '2000',
      ];
      assert.ok((await check(0, ...kept, '--max-layers', '4')).passed);
      const over = ['--max-size', String(size - 1), '--max-layer', '1999', '--max-stage', '2999'];
      const { findings } = await check(1, ...over, '--max-wasted', '1999', '--max-layers', '3');
      const errors = findings.filter(({ severity }) => severity === 'error');
      assert.deepEqual(errors.map(({ rule, line }) => `${line} ${rule}`).sort(), [
        '1 ImageBudget',
        '3 LayerBudget',
        '3 StageBudget',
        '3 WasteBudget',
        '4 LayersBudget',
      ]);
    });
  }
});
