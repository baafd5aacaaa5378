// The texts are those of real builders: see test/fixtures/mapping for whole histories.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BuildRules } from '../../../server/src/build/model';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { parseDockerfile } from '../../../server/src/dockerfile/parse';
import { chainOf } from '../../../server/src/mapping/chain';
import { entryFits, rulesOfHistory } from '../../../server/src/mapping/historyText';
import { historyTexts } from '../../../server/src/mapping/historyTexts';

/** Whether the last instruction of a stage can have an entry. */
function checkEntry(
  rules: BuildRules,
  lines: string,
  createdBy: string,
  fit: 'yes' | 'maybe' | 'no',
  from = 'FROM base',
  buildArgs: Record<string, string> = {},
) {
  const dockerfile = parseDockerfile(`${from}\n${lines}\n`);
  const choice = { ...defaultChoice, buildArgs };
  const chain = chainOf(dockerfile, choice, rules);
  const texts = historyTexts(dockerfile, chain, choice, rules).at(-1)!;
  const comment = { buildkit: 'buildkit.dockerfile.v0', classic: '', buildah: 'FROM 0123456789ab' }[rules];
  assert.equal(entryFits({ createdBy, comment }, texts, rules), fit, JSON.stringify(texts));
}

describe('history of BuildKit', () => {
  const check = (lines: string, createdBy: string, fit: 'yes' | 'maybe' | 'no' = 'yes', from?: string) =>
    checkEntry('buildkit', lines, createdBy, fit, from);

  test('RUN is the shell and the text as it is joined', () => {
    check('RUN a \\\n  # why\n   b', 'RUN /bin/sh -c a    b # buildkit');
    check('run a', 'RUN /bin/sh -c a # buildkit');
    check('RUN a', 'RUN /bin/sh -c a', 'no');
    check('RUN a', 'RUN /bin/sh -c b # buildkit', 'no');
    check('RUN ["a", "b c"]', 'RUN a b c # buildkit');
    check('RUN --mount=type=cache,target=/c a', 'RUN /bin/sh -c a # buildkit');
    check('SHELL ["/bin/bash", "-c"]\nRUN a', 'RUN /bin/bash -c a # buildkit');
    // The base may have set another shell; scratch cannot.
    check('RUN a', 'RUN /bin/bash -c a # buildkit', 'maybe');
    check('RUN a', 'RUN /bin/bash -c a # buildkit', 'no', 'FROM scratch');
  });

  test('RUN begins with the ARGs so far and their values', () => {
    check('ARG A=1\nARG B=$A\nENV A=2\nRUN x', 'RUN |2 A=2 B=1 /bin/sh -c x # buildkit');
    check('ARG A=1\nARG A=2\nRUN x', 'RUN |1 A=2 /bin/sh -c x # buildkit');
    // BuildKit 0.8.
    check('ARG A=1\nARG A=2\nRUN x', 'RUN |2 A=2 A=2 /bin/sh -c x # buildkit');
    check('ARG A=1\nRUN x', 'RUN |1 A=2 /bin/sh -c x # buildkit', 'no');
    check('ARG A\nRUN x', 'RUN |1 A= /bin/sh -c x # buildkit', 'maybe');
    check('ARG A\nRUN x', 'RUN |1 A= /bin/sh -c x # buildkit', 'yes', 'FROM scratch');
    check('ARG TARGETARCH\nRUN x', 'RUN |1 TARGETARCH=arm64 /bin/sh -c x # buildkit', 'maybe');
    checkEntry('buildkit', 'ARG A=1\nRUN x', 'RUN |1 A=p q /bin/sh -c x # buildkit', 'yes', undefined, {
      A: 'p q',
    });
  });

  test('documents stand in the text as the shell gets them', () => {
    check('RUN <<EOF\na\n\tb\nEOF', 'RUN /bin/sh -c a\n\tb\n # buildkit');
    check('RUN <<-EOF\n\ta\n\tEOF', 'RUN /bin/sh -c a\n # buildkit');
    check('RUN cat <<-A <<B\n\ta\n\tA\nb\nB', 'RUN /bin/sh -c cat <<-A <<B\n\ta\nA\nb\nB # buildkit');
    check('RUN <<EOF\n#!/bin/sh\na\nEOF', 'RUN /bin/sh -c /dev/pipes/EOF # buildkit');
    check('COPY <<a.txt b /d/\nx\na.txt', 'COPY b <<a.txt /d/ # buildkit');
  });

  test('COPY has its words expanded, and only some of its flags', () => {
    check('ENV D=/x\nCOPY --from=y --link a "b" $D/z', 'COPY a b /x/z # buildkit');
    check('COPY --chown=1:1 --chmod=644 a /b', 'COPY --chown=1:1 --chmod=644 a /b # buildkit');
    check('COPY --chown=1:1 a /b', 'COPY a /b # buildkit');
    check('COPY a $UNKNOWN/b', 'COPY a /anything/b # buildkit', 'maybe');
    check('COPY a $UNKNOWN/b', 'COPY a /b # buildkit', 'yes', 'FROM scratch');
    check('ADD ["a b", "/c d"]', 'ADD a b /c d # buildkit');
    check('COPY a /b', 'ADD a /b # buildkit', 'no');
  });

  test('WORKDIR is the whole path', () => {
    check('WORKDIR /a\nWORKDIR b/../c/', 'WORKDIR /a/c');
    check('WORKDIR c', 'WORKDIR /of/base/c', 'maybe');
    check('WORKDIR c', 'WORKDIR /of/base/d', 'no');
    check('WORKDIR /a', 'WORKDIR /a # buildkit', 'no');
  });

  test('what makes no layer', () => {
    check('ENV A=1 B="x y"', 'ENV A=1 B=x y');
    check('ENV A x  y', 'ENV A=x  y');
    check('LABEL a="b c"', 'LABEL a=b c');
    check('ARG A=1 B', 'ARG A=1 B');
    check('ARG A=1 B', 'ARG A=1 B=of-base', 'maybe');
    check('CMD ["a", "b\\"c"]', 'CMD ["a" "b\\"c"]');
    check('CMD a b', 'CMD ["/bin/sh" "-c" "a b"]');
    check('EXPOSE 80 81/udp', 'EXPOSE [80/tcp 81/udp]', 'maybe');
    check('EXPOSE 80', 'EXPOSE map[80/tcp:{}]', 'maybe');
    check('VOLUME /a /b', 'VOLUME [/a /b]');
    check('USER a', 'USER a');
    check('SHELL ["a", "b"]', 'SHELL [a b]');
    check('HEALTHCHECK CMD x', 'HEALTHCHECK {Test:[CMD-SHELL x] Interval:0s}', 'maybe');
  });

  test('an entry without its mark is of another builder', () => {
    const dockerfile = parseDockerfile('FROM a\nUSER x\n');
    const chain = chainOf(dockerfile, defaultChoice, 'buildkit');
    const texts = historyTexts(dockerfile, chain, defaultChoice, 'buildkit').at(-1)!;
    assert.equal(entryFits({ createdBy: 'USER x', comment: '' }, texts, 'buildkit'), 'no');
  });
});

describe('history of the classic builder', () => {
  const check = (lines: string, createdBy: string, fit: 'yes' | 'maybe' | 'no' = 'yes', from?: string) =>
    checkEntry('classic', lines, createdBy, fit, from);

  test('RUN is the bare command, after the sorted ARGs of its stage', () => {
    check('RUN a', '/bin/sh -c a', 'yes');
    check('ARG Z=1\nARG A=2\nRUN x', '|2 A=2 Z=1 /bin/sh -c x', 'maybe');
    check('ARG Z=1\nARG A=2\nRUN x', '|2 A=2 Z=1 /bin/sh -c x', 'yes', 'FROM scratch');
    check('ARG A=1\nENV A=2\nRUN x', '/bin/sh -c x');
    check('RUN x', '|0 /bin/sh -c x', 'maybe');
    check('RUN ["a", "b"]', 'a b');
  });

  test('all others are comments with one blank or two', () => {
    const hash = `file:${'0'.repeat(64)}`;
    check('COPY a /b', `/bin/sh -c #(nop) COPY ${hash} in /b `, 'maybe');
    check('COPY --chown=x a /b', `/bin/sh -c #(nop) COPY --chown=x${hash} in /b `, 'maybe');
    check('COPY --chown=x a /b', `/bin/sh -c #(nop) COPY --chown=x ${hash} in /b `, 'maybe');
    check('COPY a /b', `/bin/sh -c #(nop) COPY ${hash} in /c `, 'no');
    check('WORKDIR /a', '/bin/sh -c #(nop) WORKDIR /a');
    check('ENV A=1', '/bin/sh -c #(nop)  ENV A=1');
    check('EXPOSE 80 81', '/bin/sh -c #(nop)  EXPOSE 80 81');
    check('CMD ["a"]', '/bin/sh -c #(nop)  CMD ["a"]');
    check('ONBUILD RUN x', '/bin/sh -c #(nop)  ONBUILD RUN x');
    check('SHELL ["/bin/bash", "-c"]\nUSER x', '/bin/bash -c #(nop)  USER x');
    checkEntry('classic', 'ARG A=1', '/bin/sh -c #(nop)  ARG A=1', 'yes', undefined, { A: '2' });
  });
});

describe('history of buildah', () => {
  test('is the line as written', () => {
    const check = (lines: string, createdBy: string, fit: 'yes' | 'maybe' | 'no' = 'yes') =>
      checkEntry('buildah', lines, createdBy, fit);
    check('RUN --mount=type=tmpfs,target=/t a $B', '/bin/sh -c --mount=type=tmpfs,target=/t a $B');
    check('ARG B=1\nRUN a', '|1 B=1 /bin/sh -c a', 'maybe');
    check('RUN ["a","b"]', '/bin/sh -c ["a","b"]');
    check('cmd ["a","b"]', '/bin/sh -c #(nop) cmd ["a","b"]');
    check('ENV A=$B', '/bin/sh -c #(nop) ENV A=$B');
    check('ARG B=1\nARG A', '/bin/sh -c #(nop) ARG A B');
    check('COPY a /b', `/bin/sh -c #(nop) COPY file:${'0'.repeat(64)} in /b      `, 'maybe');
  });
});

test('a history tells who wrote it', () => {
  const rules = (...entries: [string, string][]) =>
    rulesOfHistory(entries.map(([createdBy, comment]) => ({ createdBy, comment })));
  assert.equal(rules(['x', ''], ['USER a', 'buildkit.dockerfile.v0']), 'buildkit');
  assert.equal(rules(['/bin/sh -c #(nop)  CMD ["a"]', '']), 'classic');
  assert.equal(rules(['/bin/sh -c #(nop)  ENV A=1', ''], ['/bin/sh -c a', '']), 'classic');
  assert.equal(rules(['/bin/sh -c #(nop) CMD ["a"]', '']), 'buildah');
  assert.equal(rules(['/bin/sh -c a', 'FROM 0123456789ab']), 'buildah');
  assert.equal(rules(['', 'Imported from -']), null);
  assert.equal(rules(), null);
});
