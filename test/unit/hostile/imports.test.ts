// Logs, metadata files and records of builds that were cut, spliced and rewritten: each is read or refused in a
// sentence, and what is read is a record that can be kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partOfAttestation } from '../../../server/src/build/importAttestation';
import type { ImportedPart } from '../../../server/src/build/importedPart';
import { importLog } from '../../../server/src/build/importLog';
import { importMetadata } from '../../../server/src/build/importMetadata';
import { joinParts } from '../../../server/src/build/joinParts';
import { readBuildRecord } from '../../../server/src/build/validate';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { mapLayers } from '../../../server/src/mapping/mapLayers';
import { StrataError } from '../../../server/src/primitives/errors';
import { readFixture } from '../../support/fixtures';
import { seededRandom } from '../../support/random';

const text = readFixture('imports/Dockerfile');
const dockerfile = parseDockerfile(text);
const rounds = 60;

/** A text changed at one to four places: cut, a part repeated, a part taken from elsewhere, a character replaced. */
function changed(source: string, random: () => number): string {
  let now = source;
  const at = () => Math.floor(random() * (now.length + 1));
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
    const part = now.slice(from, Math.min(to, from + 2_000));
    const pieces = [
      () => now.slice(0, from) + now.slice(to),
      () => now.slice(0, from) + part + now.slice(from),
      () => now.slice(0, at()) + part + now.slice(at()),
      () => now.slice(0, from) + String.fromCharCode(Math.floor(random() * 0x300)) + now.slice(from + 1),
      () =>
        now.replaceAll(/\d+/g, (digits) =>
          random() < 0.1 ? '9'.repeat(1 + Math.floor(random() * 30)) : digits,
        ),
      () => now.replaceAll('"', (quote) => (random() < 0.01 ? '{"__proto__":[' : quote)),
    ];
    now = pieces[Math.floor(random() * pieces.length)]!();
  }
  return now;
}

/** Fails when the text is neither read nor refused. */
function checkReads(name: string, readPart: (source: string) => ImportedPart): void {
  const source = readFixture(name);
  let taken = 0;
  for (let seed = 0; seed < rounds; seed++) {
    const random = seededRandom(seed);
    const now = changed(source, random);
    try {
      const part = readPart(now);
      const given = { text, name: 'Dockerfile', choice: null, nowMs: 1e12, hostPlatform: 'linux/amd64' };
      const { record } = joinParts([part], given);
      assert.ok(
        readBuildRecord(JSON.parse(JSON.stringify(record))),
        `seed ${seed}: the record cannot be kept`,
      );
      mapLayers(parseDockerfile(record.text), record, null, record.choice);
      taken++;
    } catch (error) {
      assert.ok(error instanceof StrataError, `seed ${seed}: ${(error as Error).stack}`);
      assert.match(error.message, /\.$/);
      assert.ok(error.message.length < 4_000);
    }
  }
  assert.ok(taken > 0, 'none was read');
}

for (const name of [
  'imports/plain.log',
  'imports/bake.log',
  'builds/buildx-rawjson.jsonl',
  'builds/buildx-plain-fail.txt',
  'builds/classic.txt',
  'builds/classic-fail.txt',
]) {
  test(`a log like ${name}`, () => {
    const options = { dockerfile, dockerfileName: 'Dockerfile', bakeTarget: null, writtenMs: 1e12 };
    checkReads(name, (source) =>
      importLog(source, 'ci.log', name.includes('bake') ? { ...options, bakeTarget: 'b' } : options),
    );
  });
}

for (const name of [
  'builds/buildx-metadata.json',
  'imports/bake-metadata.json',
  'imports/metadata-min.json',
]) {
  test(`metadata like ${name}`, () => {
    const bakeTarget = name.includes('bake') ? 'b' : null;
    checkReads(name, (source) =>
      importMetadata(source, 'meta.json', { hostPlatform: 'linux/amd64', bakeTarget }),
    );
  });
}

test('a statement like the one attached to an image', () => {
  checkReads('imports/statement-v1.json', (source) => {
    let statement: Record<string, unknown>;
    try {
      statement = JSON.parse(source) as Record<string, unknown>;
    } catch {
      throw new StrataError('unreadable', 'It is no JSON.');
    }
    const manifest = `sha256:${'a'.repeat(64)}` as const;
    const image = { reference: 'oci:x', id: manifest };
    return partOfAttestation({ predicateType: 'x', statement, manifest }, image);
  });
});
