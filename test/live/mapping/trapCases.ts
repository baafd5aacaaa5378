// The second table of the mapping tests: one trap each, named by what misleads. Form and marks: cases.ts.
import type { MappingCase } from './cases';

export const trapCases: MappingCase[] = [
  {
    name: 'equal layers at several places: a DiffID is no key',
    notCurrentClassic: true,
    dockerfile: `FROM base
COPY package.txt /p
#= (layer)
COPY package.txt /p
#= (layer)
RUN echo m > /m1
#= m1
COPY package.txt /p
#= (layer)
`,
  },
  {
    name: 'layers that only delete or change a mode',
    dockerfile: `FROM base
COPY package.txt app.txt /f/
#= f/app.txt=app\\n
RUN rm /f/package.txt
#= f/.wh.package.txt
RUN chmod 700 /home/app
#= (layer)
RUN echo m > /m1
#= m1
`,
  },
  {
    name: 'VOLUME, and what is written below it afterwards',
    dockerfile: `FROM base
RUN mkdir /data && echo before > /data/before
#= data/before
VOLUME /data
RUN echo after > /data/after && echo m > /v1
#= v1
RUN echo m > /v2
#= v2
`,
  },
  {
    name: 'only what makes no layer on a base',
    dockerfile: `FROM base
ENV A=1
LABEL b=2
EXPOSE 80
CMD ["sh"]
`,
  },
  {
    name: 'a stage that two others are built on',
    dockerfile: `FROM base AS root
RUN echo r > /root-file
#= root-file
FROM root AS left
RUN echo l > /left
FROM root AS right
RUN echo r > /right
#= right
COPY --from=left /left /taken
#= taken
`,
  },
  {
    name: 'a stage of which only FROM is there',
    dockerfile: `FROM base AS one
RUN echo a > /a1
#= a1
FROM one AS two
FROM two
LABEL z=1
RUN echo b > /b1
#= b1
`,
  },
  {
    name: 'the first of several stages as the target',
    target: 'first',
    dockerfile: `FROM base AS first
LABEL a=b
RUN echo a > /a1
#= a1
FROM base AS second
RUN echo never > /never
`,
  },
  {
    name: 'a stage with the name of its image',
    only: ['engine', 'podman'],
    dockerfile: `FROM base AS base
RUN echo a > /a1
#= a1
FROM base
RUN echo b > /b1
#= b1
`,
  },
  {
    name: 'quotes, dollars, pipes and letters beyond ASCII',
    dockerfile: `FROM base
RUN echo "a 'b' \\"c\\" $HOME \${HOME:-x} $$" | cat > /q1; true && echo 'größe 層 🐳' >> /q1
#= q1
RUN ["sh", "-c", "echo \\"q\\\\tq\\" > /q2"]
#= q2
LABEL "with blank"="größe 層" quoted='single $A'
RUN [ "$HOME" = / ] || echo m > /q3
#= q3
CMD ['single', 'quotes']
`,
  },
  {
    name: 'texts that look like a mark of a builder',
    dockerfile: `FROM base
RUN echo '#(nop)  CMD ["x"]' > /t1 # buildkit
#= t1
RUN : COPY file:0123456789abcdef in /x; echo m > /t2
#= t2
LABEL text="RUN /bin/sh -c echo m > /t3 # buildkit"
RUN echo m > /t3
#= t3
RUN echo m > /t4 # |1 A=1 /bin/sh -c echo m > /t3
#= t4
`,
  },
  {
    name: 'ENV of the same line, arguments emptied and arguments not declared',
    buildArgs: { GIVEN: '', UNDECLARED: 'x' },
    dockerfile: `FROM base
ARG GIVEN=default
ENV A=1
ENV A=2 B=$A C=\${GIVEN:-none} D=\${A:+set}
ARG A
RUN echo $A-$B-$C-$D > /e1
#= e1=2-1-none-set\\n
ARG LATE=\${A}x
RUN echo $LATE > /e2
#= e2=2x\\n
`,
  },
  {
    name: 'a line that is very long',
    dockerfile: `FROM base
RUN echo ${'long '.repeat(3000)} > /long
#= long
RUN echo short > /short
#= short
`,
  },
  {
    name: 'two backslashes at the end of a line, which do not continue it',
    only: ['buildx'],
    dockerfile: `FROM base
ENV Z C:\\\\
RUN echo one > /one
#= one
`,
  },
  {
    name: 'stages taken from by number and by name',
    dockerfile: `FROM base AS build
RUN echo a > /a
FROM base AS other
RUN echo b > /b
FROM scratch
COPY --from=0 /a /a1
#= a1
COPY --from=other /b /b1
#= b1
`,
  },
  {
    name: 'stages taken from by number, name and casing',
    // buildah minds the casing of a stage's name [1.28.2].
    only: ['buildx', 'engine'],
    dockerfile: `FROM base AS Build
RUN echo a > /a
FROM base AS other
RUN echo b > /b
FROM scratch
COPY --from=0 /a /a1
#= a1
COPY --from=other /b /b1
#= b1
COPY --from=build /a /a2
#= a2
`,
  },
  {
    name: 'flags of COPY in the history',
    notClassic: true,
    only: ['buildx'],
    dockerfile: `FROM base
ARG OWNER=app
COPY --chown=$OWNER --chmod=640 package.txt /c1
#= c1
COPY --chmod=u+x --chown=1000:1000 package.txt app.txt /c2/
#= c2/app.txt
COPY --parents *.txt /c3/
#= c3/app.txt
COPY --exclude=app.txt *.txt /c4/
#= c4/package.txt
`,
  },
  {
    name: 'owners in COPY and ADD',
    dockerfile: `FROM base
ARG OWNER=app
COPY --chown=app package.txt /c1
#= c1
ADD --chown=1000:1000 app.txt /c2
#= c2
COPY --chown=$OWNER package.txt app.txt /c3/
#= c3/app.txt
`,
  },
  {
    name: 'times that SOURCE_DATE_EPOCH sets, and a cache within the image',
    only: ['buildx'],
    buildArgs: { SOURCE_DATE_EPOCH: '1700000000' },
    extraArguments: ['--cache-to', 'type=inline'],
    dockerfile: `FROM base
WORKDIR /w
#= (layer)
RUN echo a > a1
#= w/a1
COPY package.txt p1
#= w/p1
`,
  },
  {
    name: 'heredocs of ADD, of several words and between equal lines',
    only: ['buildx'],
    dockerfile: `FROM base
RUN echo same >> /same
#= same=same\\n
RUN <<EOF
echo same >> /same
EOF
#= same=same\\nsame\\n
RUN echo same >> /same
#= same=same\\nsame\\nsame\\n
ADD --chmod=600 <<EOF /added
RUN echo never
EOF
#= added
`,
  },
  {
    name: 'mounts, as buildah takes them',
    only: ['podman'],
    dockerfile: `FROM base AS tool
RUN echo t > /tool
FROM base
RUN --mount=type=bind,target=/ctx cp /ctx/package.txt /m2
#= m2
RUN --mount=type=tmpfs,target=/t echo m > /m3
#= m3
`,
  },
  {
    name: 'ONBUILD in an image of the OCI format, which buildah ignores',
    only: ['podman'],
    dockerfile: `FROM base AS parent
RUN echo p > /parent
#= parent
ONBUILD RUN echo t > /trigger
FROM parent
RUN echo c > /child
#= child
`,
  },
  {
    name: 'ADD of an address, between copies',
    dockerfile: `FROM base
COPY package.txt /c1
#= c1
ADD {downloads}/one.txt /a1
#= a1
ADD {downloads}/two.txt app.txt /several/
#= several/app.txt
RUN echo m > /m1
#= m1
`,
  },
];
