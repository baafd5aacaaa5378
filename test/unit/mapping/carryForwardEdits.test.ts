// Random edits of random Dockerfiles: no line may carry a measure that it did not earn. What a line earned is worked out
// from the edited model, not from its text: a line's chain is all that its layer is made of, down to the bases.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { carryForward } from '../../../server/src/mapping/carryForward';
import { type RandomBelow, seededBelow } from '../../support/random';

interface Line {
  keyword: string;
  /** What it means, with `{stage}` for a stage that it takes files from. */
  text: string;
  source: ModelStage | null;
  /** Written so that it means the same. */
  spelling: number;
}

interface ModelStage {
  /** An image, with `$G` in its name where the global argument decides it; or a stage above. */
  base: string | ModelStage;
  /** The value of the global argument, one for all stages. */
  global: { value: number };
  name: string | null;
  lines: Line[];
}

const inert = new Set(['LABEL', 'EXPOSE', 'CMD', 'ONBUILD']);

function newLine(random: RandomBelow, above: ModelStage[]): Line {
  const source = above.length > 0 && random(4) === 0 ? above[random(above.length)]! : null;
  const n = random(4);
  const kinds: [string, string][] = [
    ['RUN', `echo ${n} && \\\n    true`],
    ['RUN', `make t${n}`],
    ['COPY', `f${n} /d`],
    ['ENV', `A=${n}`],
    ['ARG', `B=${n}`],
    ['WORKDIR', `/w${n}`],
    ['LABEL', `l=${n}`],
    ['EXPOSE', `8${n}`],
    ['CMD', `["c${n}"]`],
    ['ONBUILD', `RUN t${n}`],
    // In a stage it takes the value of the global one.
    ['ARG', 'G'],
    ['RUN', `<<EOF\necho ${n}\nEOF`],
  ];
  const [keyword, text] = source ? ['COPY', `--from={stage} f${n} /d`] : kinds[random(kinds.length)]!;
  return { keyword: keyword!, text: text!, source, spelling: 0 };
}

function newModel(random: RandomBelow): ModelStage[] {
  const stages: ModelStage[] = [];
  const global = { value: random(3) };
  for (let count = 1 + random(4); count > 0; count--) {
    const named = stages.filter((stage) => stage.name !== null);
    const base =
      named.length > 0 && random(3) === 0
        ? named[random(named.length)]!
        : `image${random(2)}${random(4) === 0 ? ':$G' : ''}`;
    const name = random(4) === 0 ? null : `s${stages.length}${random(100)}`;
    const lines = Array.from({ length: random(8) }, () => newLine(random, stages));
    stages.push({ base, global, name, lines });
  }
  return stages;
}

/** The text, and for each of its instructions the line of the model (null for FROM) with its stage. */
function write(stages: ModelStage[], random: RandomBelow, noise: boolean) {
  const placed: { stage: ModelStage; line: Line | null }[] = [];
  const global = stages[0]!.global.value;
  let text = `ARG G=${global}\n`;
  placed.push({
    stage: stages[0]!,
    line: { keyword: 'ARG', text: `G=${global}`, source: null, spelling: 0 },
  });
  const more = () => {
    for (let n = noise ? random(3) : 0; n > 0; n--) text += random(2) === 0 ? '\n' : `# noise ${random(9)}\n`;
  };
  for (const [index, stage] of stages.entries()) {
    more();
    const base = typeof stage.base === 'string' ? stage.base : stage.base.name!;
    text += `FROM ${base}${stage.name === null ? '' : ` AS ${stage.name}`}\n`;
    placed.push({ stage, line: null });
    for (const line of stage.lines) {
      more();
      const source = line.source && (line.source.name ?? String(stages.indexOf(line.source)));
      let own = `${line.keyword} ${line.text.replace('{stage}', source ?? '')}`;
      if (line.spelling === 1) own = own.replace(line.keyword, line.keyword.toLowerCase());
      if (line.spelling === 2) own = own.replace(' ', '   ');
      if (line.spelling === 3) own = own.replace('\\\n', '\\\n# inside\n\n');
      text += `${own}\n`;
      placed.push({ stage, line });
    }
    assert.ok(index >= 0);
  }
  return { text, placed };
}

/** All that the layer of a line is made of. Lines that make none and change none are left out, unless it is such a one. */
function chainOf(stage: ModelStage, line: Line | null): string {
  const { base, global } = stage;
  const below =
    typeof base === 'string' ? base.replace('$G', String(global.value)) : `${endOf(base)}\n${firing(base)}`;
  const parts = [`FROM(${below})`];
  for (const one of line === null ? [] : stage.lines.slice(0, stage.lines.indexOf(line) + 1)) {
    if (inert.has(one.keyword)) continue;
    const value = one.text === 'G' ? `=${global.value}` : '';
    parts.push(`${one.keyword} ${one.text}${value}${one.source ? `(${endOf(one.source)})` : ''}`);
  }
  return parts.join('\n');
}

/** What fires where a stage is built on this one. */
function firing(stage: ModelStage): string {
  return stage.lines.flatMap((line) => (line.keyword === 'ONBUILD' ? line.text : [])).join('\n');
}

function endOf(stage: ModelStage): string {
  const last = stage.lines.findLast((line) => !inert.has(line.keyword)) ?? null;
  return chainOf(stage, last);
}

/** A copy that can be edited: stages and lines know each other as before. */
function copy(stages: ModelStage[]): ModelStage[] {
  const global = { ...stages[0]!.global };
  const copies = new Map(stages.map((stage) => [stage, { ...stage, global, lines: [] as Line[] }]));
  for (const [stage, twin] of copies) {
    if (typeof stage.base !== 'string') twin.base = copies.get(stage.base)!;
    twin.lines = stage.lines.map((line) => ({ ...line, source: line.source && copies.get(line.source)! }));
  }
  return [...copies.values()];
}

function edit(stages: ModelStage[], random: RandomBelow) {
  const stage = stages[random(stages.length)]!;
  const above = stages.slice(0, stages.indexOf(stage));
  const at = random(stage.lines.length + 1);
  const line = stage.lines[at];
  switch (random(10)) {
    case 0:
      stage.lines.splice(at, 0, newLine(random, above));
      break;
    case 1:
      stage.lines.splice(at, 1);
      break;
    case 2:
      if (line) line.text = line.text.replace(/\d/, '7');
      break;
    case 3:
      if (line) stage.lines.splice(random(stage.lines.length), 0, ...stage.lines.splice(at, 1));
      break;
    case 4:
      if (stage.name !== null) stage.name = `r${random(1000)}`;
      break;
    case 5:
      if (line) line.spelling = random(4);
      break;
    case 6:
      if (typeof stage.base === 'string') stage.base = `image${random(3)}${random(4) === 0 ? ':$G' : ''}`;
      break;
    case 7:
      moveStage(stages, random);
      break;
    case 8:
      stage.global.value = random(4);
      break;
    default:
      if (random(3) === 0)
        stages.splice(random(stages.length + 1), 0, {
          base: 'image0',
          global: stage.global,
          name: `n${random(1000)}`,
          lines: [newLine(random, [])],
        });
  }
}

/** To any place at which all that it takes from is above it and all that takes from it below. */
function moveStage(stages: ModelStage[], random: RandomBelow) {
  const from = random(stages.length);
  const [stage] = stages.splice(from, 1);
  const to = random(stages.length + 1);
  const takes = (a: ModelStage, b: ModelStage) => a.base === b || a.lines.some((line) => line.source === b);
  const fits =
    stages.slice(to).every((below) => !takes(stage!, below)) &&
    stages.slice(0, to).every((above) => !takes(above, stage!));
  stages.splice(fits ? to : from, 0, stage!);
}

function check(
  before: ModelStage[],
  after: ModelStage[],
  random: RandomBelow,
  mustKeep: boolean,
  note: string,
) {
  const old = write(before, random, false);
  const now = write(after, random, true);
  const built = parseDockerfile(old.text);
  const edited = parseDockerfile(now.text);
  assert.equal(built.instructions.length, old.placed.length, old.text);
  assert.equal(edited.instructions.length, now.placed.length, now.text);
  const where = `${note}\n--- built\n${old.text}--- edited\n${now.text}`;
  const taken = new Set<number>();
  for (const { instruction, from, state, because } of carryForward(built, edited)) {
    const mine = now.placed[instruction]!;
    const line = edited.instructions[instruction]!.line;
    assert.equal(because === null, state === 'same', where);
    assert.equal(from === null, state === 'new', where);
    if (mustKeep) assert.equal(state, 'same', `line ${line}: ${because}\n${where}`);
    if (from === null) continue;
    assert.ok(!taken.has(from), `line ${line}: its measure is another's too\n${where}`);
    taken.add(from);
    const its = old.placed[from]!;
    assert.equal(its.line?.keyword, mine.line?.keyword, where);
    if (state !== 'same') continue;
    const earned = ({ stage, line: own }: typeof mine) => {
      const isGlobal = own !== null && !stage.lines.includes(own);
      return own && (isGlobal || inert.has(own.keyword)) ? own.text : chainOf(stage, own);
    };
    assert.equal(earned(mine), earned(its), `line ${line} did not earn its measure\n${where}`);
  }
}

describe('carryForward under random edits', () => {
  test('no line carries a measure that it did not earn', () => {
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = seededBelow(seed);
      const before = newModel(random);
      const after = copy(before);
      for (let edits = 1 + random(5); edits > 0; edits--) edit(after, random);
      check(before, after, random, false, `seed ${seed}`);
    }
  });

  test('comments, blank lines, spelling and new names of stages cost no measure', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = seededBelow(seed);
      const before = newModel(random);
      const after = copy(before);
      for (const stage of after) {
        // One new name at a time: a stage with another name and no line of its own is recognised by nothing.
        if (stage.name !== null && stage.lines.length > 0 && random(4) === 0) stage.name = `${stage.name}x`;
        for (const line of stage.lines) line.spelling = random(4);
      }
      check(
        before,
        after,
        random,
        new Set(before.map((one) => endOf(one))).size === before.length,
        `seed ${seed}`,
      );
    }
  });

  test('stages that only move keep their measures', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = seededBelow(seed);
      const before = newModel(random).map((stage, index) => ({ ...stage, name: stage.name ?? `u${index}` }));
      const named = copy(newNamed(before));
      const after = copy(named);
      for (let moves = random(6); moves >= 0; moves--) moveStage(after, random);
      check(named, after, random, true, `seed ${seed}`);
    }
  });
});

/** The same stages, known to each other again after `map` made new ones of them. */
function newNamed(stages: ModelStage[]): ModelStage[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const again = (stage: ModelStage) =>
    byName.get(stage.name) ?? stages.find((one) => one.lines === stage.lines)!;
  for (const stage of stages) {
    if (typeof stage.base !== 'string') stage.base = again(stage.base);
    stage.lines = stage.lines.map((line) => ({ ...line, source: line.source && again(line.source) }));
  }
  return stages;
}
