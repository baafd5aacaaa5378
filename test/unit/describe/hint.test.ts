// The words of a line where its size is not simply measured: between two bounds, or in the builder's cache alone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyze } from '../../../server/src/analysis/analyze';
import type { Analysis, InstructionView, StageView } from '../../../server/src/analysis/model';
import { hintLabel } from '../../../server/src/describe/hint';
import { hoverLines, noExtra } from '../../../server/src/describe/hover';
import { stageTitle } from '../../../server/src/describe/lens';
import { plainStyle } from '../../../server/src/describe/style';

const settings = { beforeBuild: 'layers', metadataLines: false } as const;

/** A COPY of which something is known, as its hint and as its hover say it. */
function said(
  changes: Omit<Partial<InstructionView>, 'forecast'> & { forecast?: Partial<InstructionView['forecast']> },
) {
  const analysis: Analysis = analyze('FROM base\nCOPY a b /\n');
  const stage: StageView = { ...analysis.stages[0]!, shipped: false };
  const copy = stage.instructions[1]!;
  const view: InstructionView = { ...copy, ...changes, forecast: { ...copy.forecast, ...changes.forecast } };
  const of = { ...stage, instructions: [stage.instructions[0]!, view] };
  return {
    hint: hintLabel(of, view, null, settings, plainStyle),
    hover: hoverLines(analysis, of, view, noExtra, plainStyle).slice(1),
    stage: stageTitle(of, false, plainStyle),
  };
}

const why = 'line 2 copies files to the same place, and what is still the same may not be stored again';
const bounds = (least: number, most: number) => ({ least, most, sizeWhy: why });

describe('a size between two bounds', () => {
  const cases: [least: number, most: number, hint: string][] = [
    [3_000_000, 8_120_000, '~3.00 to 8.12 MB'],
    [900, 8_120_000, '~900 B to 8.12 MB'],
    [0, 8_120_000, '~0 to 8.12 MB'],
    [8_121_000, 8_120_000, '~8.12 MB'],
  ];
  for (const [least, most, hint] of cases) {
    test(`is told as ${hint}`, () => {
      const { hint: found, hover } = said({ forecast: bounds(least, most) });
      assert.equal(found, hint);
      assert.match(hover.join('\n').replaceAll('\\', ''), new RegExp(`Next build: ${hint}: ${why}`));
    });
  }

  test('stands beside what the next build does', () => {
    const forecast = { ...bounds(1000, 2000), cache: 'reruns' as const, because: 'a changed (content)' };
    const { hint, hover } = said({ standing: 'measured', forecast });
    assert.equal(hint, '~1.00 to 2.00 kB · reruns');
    assert.match(
      hover.join('\n').replaceAll('\\', ''),
      /reruns, because a changed \(content\)\n~1.00 to 2.00 kB: line 2/,
    );
  });

  test('counts before what was measured of the line before its edit', () => {
    const layer = { unpackedBytes: 5000 } as InstructionView['before'][number];
    const { hint } = said({ standing: 'stale', before: [layer], forecast: bounds(1000, 2000) });
    assert.equal(hint, '~1.00 to 2.00 kB · edited since the build');
  });

  test('is not told of a line that the cache has', () => {
    const { hint } = said({ standing: 'measured', cache: 'hit', forecast: bounds(1000, 2000) });
    assert.equal(hint, 'cached');
  });
});

describe('a line of a stage that does not ship', () => {
  test('shows what it left in the builder’s cache', () => {
    const unshipped = { compressedBytes: 12_300_000, engineBytes: null, tarBytes: null, why: null };
    const { hint, hover, stage } = said({ standing: 'measured', cache: 'hit', unshipped });
    assert.equal(hint, '12.3 MB compressed · cached');
    assert.ok(hover.includes('12.3 MB compressed, in the builder’s cache'), hover.join('\n'));
    assert.equal(stage, 'stage 0 · 1 layer · 12.3 MB compressed · does not ship');
  });

  test('shows it as the engine counts, where that keeps an image of each step', () => {
    const unshipped = { compressedBytes: null, engineBytes: 50_006, tarBytes: null, why: null };
    const { hint, hover, stage } = said({ standing: 'measured', cache: 'hit', unshipped });
    assert.equal(hint, '50.0 kB · cached');
    assert.ok(hover.includes('50.0 kB as the engine counts, in the builder’s cache'), hover.join('\n'));
    assert.equal(stage, 'stage 0 · 1 layer · 50.0 kB · does not ship');
  });

  test('shows it as a tar, where podman keeps an image of each step', () => {
    const unshipped = { compressedBytes: null, engineBytes: null, tarBytes: 52_736, why: null };
    const { hint, hover, stage } = said({ standing: 'measured', cache: 'hit', unshipped });
    assert.equal(hint, '52.7 kB as a tar · cached');
    assert.ok(hover.includes('52.7 kB as a tar, in the builder’s cache'), hover.join('\n'));
    assert.equal(stage, 'stage 0 · 1 layer · 52.7 kB as a tar · does not ship');
  });

  test('says why it shows no size', () => {
    const told =
      'Its stage does not ship, and the builder kept no layer of it: that takes --cache-to with mode=max, for which an engine needs its containerd image store.';
    const unshipped = { compressedBytes: null, engineBytes: null, tarBytes: null, why: told };
    const { hint, hover, stage } = said({ standing: 'measured', cache: 'hit', unshipped, why: told });
    assert.equal(hint, 'cached');
    assert.ok(
      hover.some((line) => line.replaceAll('\\', '') === told),
      hover.join('\n'),
    );
    assert.equal(stage, 'stage 0 · 1 layer · does not ship');
  });
});

describe('the layers of a stage', () => {
  test('leave out a line that is known to have made none', () => {
    assert.equal(said({}).stage, 'stage 0 · 1 layer · does not ship');
    const { stage } = said({ standing: 'measured', evidence: 'steps', layers: [] });
    assert.equal(stage, 'stage 0 · 0 layers · does not ship');
  });
});
