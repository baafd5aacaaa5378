// Texts as somebody leaves them who types, and what a build that never was would tell of them: measures that rules listen
// to, and builds of which each changed something. All of it is the same for a seed.
import type { Knowledge } from '../../server/src/analysis/knowledge';
import { pastBuilds } from '../../server/src/analysis/pastBuilds';
import { parseDockerfile } from '../../server/src/dockerfile/parse';
import { type CacheHistory, cacheHistory } from '../../server/src/forecast/cacheHistory';
import type { DepositKind, MeasuredImage } from '../../server/src/image/model';
import { sampleRecord } from '../unit/build/sampleRecord';
import type { RandomBelow } from './random';
import { type PastLiteral, recordsOf } from './recordedBuilds';

export const pick = <T>(list: readonly T[], random: RandomBelow): T => list[random(list.length)]!;

const pieces = [
  ...[
    'RUN apt-get update && apt-get install -y git',
    'RUN rm -rf /tmp/a',
    'RUN set -e; make',
    'RUN <<E\nmake\nE',
  ],
  ...[
    'COPY . .\nRUN npm ci',
    'COPY a /srv/a\nRUN apk add git\nRUN make',
    'COPY a /srv/a\nRUN chmod 755 /srv/a',
  ],
  ...[
    'ARG A\nRUN make\nRUN echo $A',
    'LABEL a=b',
    'WORKDIR /srv',
    'FROM base:1 AS b',
    '# note',
    '# escape=`',
  ],
  ...[
    '# strata: ignore=layerlimit\nRUN a',
    '  && more',
    '&& more \\',
    '\\',
    '"',
    '<<E',
    '\t',
    '😀',
    '\uFEFF',
    '',
  ],
];

/** A text as somebody leaves it who types: lines put in, taken out, cut and doubled. */
export function edited(text: string, random: RandomBelow): string {
  const lines = text.split(/\r?\n/);
  for (let n = random(5); n > 0; n--) {
    const at = random(lines.length + 1);
    const line = lines[at] ?? '';
    switch (random(5)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, line);
        break;
      case 2:
        lines[at] = line.slice(0, random(line.length + 1));
        break;
      default:
        lines.splice(at, 0, ...pick(pieces, random).split('\n'));
    }
  }
  return lines.join(random(4) === 0 ? '\r\n' : '\n');
}

const kinds: DepositKind[] = ['apt-lists', 'apt-cache', 'pip', 'npm', 'yarn', 'go-mod', 'git', 'maven'];
const places = ['tmp/a', 'srv/a', 'srv/.git', 'root/.cache/pip', 'srv/[x](y)/{0}', 'a b', '\u202e'];

/** Measures that say of some lines whatever rules listen to. */
export function measured(text: string, random: RandomBelow): Knowledge {
  const built = parseDockerfile(text);
  const writers = built.instructions.filter(({ keyword }) => /^(?:RUN|COPY|ADD|WORKDIR)$/.test(keyword));
  const count = writers.length;
  const layer = () => random(Math.max(1, count));
  const several = <T>(make: () => T): T[] => Array.from({ length: random(4) }, make);
  const bytes = () => pick([0, 1, 99_999, 200_000, 2_000_000], random);
  const base = sampleRecord().image!;
  const image: MeasuredImage = {
    ...base,
    layers: writers.map((_, index) => ({ ...base.layers[0]!, index, unpackedBytes: bytes() })),
    hidden: several(() => ({
      ...{
        writtenBy: layer(),
        hiddenBy: layer(),
        bytes: bytes(),
        files: 1 + random(3),
        special: random(4) === 0,
      },
      how: pick(['overwritten', 'deleted', 'copied-up'] as const, random),
      places: [{ path: pick(places, random), bytes: 1 }],
    })),
    deposits: several(() => {
      const size = bytes();
      return {
        ...{ kind: pick(kinds, random), layer: layer(), path: pick(places, random), bytes: size, files: 1 },
        ...{ visibleBytes: size, uid: random(2) * 1000 },
      };
    }),
    duplicates: several(() => ({
      ...{ bytes: bytes(), count: 2 },
      copies: [0, 1].map(() => ({ layer: layer(), path: pick(places, random) })),
    })),
    waste: several(() => ({
      ...{ path: 'a', bytes: bytes(), writtenBy: layer(), hiddenBy: layer(), how: 'deleted' as const },
    })),
  };
  const lines = built.instructions.map(({ index }) => {
    const own = writers.findIndex((one) => one.index === index);
    return {
      ...{ instruction: index, layers: own < 0 ? [] : [own], evidence: 'steps' as const, why: null },
      ...{ cache: pick(['hit', 'miss'] as const, random), durationMs: random(20_000), error: null },
    };
  });
  const mapping = { lines, baseLayers: [], unmapped: [], disagreements: [] };
  return { record: null, image: count > 0 ? image : null, built, mapping, rules: 'buildkit' };
}

/** Builds of the text whose files, arguments and bases are never the same. */
export function history(text: string, random: RandomBelow): CacheHistory {
  const { instructions } = parseDockerfile(text);
  const lines = instructions
    .filter(({ keyword }) => /^(?:RUN|COPY|ADD)$/.test(keyword))
    .map(({ line }) => line);
  const changing = random(3);
  const builds = Array.from({ length: 7 }, (_, at): PastLiteral => {
    const files = lines.map((line) => [line, changing === 0 ? String(at) : 'the same'] as const);
    return {
      ...{ text, files: Object.fromEntries(files), args: { A: changing === 1 ? String(at) : '' } },
      ran: Object.fromEntries(lines.map((line) => [line, 5_000])),
      bases: Object.fromEntries(
        ['base', 'base:1', 'alpine'].map((name) => [name, String(changing === 2 ? at : 0)]),
      ),
    };
  });
  return cacheHistory(pastBuilds(recordsOf(builds)));
}
