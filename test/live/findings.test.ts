// Findings of measured layers on a real builder: each Dockerfile makes one kind of waste, the finding's bytes are those of
// the files that it wrote, and a fix is applied and built again. What a fix promises must be saved to the byte, and a fix
// of the same result must leave the same merged file system, as tar unpacks it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { knowledgeOfRecord } from '../../server/src/analysis/knowledge';
import { ruleContext } from '../../server/src/analysis/ruleContext';
import type { BuildRecord } from '../../server/src/build/model';
import type { BashParser } from '../../server/src/dockerfile/bash';
import { applyEdits } from '../../server/src/dockerfile/edit';
import { defaultChoice } from '../../server/src/dockerfile/model';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { createInlineIndexer } from '../../server/src/layers/indexer';
import { carryForward } from '../../server/src/mapping/carryForward';
import { measureRecord } from '../../server/src/measure/measureRecord';
import { comparePromise } from '../../server/src/rules/promise';
import { type Finding, runRules } from '../../server/src/rules/rule';
import { loadedBash } from '../support/bashParser';
import { daemonsMissing, skipReason } from '../support/daemons';
import { wastes } from './findings/cases';
import { mergedTree } from './findings/mergedTree';
import { type Bench, startBench } from './mapping/bench';
import { setups } from './mapping/setups';

const skip = skipReason(daemonsMissing());

describe('findings on a real builder', { skip }, () => {
  let bench: Bench;
  let shell: BashParser;
  before(async () => {
    shell = await loadedBash();
    bench = await startBench(
      setups.find(({ name }) => name === 'buildx with current BuildKit, bases as named contexts')!,
    );
    const context = path.join(bench.folder, 'context');
    fs.writeFileSync(path.join(context, 'large.bin'), randomBytes(400_000));
    fs.chmodSync(path.join(context, 'large.bin'), 0o644);
    fs.mkdirSync(path.join(context, 'folder'));
    fs.writeFileSync(path.join(context, 'folder', 'a'), randomBytes(300_000));
    fs.writeFileSync(path.join(context, 'folder', 'b'), randomBytes(200_000));
    fs.writeFileSync(path.join(context, 'npm'), '#!/bin/sh\nsleep 1.2 && mkdir node_modules\n', {
      mode: 0o755,
    });
    for (const name of ['package.json', 'package-lock.json', 'index.js'])
      fs.writeFileSync(path.join(context, name), name);
    fs.writeFileSync(path.join(context, 'id_rsa'), '-----BEGIN OPENSSH PRIVATE KEY-----\nno key\n');
  });
  after(async () => {
    await bench?.downloads.stop();
    await bench?.daemon.stop();
    if (bench) fs.rmSync(bench.folder, { recursive: true, force: true });
  });

  async function built(text: string): Promise<{ record: BuildRecord; findings: Finding[]; tree: string[] }> {
    const { host } = bench;
    const record = await measureRecord(
      { host, indexer: createInlineIndexer(host), store: null },
      await bench.build(text, defaultChoice, []),
    );
    assert.equal(record.outcome, 'built', JSON.stringify(record.failure));
    const knowledge = knowledgeOfRecord(record);
    const dockerfile = parseDockerfile(text);
    const carried = carryForward(knowledge.built!, dockerfile);
    const findings = runRules({ ...ruleContext(dockerfile, defaultChoice, knowledge, carried), shell });
    return { record, findings, tree: await mergedTree(record.imageReference!.slice('oci:'.length)) };
  }

  for (const one of wastes) {
    test(one.name, async () => {
      const was = await built(one.text);
      const found = was.findings.filter(({ rule }) => rule === one.rule);
      assert.deepEqual(
        found.map(({ line, message, bytes }) => [`${line}: ${message}`, bytes]),
        [[one.found, one.bytes]],
      );
      const { fixes } = found[0]!;
      assert.deepEqual(
        fixes.map(({ title, effect, edits }) => ({ title, effect, text: applyEdits(one.text, edits) })),
        one.fixes,
      );
      for (const fix of fixes) {
        const is = await built(applyEdits(one.text, fix.edits));
        const same = (line: string) => fix.effect === 'same-result' || !one.differs?.test(line);
        assert.deepEqual(is.tree.filter(same), was.tree.filter(same));
        if (one.differs) assert.notDeepEqual(is.tree, was.tree);
        assert.equal(
          comparePromise(was.record.image!, is.record.image!, fix.saves!, 1).savedBytes,
          fix.saves,
        );
        assert.deepEqual(
          is.findings.filter(({ rule }) => rule === one.rule),
          [],
        );
      }
    });
  }

  test('an install right after the copy of all sources runs again after each edit, and with the fix does not', async () => {
    const text = 'FROM base\nWORKDIR /app\nCOPY npm /bin/npm\nCOPY . .\nRUN npm ci\n';
    const was = await built(text);
    const [finding, ...others] = was.findings.filter(({ rule }) => rule === 'CopyBeforeInstall');
    assert.deepEqual(others, []);
    assert.match(
      finding!.message,
      /^npm ci runs again after each edit of a source file, [1-9]\.\d s in the last build: line 4 copies them all before it$/,
    );
    const fixed = applyEdits(text, finding!.fixes[0]!.edits);
    const is = await built(fixed);
    const tree = ({ tree: lines }: typeof is) => lines.filter((line) => !line.startsWith('app/Dockerfile '));
    assert.deepEqual(tree(is), tree(was));
    assert.deepEqual(
      is.findings.filter(({ rule }) => rule === 'CopyBeforeInstall'),
      [],
    );
    fs.writeFileSync(path.join(bench.folder, 'context', 'index.js'), 'edited');
    const after = await built(fixed);
    const install = after.record.steps.find(({ name }) => name.includes('RUN npm ci'));
    assert.equal(install?.cached, true);
  });
});
