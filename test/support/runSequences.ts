// Sequences of RUN steps for the proof of merging: shapes as they stand in real Dockerfiles, played with busybox, and
// sequences put together by a seeded generator from pieces that leak, fail, group and comment.
import { seededRandom } from './dockerfileMarkers';

/** Instructions below `FROM base` and `WORKDIR /w`, two RUNs at least. */
export interface Sequence {
  name: string;
  body: string;
}

const lines = (...steps: string[]) => steps.join('\n');

/** Shapes of real files; commands of package managers are played by files that they would leave. */
export const collected: readonly string[] = [
  lines(
    'RUN mkdir -p /var/lib/apt/lists && touch /var/lib/apt/lists/a',
    'RUN mkdir -p /usr/share/x && echo x > /usr/share/x/y',
    'RUN rm -rf /var/lib/apt/lists/*',
  ),
  lines(
    'RUN addgroup -S -g 200 svc && adduser -S -D -H -u 200 -G svc svc',
    'RUN mkdir /data && chown svc:svc /data',
  ),
  lines('RUN set -eux; mkdir a; echo 1 > a/b', 'RUN set -eux; chmod 700 a; ls -1 a > c'),
  lines('RUN set -ex; mkdir a; [ -d a ] && touch b', 'RUN set -ex; touch c'),
  lines('RUN set -ex; mkdir a; [ -d nowhere ] && touch b', 'RUN set -ex; touch c'),
  lines('RUN set -eux; cd /tmp; echo x > y', 'RUN set -eux; echo z > here'),
  lines('RUN cd /tmp && echo x > y', 'RUN pwd > where'),
  lines('RUN export A=1; echo $A > a', 'RUN echo "[$A]" > b'),
  lines('RUN A=1; B=2; echo $A$B > a; ', 'RUN echo "${A:-none}" > b'),
  lines('RUN umask 077 && touch secret', 'RUN touch open'),
  lines('RUN umask 077; touch secret', 'RUN touch open; umask > mask', 'RUN umask > mask2'),
  lines("RUN trap 'echo bye > bye' EXIT; echo hi > hi", 'RUN ls > list'),
  lines("RUN trap 'rm -f lock' EXIT; touch lock; echo a > a; false", 'RUN ls > list'),
  lines('RUN echo a > a', "RUN trap 'rm -f lock' EXIT; touch lock; ls > during", 'RUN ls > after'),
  lines('RUN exec touch a', 'RUN touch b'),
  lines('RUN exec > log; echo to log', 'RUN echo not to log; touch b'),
  lines(
    'RUN test -f nowhere || echo absent > a',
    'RUN test -f a || touch never',
    'RUN test -f never || touch c',
  ),
  lines('RUN test -f nowhere && touch a || true', 'RUN touch b'),
  lines('RUN false || false', 'RUN touch b'),
  lines('RUN false; touch a', 'RUN false; touch b', 'RUN touch c; false || true'),
  lines('RUN touch a; false', 'RUN touch b; true'),
  lines('RUN touch a', 'RUN false; touch b', 'RUN touch c; false'),
  lines('RUN exit 0; touch never', 'RUN touch b'),
  lines('RUN if [ ! -e a ]; then exit 0; fi; touch never', 'RUN touch b'),
  lines('RUN touch a; exit 3', 'RUN touch b'),
  lines('RUN cat nowhere | sort > a', 'RUN touch b'),
  lines('RUN false | true', 'RUN touch b'),
  lines('RUN for i in 1 2 3; do echo $i > f$i; done', 'RUN echo "[$i]" > i'),
  lines('RUN for i in 1 2 3; do [ $i = 2 ] && false; done', 'RUN touch b'),
  lines('RUN i=0; while [ $i -lt 3 ]; do touch w$i; i=$((i+1)); done', 'RUN ls | wc -l > /tmp/count'),
  lines('RUN case $(uname -s) in Linux) touch linux;; *) touch other;; esac', 'RUN touch b'),
  lines('RUN f() { touch $1; }; f a; f b', 'RUN f c || touch nof'),
  lines('RUN touch a # why a', 'RUN touch b # why b', 'RUN touch c # why c'),
  lines('RUN cd /tmp; touch a # leaves', 'RUN touch b # stays'),
  lines('RUN touch a', '# the second', '# of two lines', 'RUN touch b'),
  lines('RUN touch a \\', '    # inner', '    && touch b', '', 'RUN \\', '    # before', '    touch c'),
  lines('RUN touch a', 'LABEL a=b', 'EXPOSE 80', '# about b', 'RUN touch b', 'CMD ["x"]', 'RUN touch c'),
  lines('RUN ["/bin/touch", "a"]', 'RUN touch b'),
  lines(
    'RUN touch a',
    'RUN ["/bin/touch", "b c", "$HOME"]',
    'RUN ["/bin/sh", "-c", "echo $0 > zero; cd /"]',
    'RUN touch d',
  ),
  lines('RUN cat <<EOF > conf', 'a=$HOME', '# not a comment', 'EOF', 'RUN touch b'),
  lines('RUN cat <<EOF > conf && touch x', 'a', 'EOF', 'RUN cat <<"EOF" > conf2', 'b=$HOME', 'EOF'),
  lines('RUN touch a', 'RUN cat <<-EOF > conf', '\t\tone', '\tEOF', 'RUN touch b'),
  lines('RUN <<EOF', 'touch a', 'touch b', 'EOF', 'RUN <<EOF', 'touch c', 'EOF'),
  lines(
    'RUN <<EOF',
    'set -e',
    'touch a',
    'touch b',
    'EOF',
    '# and then',
    'RUN <<EOT',
    'set -e',
    'touch c',
    'false',
    'touch d',
    'EOT',
  ),
  lines('RUN <<EOF', 'set -e', 'touch a', 'EOF', 'RUN <<EOF', 'false', 'touch c', 'EOF'),
  lines(
    'RUN <<EOF',
    'false',
    'touch a',
    'cd /tmp',
    'EOF',
    'RUN <<EOF',
    'touch b',
    'exit 0',
    'EOF',
    'RUN <<EOF',
    'set -eu',
    'touch c',
    'EOF',
  ),
  lines('RUN <<EOF', 'touch a', 'false', 'EOF', 'RUN <<EOF', 'touch b', 'EOF'),
  lines(
    'RUN <<EOF',
    'if true; then',
    '  cat <<X > inner',
    'text',
    'X',
    'fi',
    'EOF',
    'RUN <<EOF',
    'cat <<Y > other',
    'text',
    'Y',
    'EOF',
  ),
  lines('RUN set -e; touch a; false; touch b', 'RUN touch c'),
  lines('RUN touch a', 'RUN set -e; touch b; false; touch c', 'RUN touch d'),
  lines('RUN touch a', 'RUN set -e; touch b; false || true; touch c', 'RUN touch d; false; touch e'),
  lines('RUN set -e && touch a && false', 'RUN touch b'),
  lines('RUN set -e; touch a; (false; touch b); touch c', 'RUN touch d'),
  lines('RUN set -u; touch a; echo ${nope:-x} > b', 'RUN echo "$nope" > c'),
  lines('RUN echo ": \\${x:=1}" > env.sh', 'RUN . ./env.sh; echo $x > a', 'RUN echo "[$x]" > b'),
  lines('RUN echo "set -e" > env.sh', 'RUN . ./env.sh; false; touch never', 'RUN touch b'),
  lines('RUN touch a', 'RUN eval "touch b; cd /"', 'RUN touch c'),
  lines(
    'RUN (cd /tmp && touch a); touch b',
    'RUN { touch c; touch d; }',
    'RUN ! false',
    'RUN ! test -f nowhere && touch e',
  ),
  lines(
    'RUN touch run.sh && chmod 755 run.sh',
    'RUN ln -s run.sh link && chown -h 1000:1000 link',
    'RUN mv link moved; sed -i s/a/b/ run.sh',
  ),
  lines('RUN find / -xdev -name passwd > found', 'RUN find . -name found -exec chmod 600 {} +'),
  lines('RUN mkdir -p d/e && echo 1 > d/e/f', 'RUN rm -rf d && mkdir d && echo 2 > d/g', 'RUN mv d h'),
  lines(
    'RUN --mount=type=cache,target=/cache touch /cache/x && touch a',
    'RUN --mount=type=cache,target=/cache ls /cache > b',
  ),
  lines(
    'RUN --mount=type=bind,from=base,source=/etc,target=/mnt/base cat /mnt/base/group > a',
    'RUN touch /w/b',
  ),
  lines('RUN --network=none touch a', 'RUN --network=none touch b; false; true'),
  lines(
    'RUN printf "%s\\n" a b | while read x; do echo $x > $x.txt; done',
    'RUN read x < a.txt; echo $x > c',
    'RUN echo "[$x]" > d',
  ),
  lines("RUN echo 'it''s' \\; > 'q u'; echo \"a;b\" >> 'q u'", 'RUN cat q\\ u | tr a-z A-Z > u'),
  lines(
    'RUN mkdir -p /opt/bin && printf "#!/bin/sh\\necho one" > /usr/bin/tool && chmod 755 /usr/bin/tool && tool > a',
    'RUN mkdir -p /usr/sbin; mv /usr/bin/tool /bin/tool && tool > b',
    'RUN tool > c',
  ),
  lines('RUN ulimit -n 100; ulimit -n > a', 'RUN ulimit -n > b || true; test $(cat b) -gt 100'),
  lines('RUN wc -c < /dev/null > a;', 'RUN touch b;', 'RUN touch c;'),
  lines('SHELL ["/bin/sh", "-e", "-c"]', 'RUN touch a; false; touch b', 'RUN touch c'),
  lines(
    'SHELL ["/bin/sh", "-eo", "pipefail", "-c"]',
    'RUN touch a; touch b',
    'RUN cd /tmp; touch c',
    'RUN touch d; test -f nowhere && false; touch e',
  ),
  lines('SHELL ["/bin/sh", "-o", "pipefail", "-c"]', 'RUN false | true; touch a', 'RUN touch b'),
  lines('SHELL ["/bin/sh", "-o", "pipefail", "-c"]', 'RUN touch a', 'RUN false | true'),
  lines("RUN trap 'exit 0' EXIT; touch a; false", 'RUN ls > list'),
  lines("RUN set -e; trap 'echo $? > status' EXIT; false; touch never", 'RUN touch b'),
  lines(
    'RUN cd /tmp && cat <<EOF > x',
    'a',
    'EOF',
    'RUN cat <<EOF > y; touch z',
    'b',
    'EOF',
    'RUN pwd > where; ls > list',
  ),
  lines('RUN set -e; cat <<EOF > x', 'a $(false; echo b)', 'EOF', 'RUN set -e; touch y; cat x > z'),
  lines('RUN exec 3> three; echo x >&3', 'RUN echo y >&3 || echo closed > four'),
  lines('RUN set -- p q; echo $1 > one', 'RUN echo "[$1]" > two'),
  lines('RUN command -v nowhere > found || touch a', 'RUN command -v cat > found2'),
  lines('RUN touch a; test $? -eq 0 && touch b', 'RUN echo $? > status'),
  lines(
    'RUN IFS=:; set -- a:b; for i in $1; do touch "$i"; done',
    'RUN x=a:b; for i in $x; do touch "1$i"; done',
  ),
  lines('RUN cd nowhere || exit 0; touch a', 'RUN cd nowhere && touch a; touch b'),
  lines('RUN set -o pipefail; false | true; touch a', 'RUN false | true; touch b'),
  lines('RUN set -eo pipefail; false | true; touch a', 'RUN touch b'),
  lines('RUN touch a', 'RUN set -eo pipefail; false | true; touch c'),
  lines('RUN set -e; if false; then touch a; fi; while false; do true; done', 'RUN set -e; touch b'),
  lines('RUN set -e; for i in 1 2; do test $i = 1; done', 'RUN set -e; touch b'),
  lines(
    'RUN set -e; f() { false; touch in; }; f || touch a',
    'RUN set -e; f() { false; touch in2; }; f; touch b',
  ),
  lines('RUN x=$(false) && touch a; touch b', 'RUN x=$(false); touch c'),
  lines('RUN set -e; x=$(false; echo y); echo $x > a', 'RUN touch b'),
  lines('RUN { false; } && touch a || touch b', 'RUN touch c && { false || touch d; }'),
  lines('RUN (exit 3)', 'RUN touch b'),
  lines('RUN (exit 0); (exit 4)', 'RUN touch b'),
  lines('RUN su app -s /bin/sh -c "id -u" > who', 'RUN id -u > who2; chown app who'),
  lines('USER app', 'RUN cd /tmp && id -un > who', 'RUN cd /home/app; pwd > where && chmod 600 where'),
  lines('RUN touch "a b" c; rm -f c; mv "a b" "d e"', 'RUN chmod 4755 "d e" && mkdir -m 1777 s'),
  lines('RUN mkdir sub', 'RUN cd sub && touch a && cd .. && rm -rf sub', 'RUN pwd > b; ls > c'),
  lines('RUN sleep 0 & wait', 'RUN touch b'),
  lines('RUN echo $$ > a', 'RUN touch b'),
  lines('RUN touch a && ln a b', 'RUN chmod 600 a'),
];

const heads = [
  ...[
    'touch a',
    'echo $A >> log',
    'echo "$B-$i" >> log',
    'pwd >> log',
    'umask >> log',
    'test -f a',
    'mkdir -p d/e',
    'cd d',
    'cd /tmp',
  ],
  ...[
    'false',
    'true',
    'export A=7',
    'B=8',
    'A=9 sh -c "echo in $A" >> log',
    'umask 027',
    'set -e',
    'set -u',
    'set +e',
    'set -f',
    'set -ex',
  ],
  ...[
    'exit 0',
    'exit 4',
    '! false',
    '! true',
    '(cd /tmp; B=5; touch s)',
    '{ echo g; B=6; } >> log',
    'rm -f a',
    'rm -rf d',
    'mv a c',
    'ln -s a l',
  ],
  ...[
    'for i in 1 2; do echo $i >> log; done',
    'if test -f a; then echo y >> log; else echo n >> log; fi',
    'f() { echo f$1 >> log; false; }',
    'f 1',
    'f 2 || true',
  ],
  ...[
    "trap 'echo t >> log' EXIT",
    'echo "*" *.z >> log',
    'chmod 640 log',
    'echo x | sed s/x/y/ >> log',
    'false | cat',
    'cat nowhere',
    'test -d d && echo d >> log',
  ],
  ...[
    'echo ${A:=4} >> log',
    'echo $((j = 3)) >> log',
    'exec >> log',
    'case $A in 7) echo seven >> log;; *) echo other >> log;; esac',
    'x=$(false; echo x); echo $x >> log',
  ],
  ...[
    'chown 1000:1000 log',
    'find . -type f | sort >> log',
    'echo q\\ r "a;b" \'c#d\' >> log',
    'echo e >> log # note',
    'eval "B=3; false"',
    'while false; do true; done',
    'read B < log',
  ],
];
const joints = ['; ', '; ', ' && ', ' && ', ' && ', ' || '];
const shells = [
  '',
  '',
  '',
  '',
  '["/bin/sh", "-e", "-c"]',
  '["/bin/sh", "-eu", "-c"]',
  '["/bin/sh", "-eo", "pipefail", "-c"]',
];

/** `count` sequences; the same for the same seed. */
export function generated(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const text = (joint: () => string, least: number) => {
    let result = random() < 0.12 ? 'set -e; ' : '';
    for (let i = least + Math.floor(random() * 3); i > 0; i--) {
      const piece = pick(heads);
      result += piece;
      if (i > 1 && !piece.includes('#')) result += joint();
      else break;
    }
    return result;
  };
  return Array.from({ length: count }, () => {
    const scripts = random() < 0.2;
    const shell = pick(shells);
    const steps = Array.from({ length: 2 + Math.floor(random() * 3) }, (_, i) => {
      const gap =
        i > 0 && random() < 0.15 ? pick(['# a comment\n', 'LABEL a=b\n', '\n', 'CMD true\n# on\n']) : '';
      if (scripts) {
        const only = text(() => pick(['\n', '\n', ' && ']), 1);
        return `${gap}RUN <<EOF\n${only}\nEOF`;
      }
      return `${gap}RUN ${text(() => (random() < 0.1 ? ' \\\n    && ' : pick(joints)), 1)}`;
    });
    // A first step that writes, so that most sequences have something to compare.
    return [...(shell ? [`SHELL ${shell}`] : []), ...(scripts ? [] : ['RUN touch log']), ...steps].join('\n');
  });
}
