// Dockerfiles of the differential test of the cache forecast, each with its context. `base` and `other` are two images
// with a shell; edits.ts changes what is here at random.

export interface ForecastCase {
  name: string;
  dockerfile: string;
  files: Record<string, string>;
  /** Not for builders without BuildKit's instructions. */
  buildkitOnly?: boolean;
}

const files = {
  'package.json': '{"a":1}\n',
  'app.txt': 'app\n',
  'src/main.ts': 'main\n',
  'src/lib/util.ts': 'util\n',
  'src/lib/deep/x.ts': 'x\n',
  'docs/a.md': 'a\n',
  'docs/b.md': 'b\n',
  '.dockerignore': 'ignored.txt\n',
  'ignored.txt': 'no\n',
};

export const forecastCases: ForecastCase[] = [
  {
    name: 'install, then copy',
    files,
    dockerfile: `FROM base
WORKDIR /app
COPY package.json .
RUN echo install > /i
COPY . .
RUN echo build > /b
CMD ["sh"]
`,
  },
  {
    name: 'arguments and variables',
    files,
    dockerfile: `ARG TAG=1
FROM base
ARG VERSION=1
ARG UNUSED
ENV A=1 B=2
RUN echo $VERSION $A > /v
LABEL version=$VERSION
ENV C=$A-c
COPY app.txt /$A/
RUN echo $C > /c
`,
  },
  {
    name: 'two stages',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base AS build
WORKDIR /src
COPY src src
RUN mkdir -p /out && cp -r src /out/ && echo done > /out/done
FROM base
ENV MODE=prod
COPY --from=build /out/done /done
COPY --from=build /out /out
RUN echo final > /f
`,
  },
  {
    name: 'three stages in a chain',
    files,
    dockerfile: `FROM base AS deps
ARG V=1
RUN echo deps > /deps
FROM deps AS build
COPY src /src
RUN echo build $V > /build
FROM base
COPY --from=build /build /build
COPY --from=deps /deps /deps
`,
  },
  {
    name: 'links',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base
RUN echo one > /one
COPY --link app.txt /app.txt
COPY --link docs /docs/
RUN echo two > /two
COPY --link --chmod=600 package.json /p
`,
  },
  {
    name: 'patterns',
    files,
    dockerfile: `FROM base
COPY docs/*.md /docs/
COPY src/lib/* /lib/
COPY package.json app.txt /both/
RUN ls /docs > /l
`,
  },
  {
    name: 'mounts',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base AS tools
RUN echo tool > /tool
FROM base
RUN --mount=type=cache,target=/cache echo c > /cache/x
RUN --mount=type=bind,source=src,target=/src ls /src > /list
RUN --mount=type=bind,from=tools,source=/tool,target=/tool cat /tool > /t
RUN --mount=type=tmpfs,target=/tmp/x true
`,
  },
  {
    name: 'documents',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base
ARG NAME=world
RUN <<EOF
# a comment
echo one > /one
EOF
COPY <<EOF /hello.txt
hello $NAME
EOF
COPY <<'EOF' app.txt /both/
plain $NAME
EOF
RUN cat <<A > /a && cat <<B > /b
a
A
b
B
`,
  },
  {
    name: 'users and directories',
    files,
    dockerfile: `FROM base
USER app
WORKDIR /home/app/work
COPY --chown=app app.txt .
WORKDIR sub
USER root
RUN id > id.txt
RUN pwd > /pwd
VOLUME /data
EXPOSE 80 81
`,
  },
  {
    name: 'from nothing',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base AS build
RUN echo x > /x
FROM scratch
COPY --from=build /x /x
COPY app.txt /app.txt
WORKDIR /w
COPY src ./
LABEL a=1
`,
  },
  {
    name: 'long commands',
    files,
    dockerfile: `FROM base
RUN echo a && \\
    echo b > /b && \\
    # why
    echo c > /c
SHELL ["/bin/sh", "-ec"]
RUN echo d > /d
RUN ["/bin/echo", "e"]
COPY ["app.txt", "/app.txt"]
`,
  },
  {
    name: 'parents and excludes',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base
COPY --exclude=*.md docs /docs
COPY --parents src/lib /p/
RUN ls -R /p > /l
`,
  },
  {
    name: 'one base, many stages',
    files,
    buildkitOnly: true,
    dockerfile: `FROM base AS one
COPY app.txt /a
RUN echo one > /one
FROM base AS two
COPY docs /docs
RUN echo two > /two
FROM one
COPY --from=two /two /docs /all/
COPY --from=one /one /again
`,
  },
  {
    name: 'global arguments',
    files,
    dockerfile: `ARG IMAGE=base
ARG LEVEL=1
FROM $IMAGE
ARG LEVEL
ARG TARGETARCH
RUN echo $LEVEL $TARGETARCH > /level
ENV LEVEL=2
RUN echo $LEVEL > /level2
COPY . /src/
`,
  },
  {
    name: 'local files and folders',
    files,
    dockerfile: `FROM base
ADD app.txt /add/
ADD docs /docs
COPY src/main.ts /main.ts
COPY src/lib /lib
RUN true
`,
  },
];
