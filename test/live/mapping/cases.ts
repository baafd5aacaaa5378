// The table of the mapping tests: Dockerfiles that mark their own layers. How marks are read: ../mapping.test.ts.
import { trapCases } from './trapCases';

export interface MappingCase {
  name: string;
  dockerfile: string;
  /** Base images that are built first, by name, each from a Dockerfile on `base`. */
  bases?: Record<string, string>;
  /** Builders that can build it; by default all. */
  only?: ('buildx' | 'engine' | 'podman')[];
  notClassic?: true;
  /** The classic builder of a current Engine has cases of its own: ../currentEngine.test.ts says what it does. */
  notCurrentClassic?: true;
  target?: string;
  /** `{base}`: the base image as this builder calls it. */
  buildArgs?: Record<string, string>;
  extraArguments?: string[];
  /** It declares ONBUILD, which buildah carries out in images of Docker's format alone. */
  hasTriggers?: true;
  /** What this source alone leaves unknown, and why; lines as text. */
  historyLeaves?: { lines: string[]; why: string };
  stepsLeave?: { lines: string[]; why: string };
}

const plainCases: MappingCase[] = [
  {
    name: 'identical lines',
    dockerfile: `FROM base
RUN echo x >> /same
#= same=x\\n
RUN echo x >> /same
#= same=x\\nx\\n
LABEL a=b
RUN echo x >> /same
#= same=x\\nx\\nx\\n
`,
  },
  {
    name: 'continuations, with comments and blank lines within',
    dockerfile: `FROM base
RUN mkdir -p /m && \\
    # a comment
    echo two > /m/two && \\

      echo three   >   /m/three
#= m/two
run echo "after  four" > /m/after ; \\
\ttrue
#= m/after
`,
  },
  {
    name: 'heredocs of RUN and COPY',
    only: ['buildx'],
    dockerfile: `FROM base
RUN <<EOF
set -e
# a comment in the shell
echo one > /h1
EOF
#= h1
RUN <<-TABS
\techo two > /h2
\t\ttrue
\tTABS
#= h2
RUN cat <<ONE > /h3 && cat <<-TWO > /h4
in one
ONE
\tin two
\tTWO
#= h3
RUN <<SCRIPT
#!/bin/sh
echo script > /h5
SCRIPT
#= h5
COPY <<a.txt <<"b.txt" package.txt /copied/
in a $PATH
a.txt
in b $PATH
b.txt
#= copied/b.txt
RUN sh <<'QUOTED'
echo quoted $$ > /h6
QUOTED
#= h6
`,
  },
  {
    name: 'a stage that does not ship, one that is not built, and a shared beginning',
    dockerfile: `FROM base AS build
WORKDIR /work
RUN echo built > /work/out
FROM base AS docs
WORKDIR /work
RUN echo docs > /docs
FROM base
LABEL product=yes
WORKDIR /work
#= (layer)
COPY --from=build /work/out /work/product
#= work/product
RUN echo last > /last
#= last
`,
  },
  {
    name: 'two stages that begin alike and go on differently',
    dockerfile: `FROM base AS one
ENV A=1
WORKDIR /srv
RUN echo both > /srv/both
RUN echo one > /srv/one
FROM base AS two
ENV A=1
WORKDIR /srv
#= (layer)
RUN echo both > /srv/both
#= srv/both
COPY --from=one /srv/one /srv/from-one
#= srv/from-one
`,
  },
  {
    name: 'WORKDIR to all kinds of places, and equal empty layers',
    dockerfile: `FROM base
WORKDIR /
WORKDIR /tmp
#= buildkit: (layer)
WORKDIR /new
#= (layer)
WORKDIR sub/../sub/
#= (layer)
RUN true
#= buildkit: (layer)
RUN echo m > marker1
#= new/sub/marker1
WORKDIR ../..
RUN true
#= buildkit: (layer)
RUN true
#= buildkit: (layer)
RUN echo m > marker2
#= marker2
RUN true
#= buildkit: (layer)
`,
  },
  {
    name: 'WORKDIR on variables of the base image',
    bases: { withdirs: 'FROM base\nENV TOP=/ DIR=/srv\nWORKDIR /home\n' },
    dockerfile: `FROM withdirs
WORKDIR $TOP
RUN echo a > a1
#= a1
WORKDIR \${DIR}/x
#= (layer)
RUN echo b > b1
#= srv/x/b1
WORKDIR ..
#= buildkit: (layer)
RUN echo c > c1
#= srv/c1
`,
  },
  {
    name: 'ARG and ENV in the texts',
    buildArgs: { PASSED: 'p q', A: 'outer' },
    dockerfile: `ARG GLOBAL=g
ARG UNUSED=u
FROM base
ARG GLOBAL
ARG NODEFAULT
ARG PASSED=no
ARG A=1 B
ARG TARGETARCH
ENV E=pack P=$A/x Q="two words" R='$A'
ENV OLD old form  value
LABEL one=$A two="a b" three=$NOTHING
RUN echo $A >> /list
#= list=outer\\n
ARG A=2
RUN echo $A >> /list
#= list=outer\\nouter\\n
ENV A=3
RUN echo $A >> /list
#= list=outer\\nouter\\n3\\n
COPY \${E}age.txt /dest-$GLOBAL/
#= dest-g/package.txt
WORKDIR /w/$A
#= (layer)
RUN ["sh", "-c", "echo exec > /exec"]
#= exec
USER app
USER root
RUN echo \\$A "$A" '$A' \`true\` > /quotes
#= quotes
`,
  },
  {
    name: 'COPY --link',
    only: ['buildx'],
    dockerfile: `FROM base AS src
RUN echo s > /s
FROM base
COPY --link package.txt /l1
#= l1
RUN echo between > /between
#= between
COPY --link --from=src /s /l2
#= l2
COPY --link --chown=1000:1000 package.txt app.txt /l3/
#= l3/app.txt
COPY --link --chmod=600 package.txt /l4
#= l4
ADD --link app.txt /l5
#= l5
`,
  },
  {
    name: 'COPY --link on scratch',
    only: ['buildx'],
    dockerfile: `FROM scratch
COPY --link package.txt /l1
#= l1
COPY --link app.txt /l2
#= l2
WORKDIR /dir
#= (layer)
`,
  },
  {
    name: 'ADD of archives and files',
    dockerfile: `FROM base
ADD files.tar /unpacked/
#= unpacked/inside.txt
ADD files.tar.gz package.txt /more/
#= more/inside.txt
COPY files.tar /kept.tar
#= kept.tar
COPY ["with blank.txt", "/blank name"]
#= blank name
ADD *.txt /all/
#= all/app.txt
`,
  },
  {
    name: 'ONBUILD in the base',
    hasTriggers: true,
    bases: {
      triggers: `FROM base
RUN echo own > /own-of-base
ONBUILD ENV FIRED=1
ONBUILD RUN echo one > /trigger1
ONBUILD COPY package.txt /trigger2
ONBUILD LABEL fired=yes
ONBUILD WORKDIR /
`,
    },
    dockerfile: `FROM triggers
#= trigger1
#= trigger2
RUN echo x > /own1
#= own1
RUN echo x > /own2
#= own2
`,
    historyLeaves: { lines: ['FROM triggers'], why: 'triggers look like the base' },
  },
  {
    name: 'ONBUILD in the base and nothing else that makes a layer',
    hasTriggers: true,
    bases: { trigger: 'FROM base\nONBUILD RUN echo one > /trigger1\n' },
    dockerfile: `FROM trigger
#= trigger1
LABEL a=b
CMD ["true"]
`,
    historyLeaves: { lines: ['FROM trigger'], why: 'triggers look like the base' },
  },
  {
    name: 'ONBUILD within the file',
    hasTriggers: true,
    dockerfile: `FROM base AS parent
RUN echo p > /parent
#= parent
ONBUILD RUN echo t > /trigger
ONBUILD WORKDIR /
FROM parent AS child
#= trigger
RUN echo c > /child
#= child
FROM child
RUN echo g > /grandchild
#= grandchild
`,
  },
  {
    name: 'everything that makes no layer',
    notCurrentClassic: true,
    dockerfile: `FROM base
MAINTAINER Some One <some@one.example>
EXPOSE 80 443/udp 8000-8002
VOLUME /data /more
VOLUME ["/json data"]
USER app
STOPSIGNAL SIGTERM
RUN echo one > /tmp/one
#= tmp/one
SHELL ["/bin/sh", "-e", "-c"]
RUN echo two > /tmp/two
#= tmp/two
HEALTHCHECK --interval=5s CMD true
HEALTHCHECK NONE
ENTRYPOINT echo "entry"
ENTRYPOINT ["/bin/echo", "a \\"quote\\""]
CMD echo shell form
CMD ["exec", "form"]
LABEL after=run
ONBUILD RUN true
`,
  },
  {
    name: 'LABEL after RUN',
    dockerfile: `FROM base
RUN echo one > /one
#= one
LABEL a=b
LABEL a=b
RUN echo two > /two
#= two
LABEL c="d e" f=g
`,
  },
  {
    name: 'stages built on stages',
    dockerfile: `FROM base AS first
ARG V=1
RUN echo 1 > /first
#= first
FROM first AS second
ENV W=2
RUN echo 2 > /second
#= second
FROM base AS aside
COPY --from=second /second /aside
FROM second
COPY --from=aside /aside /third
#= third
RUN echo $V$W > /fourth
#= fourth
`,
  },
  {
    name: 'scratch',
    dockerfile: `FROM scratch
LABEL a=b
COPY package.txt /a1
#= a1
ADD files.tar /
#= inside.txt
COPY app.txt /a2
#= a2
CMD ["/a1"]
`,
  },
  {
    name: 'a target in the middle',
    target: 'Middle',
    dockerfile: `ARG TAG=x
FROM base AS other
RUN echo o > /other
FROM base AS middle
RUN echo m > /middle
#= middle
COPY --from=0 /other /copied
#= copied
FROM middle
RUN echo never > /never
`,
  },
  {
    name: 'one stage that copies from an image',
    dockerfile: `FROM base AS only
RUN echo a > /a1
#= a1
COPY --from=base /etc/passwd /copied
#= copied
RUN echo b > /b1
#= b1
`,
  },
  {
    name: 'more than nine steps',
    dockerfile: `FROM base
${Array.from({ length: 11 }, (_, i) => `RUN echo ${i} > /f${i}\n#= f${i}\n`).join('')}`,
  },
  {
    name: 'mounts',
    only: ['buildx'],
    dockerfile: `FROM base AS tool
RUN echo t > /tool
FROM base
RUN --mount=type=cache,target=/cache,uid=1000 --mount=from=tool,target=/mnt cat /mnt/tool > /m1
#= m1
RUN --mount=type=bind,target=/ctx cp /ctx/package.txt /m2
#= m2
RUN --network=none --mount=type=tmpfs,target=/t echo m > /m3
#= m3
`,
  },
  {
    name: 'a stage that is wholly the beginning of another',
    dockerfile: `FROM base AS part
WORKDIR /part
RUN echo p > /part/p
FROM base AS whole
WORKDIR /part
#= (layer)
RUN echo p > /part/p
#= part/p
COPY --from=part /part/p /q
#= q
RUN echo r > /r
#= r
`,
  },
  {
    name: 'labels from the command line',
    extraArguments: ['--label', 'zz=1', '--label', 'aa=two words'],
    dockerfile: `FROM base
RUN echo one > /one
#= one
LABEL own=1
`,
  },
  {
    name: 'a shell, variables and a user from the base',
    bases: {
      setup: 'FROM base\nSHELL ["/bin/sh", "-e", "-c"]\nENV V=base W=w\nUSER app\nWORKDIR /home/app\n',
    },
    buildArgs: { HTTP_PROXY: 'http://127.0.0.1:9' },
    dockerfile: `FROM setup
ARG V
ARG W=mine
RUN echo $V-$W > v1
#= home/app/v1
COPY --chown=app package.txt ./$V/
#= home/app/base/package.txt
WORKDIR $V
#= buildkit: (layer)
RUN echo again > v2
#= home/app/base/v2
CMD echo $V
`,
  },
  {
    name: 'a backtick as escape character',
    dockerfile: `# escape=\`
FROM base
ENV A=C:\\dir B="say \`"hi\`""
RUN echo one > /one && \`
    echo two > /two
#= two
LABEL path=$A
RUN echo three > /three
#= three
`,
  },
  {
    name: 'line ends of Windows',
    dockerfile: `FROM base
RUN echo one > /one && \\
  # a comment
    true
#= one
ENV A=1 \\
    B=2
COPY package.txt /p/
#= p/package.txt
RUN echo $A > /a1
#= a1
`.replaceAll('\n', '\r\n'),
  },
  {
    name: 'a base that the arguments of the build name',
    buildArgs: { BASE: '{base}' },
    dockerfile: `ARG BASE=scratch
FROM base AS other
RUN echo o > /o
FROM $BASE
COPY --from=other /o /copied
#= copied
WORKDIR ..
RUN echo $$ $@ $1 > /special
#= special
`,
  },
  {
    name: 'two stages of one name',
    notClassic: true,
    dockerfile: `FROM base AS x
RUN echo a > /a1
#= a1
FROM x AS x
RUN echo b > /b1
#= b1
RUN echo c > /c1
#= c1
`,
    stepsLeave: {
      lines: ['RUN echo a > /a1', 'RUN echo b > /b1', 'RUN echo c > /c1'],
      why: 'steps of both stages bear the same name',
    },
  },
];

/** The whole zoo. */
export const mappingCases: readonly MappingCase[] = [...plainCases, ...trapCases];
