// What the schema of SARIF 2.1.0 asks of the parts that a log of Strata has: names and kinds of properties, what is
// required, lists whose items must differ.
import assert from 'node:assert/strict';

/** Required properties first, then the others that Strata writes, each with what it must be. */
type Shape = { required: Record<string, Kind>; optional?: Record<string, Kind> };
type Kind =
  | 'string'
  | 'integer'
  | 'boolean'
  | 'object'
  | 'uri'
  | readonly string[]
  | { one: string }
  | { list: string; least?: number; unique?: boolean };

/** The part of the schema (OASIS, sarif-schema-2.1.0) that a log of Strata needs; no object may have any other property. */
const shapes: Record<string, Shape> = {
  log: { required: { version: ['2.1.0'], runs: { list: 'run' } }, optional: { $schema: 'uri' } },
  run: {
    required: { tool: { one: 'tool' } },
    optional: {
      columnKind: ['utf16CodeUnits', 'unicodeCodePoints'],
      invocations: { list: 'invocation' },
      results: { list: 'result' },
    },
  },
  tool: { required: { driver: { one: 'driver' } } },
  driver: {
    required: { name: 'string' },
    optional: { semanticVersion: 'string', rules: { list: 'rule', unique: true } },
  },
  rule: {
    required: { id: 'string' },
    optional: {
      name: 'string',
      shortDescription: { one: 'text' },
      help: { one: 'text' },
      defaultConfiguration: { one: 'configuration' },
    },
  },
  text: { required: { text: 'string' } },
  configuration: { required: {}, optional: { level: ['none', 'note', 'warning', 'error'] } },
  invocation: {
    required: { executionSuccessful: 'boolean' },
    optional: { toolExecutionNotifications: { list: 'notification' } },
  },
  notification: {
    required: { message: { one: 'text' } },
    optional: { level: ['none', 'note', 'warning', 'error'] },
  },
  result: {
    required: { message: { one: 'text' } },
    optional: {
      ruleId: 'string',
      ruleIndex: 'integer',
      level: ['none', 'note', 'warning', 'error'],
      locations: { list: 'location' },
      relatedLocations: { list: 'location', unique: true },
      fixes: { list: 'fix', unique: true },
      partialFingerprints: 'object',
      properties: 'object',
    },
  },
  location: { required: {}, optional: { physicalLocation: { one: 'physical' }, message: { one: 'text' } } },
  physical: { required: {}, optional: { artifactLocation: { one: 'artifact' }, region: { one: 'region' } } },
  artifact: { required: {}, optional: { uri: 'uri', uriBaseId: 'string' } },
  region: {
    required: {},
    optional: { startLine: 'integer', startColumn: 'integer', endLine: 'integer', endColumn: 'integer' },
  },
  fix: {
    required: { artifactChanges: { list: 'change', least: 1, unique: true } },
    optional: { description: { one: 'text' }, properties: 'object' },
  },
  change: {
    required: { artifactLocation: { one: 'artifact' }, replacements: { list: 'replacement', least: 1 } },
  },
  replacement: {
    required: { deletedRegion: { one: 'region' } },
    optional: { insertedContent: { one: 'text' } },
  },
};

/** Holds a value against a shape by its name; `where` is told when it fails. */
export function checkShape(value: unknown, name: string, where: string): void {
  const { required, optional = {} } = shapes[name]!;
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), where);
  for (const key of Object.keys(required)) assert.ok(key in value, `${where} lacks ${key}`);
  for (const [key, one] of Object.entries(value)) {
    const kind = required[key] ?? optional[key];
    assert.ok(kind, `${where} has ${key}, which is none of ${name}`);
    checkKind(one, kind, `${where}.${key}`);
  }
}

function checkKind(value: unknown, kind: Kind, where: string): void {
  if (kind === 'uri') {
    assert.ok(typeof value === 'string', where);
    assert.match(value, /^(?:[\w.~:/?#@!$&'()*+,;=-]|%[\dA-F]{2})*$/, where);
    assert.doesNotThrow(() => new URL(value, 'file:///root/'), where);
  } else if (kind === 'integer') assert.ok(Number.isSafeInteger(value) && Number(value) >= 0, where);
  else if (typeof kind === 'string') assert.equal(typeof value, kind, where);
  else if ('one' in kind) checkShape(value, kind.one, where);
  else if ('list' in kind) {
    assert.ok(Array.isArray(value) && value.length >= (kind.least ?? 0), where);
    for (const [at, one] of value.entries()) checkShape(one, kind.list, `${where}[${at}]`);
    const texts = value.map((one) => JSON.stringify(one));
    if (kind.unique) assert.equal(new Set(texts).size, texts.length, `${where} has an item twice`);
  } else assert.ok(kind.includes(String(value)), `${where} is ${value}`);
}
