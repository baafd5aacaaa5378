// Configs as an attacker or a broken tool writes them.
import type { Outcome } from './hostileArchives';
import {
  all,
  bytes,
  type DocumentCase,
  historyTells,
  type Json,
  measured,
  namesNoLayers,
  noHistory,
  noObject,
  refused,
  tooDeep,
  with_,
} from './hostileDocument';

export const hostileConfigs: DocumentCase[] = [
  // The config, in every form
  ...(
    [
      ['is empty', () => bytes(''), noObject],
      ['is a list', () => bytes('[]'), noObject],
      ['is an empty object', () => bytes('{}'), namesNoLayers],
      ['nests 100,000 objects', () => tooDeep('{"a":', '}'), noObject],
      [
        'has no history',
        (c) => {
          delete c.history;
        },
        with_(noHistory),
      ],
      [
        'has an empty history',
        (c) => {
          c.history = [];
        },
        with_(noHistory),
      ],
      [
        'has a history of empty layers only',
        (c) => {
          c.history = [{ empty_layer: true }, { empty_layer: true }];
        },
        with_(historyTells),
      ],
      [
        'has too little history',
        (c) => {
          c.history = [{}];
        },
        with_(historyTells),
      ],
      [
        'has too much history',
        (c) => {
          c.history = [{}, {}, {}];
        },
        with_(historyTells),
      ],
      [
        'has a history that is no list',
        (c) => {
          c.history = { length: 2 };
        },
        with_(noHistory),
      ],
      [
        'has history entries that are none',
        (c) => {
          c.history = [null, 'x'];
        },
        with_(/entries that are no objects/),
      ],
      [
        'has 10,001 history entries',
        (c) => {
          c.history = Array.from({ length: 10_001 }, () => ({ empty_layer: true }));
        },
        with_(historyTells, /lists 10001 history entries; only the first 10000/),
      ],
      [
        'has history of markup, escapes and NULs',
        (c) => {
          c.history = [{ created_by: '<script>\u001b[2J\0' }, { created_by: '\u202e' }];
        },
        measured,
      ],
      [
        'has history that says yes in another way',
        (c) => {
          c.history = [{ empty_layer: 'true' }, { empty_layer: 1 }];
        },
        measured,
      ],
      [
        'has a history but no layers',
        (c) => {
          c.rootfs = { diff_ids: [] };
        },
        namesNoLayers,
      ],
      [
        'has no rootfs',
        (c) => {
          delete c.rootfs;
        },
        namesNoLayers,
      ],
      [
        'has DiffIDs that are none',
        (c) => {
          c.rootfs = { diff_ids: ['x', 'y'] };
        },
        namesNoLayers,
      ],
      [
        'has DiffIDs that cannot be texts',
        (c) => {
          c.rootfs = { diff_ids: [{ toString: 1, valueOf: 1 }, null] };
        },
        namesNoLayers,
      ],
      [
        'has one DiffID that is none',
        (c) => {
          (c.rootfs as { diff_ids: unknown[] }).diff_ids[1] = 7;
        },
        namesNoLayers,
      ],
      [
        'has one DiffID for both layers',
        (c) => {
          const ids = (c.rootfs as { diff_ids: unknown[] }).diff_ids;
          ids[1] = ids[0];
        },
        { unpacked: [1, 1], visible: 1, problems: [/Layer 1 .* the same DiffID as layer 0 and other bytes/] },
      ],
      [
        'has a DiffID too many',
        (c) => {
          (c.rootfs as { diff_ids: unknown[] }).diff_ids.push(`sha256:${'3'.repeat(64)}`);
        },
        {
          unpacked: [1, 2, null],
          visible: null,
          problems: [/lists 2 layers and the config 3/, historyTells, /Layer 2 .* does not hold its bytes/],
        },
      ],
      [
        'has a DiffID too few',
        (c) => {
          (c.rootfs as { diff_ids: unknown[] }).diff_ids.pop();
        },
        {
          unpacked: [1],
          visible: 1,
          problems: [/lists 2 layers and the config 1 layer; .*left out/, historyTells],
        },
      ],
      [
        'has no architecture',
        (c) => {
          delete c.architecture;
        },
        with_(/names no architecture/),
      ],
      [
        'has a platform of objects',
        (c) => {
          c.os = {};
          c.architecture = [];
          c.variant = 3;
        },
        with_(/names no architecture/),
      ],
      [
        'has a platform of markup',
        (c) => {
          c.os = '<b>';
          c.architecture = '../..';
        },
        measured,
      ],
      [
        'has settings of other types',
        (c) => {
          c.config = { WorkingDir: 1, User: {}, Env: 'A=B', OnBuild: [1, null] };
        },
        measured,
      ],
      [
        'has settings that are a list',
        (c) => {
          c.config = [];
        },
        measured,
      ],
      [
        'has keys of every object',
        (c) => {
          Object.assign(c, JSON.parse('{"__proto__":{"x":1},"constructor":2}'));
        },
        measured,
      ],
      [
        'has a megabyte of environment',
        (c) => {
          c.config = { Env: Array.from({ length: 10_000 }, () => `A=${'x'.repeat(100)}`) };
        },
        measured,
      ],
      [
        'is of 17 MiB',
        (c) => {
          c.padding = 'x'.repeat(17 * 2 ** 20);
        },
        refused(/too many for a manifest or a config/, 'hostile'),
      ],
    ] as [string, (config: Json) => unknown, Outcome][]
  ).map(([name, config, expect]) => ({
    name: `a config that ${name}`,
    forms: all,
    changes: { config },
    expect,
  })),
];
