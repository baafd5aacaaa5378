// Where each source word leads.
import { describe, test } from 'node:test';
import { defaultChoice } from '../../../server/src/dockerfile/model';
import { mountSourcesOf, type SourceTree, sourcesOf } from '../../../server/src/forecast/copySources';
import { checkLabels } from '../../support/dockerfileMarkers';

function checkSources(marked: string, named: string[] = []): void {
  checkLabels(marked, (dockerfile, instruction) => {
    const names = new Set(named);
    const mounts = mountSourcesOf(dockerfile, instruction, defaultChoice, names);
    return [...sourcesOf(dockerfile, instruction, defaultChoice, names), ...mounts]
      .map(drawSource)
      .join('; ');
  });
}

function drawSource(source: ReturnType<typeof sourcesOf>[number]): string {
  switch (source.kind) {
    case 'url':
    case 'git':
      return `${source.kind} ${source.url}`;
    case 'heredoc':
      return `heredoc ${source.name} ${JSON.stringify(source.body)}`;
    default:
      return `${drawTree(source)} ${source.path}`;
  }
}

function drawTree(tree: SourceTree): string {
  if (tree.kind === 'stage') return `stage ${tree.stage}`;
  if (tree.kind === 'image') return `image ${tree.reference}`;
  if (tree.kind === 'context-named') return `named ${tree.name}`;
  return tree.kind === 'unknown' ? `(${tree.why})` : 'context';
}

describe('sources of COPY and ADD', () => {
  test('are paths of the context, with variables put in', () => {
    checkSources(`
FROM scratch
ARG D=src
COPY $D/*.ts package.json /app/
#= context src/*.ts; context package.json
COPY ["a b", "c", "/x/"]
#= context a b; context c
ENV A=1
#=`);
  });
  test('a variable that only the build knows makes its own word unknown, not the others', () => {
    checkSources(
      'FROM debian\nCOPY $HOME/a b /x/\n#= ($HOME/a holds a variable that only the build knows) $HOME/a; context b',
    );
  });
  test('of --from are stages by name or number, or images', () => {
    checkSources(`
FROM a AS build
FROM b
COPY --from=build x /
#= stage 0 x
COPY --from=BUILD x /
#= stage 0 x
COPY --from=0 x y /
#= stage 0 x; stage 0 y
COPY --from=nginx:1 /etc /
#= image nginx:1 /etc
COPY --from=7 x /
#= (there is no stage 7) x
COPY --from=1 x /
#= (stage 1 is not made before this line) x
COPY --from=$A x /
#= (--from takes no variable) x`);
  });
  test('a named context wins over a stage', () => {
    checkSources('FROM a AS b\nFROM c\nCOPY --from=b x /\n#= named b x', ['b']);
  });
  test('are URLs and repositories for ADD alone', () => {
    checkSources(`
FROM a
ADD https://x.y/a.tgz http://x.y/z.git#v1 git@x.y:z.git ssh://x/y git://x/y ./git@x:y ftp://x HTTP://x/y github.com/a/b /d/
#= url https://x.y/a.tgz; git http://x.y/z.git#v1; git git@x.y:z.git; git ssh://x/y; git git://x/y; context ./git@x:y; context ftp://x; context HTTP://x/y; context github.com/a/b
COPY https://x.y/a /
#= (COPY takes no URL) https://x.y/a`);
  });
  test('heredocs come after paths, and of one name once', () => {
    checkSources(
      'FROM a\nCOPY <<A b <<B <<A /x/\n1\nA\n2\nB\n3\nA\n#= context b; heredoc B "2\\n"; heredoc A "3\\n"',
    );
  });
  test('a heredoc whose body is not known has none', () => {
    checkSources(
      'FROM a\nCOPY <<A <<B <<"C" /x/\n$HOME\nA\nb\nB\n$HOME\nC\n#= heredoc A null; heredoc B "b\\n"; heredoc C "$HOME\\n"',
    );
  });
});

describe('sources of bind mounts', () => {
  test('are the context, a stage or an image', () => {
    checkSources(`
FROM a AS build
FROM scratch
ARG S=src
RUN --mount=target=/c true
#= context ${''}
RUN --mount=type=bind,source=$S,target=/c --mount=type=cache,target=/d --mount=type=bind,from=build,src=/x,target=/e true
#= context src; stage 0 /x
RUN --mount=from=nginx,target=/n true
#= image nginx ${''}`);
  });
});
