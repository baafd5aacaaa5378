// The help texts. A test compares the commands named here with those that run.

const shared = `  --format text|json   text by default
  --no-store           neither read nor write the cache and the build records
  --no-progress        no progress on standard error`;

const dockerfileFlags = `  --context DIR        the build context (default: the Dockerfile's folder)
  --target STAGE       the stage to build (default: the last)
  --platform P         os/arch[/variant]
  --build-arg K=V      a build argument; may be given again`;

const texts: Record<string, { line: string; usage: string; text: string }> = {
  analyze: {
    line: 'annotate each line: what makes a layer, and what the last build measured',
    usage: 'strata analyze [DOCKERFILE] [--image REF] [--metadata FILE] [--log FILE] [--history REF]...',
    text: `Shows each line with its layer, from the last recorded build of this Dockerfile; without a
record, what the text alone tells. These name a build that was made elsewhere, in any combination:

  --image REF          measure this image and tie its layers to the lines; provenance that is
                       attached to it (mode=max) is used
  --metadata FILE      what buildx wrote with --metadata-file and BUILDX_METADATA_PROVENANCE=max
  --log FILE           a saved log: plain or rawjson progress, the classic builder's, podman's, as CI keeps them
  --history REF        a build of docker buildx history: see strata history
  --bake-target NAME   which target, where the file or the log tells of several
  --keep               keep it as a record, as strata build does
${dockerfileFlags}
${shared}`,
  },
  build: {
    line: 'build for real, then annotate each line with its measured layer',
    usage: 'strata build [DOCKERFILE] [--from SOURCE:NAME] [--builder NAME] [--tag T] [--no-cache]...',
    text: `Runs a real build with live progress, keeps the record, and reports as analyze does.

  --list               what the project declares for this Dockerfile; builds nothing
  --from SOURCE:NAME   build as declared: compose:SERVICE, bake:TARGET, devcontainer, task:LABEL.
                       Context, target, platform, arguments, secrets, ssh, named contexts and caches
                       are taken from there; where the image goes is not. What is said here wins

  --builder NAME       buildx, docker, podman or buildah (default: the first usable)
  --tag T              name of the image
  --no-cache           rebuild every step
  --platform P,P       several with docker buildx: a record for each, this machine's shown first
  --record             write the record beside the Dockerfile (.strata/), for those who do not build
  --note TEXT          a remark that the record carries
  --builder-arg WORD   a further word for the builder; may be given again
${dockerfileFlags}
${shared}`,
  },
  context: {
    line: 'the files that a build sees after .dockerignore, largest first',
    usage: 'strata context [DOCKERFILE] [--context DIR] [--line N] [--builder NAME] [--top N]',
    text: `Reads the build context as the builder would, and starts none.

  --line N             only what the COPY or ADD in this line takes
  --builder NAME       whose rules: buildx, docker, podman or buildah (default: BuildKit's)
  --top N              how many files the text lists (default: 30; JSON has all)
${dockerfileFlags}
${shared}`,
  },
  history: {
    line: 'the builds that docker buildx remembers, for analyze --history',
    usage: 'strata history [--builder NAME]',
    text: `Newest first. buildx keeps them for a while, whoever ran them; it needs buildx 0.21 or newer.

  --builder NAME       a buildx builder (default: the current one)
${shared}`,
  },
  forecast: {
    line: 'what the next build will do with each line, and why',
    usage: 'strata forecast [DOCKERFILE] [--context DIR] [--target STAGE] [--build-arg K=V]...',
    text: `Tells for each line whether the next build takes it from the cache, reruns it, or depends on
what another line brings. Goes by the recorded builds; nothing is built and no builder is asked.

  --no-cache           as a build with --no-cache would do
  --builder-arg WORD   a further word for the builder (default: those of the last build)
${dockerfileFlags}
${shared}`,
  },
  layers: {
    line: 'the layers of an image',
    usage: 'strata layers REF [--platform P] [--pull]',
    text: `  --platform P         os/arch[/variant], where the image has several
  --pull               read the layers of a registry too, for their unpacked sizes
${shared}`,
  },
  tree: {
    line: 'what is inside an image or one of its layers',
    usage: 'strata tree REF [PATH] [--layer N] [--view upper|merged] [--depth D] [--sort size|name]',
    text: `  --layer N            a layer, 0 is the oldest (default: the newest)
  --view upper|merged  the layer's own files, or the union of it and all below (default: merged)
  --depth D            how deep (default: 2 for text, all for JSON)
  --sort size|name     largest first, or by name
${shared}`,
  },
  blame: {
    line: 'which layers, and lines, wrote, changed, deleted or hid a path',
    usage: 'strata blame REF PATH [--dockerfile F]',
    text: `  --dockerfile F       the Dockerfile of the image: its lines are told too
${shared}`,
  },
  cat: {
    line: "a file's bytes",
    usage: 'strata cat REF PATH [--layer N]',
    text: `  --layer N            as the image was after this layer (default: the newest)
  --no-store           neither read nor write the cache and the build records
  --no-progress        no progress on standard error`,
  },
  check: {
    line: 'budgets and findings, for CI',
    usage: 'strata check [DOCKERFILE] [--image REF] [--max-size S] [--fail-on error|warning|info]...',
    text: `Exits with 1 for findings at or over the threshold, and with 3 when a budget is set but nothing
was measured that it could be held against. Without --image, the last recorded build counts, as
long as the text is the one that was built; without any budget, the text alone will do.

  --image REF          measure this image and tie its layers to the lines
  --max-size S         all layers of the image, unpacked: 400MB, 1.5 GiB, 300k
  --max-stage S        what the lines of a shipped stage add
  --max-layer S        the layer of a line; the base image's do not count
  --max-wasted S       bytes that later layers hide or overwrite
  --max-layers N       number of layers, the base image's included
  --min-efficiency E   share of all bytes that can be seen: 0.95 or 95%
  --fail-on LEVEL      error, warning or info (default: error); hints never fail
  --format F           text, json, sarif, github, gitlab or markdown (default: text)
${dockerfileFlags}
  --no-store           neither read nor write the cache and the build records
  --no-progress        no progress on standard error

strata.yaml beside the Dockerfile, or above it in the repository, sets budgets too, and so does
.dive-ci; a flag wins over both.`,
  },
  fix: {
    line: 'apply the fixes of findings: print the changed text, or write it',
    usage: 'strata fix [DOCKERFILE] [--rule NAME]... [--review] [--write]',
    text: `Prints the whole text, the same byte for byte where no fix applies; what was fixed goes to standard
error. Only fixes that leave the image the same, layers aside.

  --rule NAME          only this rule; may be given again
  --review             also fixes that a person should look at
  --write              write the file instead of printing it
  --image REF          measure this image, for fixes that need measured layers
${dockerfileFlags}
${shared}`,
  },
  server: {
    line: 'the language server, for any editor',
    usage: 'strata server --stdio',
    text: '  Speaks the language server protocol on standard input and output.',
  },
  snapshots: {
    line: 'the layers of all local images as one tree: what they share',
    usage: 'strata snapshots [--engine docker|podman] [--containerd]',
    text: `Each layer with all below it is a snapshot, stored once however many images hold it.

  --engine NAME        docker or podman (default: both)
  --containerd         with what containerd keeps of them: kind, bytes on disk, containers' snapshots
  --address SOCKET     containerd's socket (default: CONTAINERD_ADDRESS, else that of Docker where its
                       images are there, else ctr's own)
  --namespace NAME     containerd's namespace: moby is Docker's, k8s.io is Kubernetes'
  --snapshotter NAME   default: Docker's as above, else overlayfs
${shared}`,
  },
  stages: {
    line: "what the stages of a folder's Dockerfiles share, and what they could",
    usage: 'strata stages [DIR]',
    text: `Finds the Dockerfiles below the folder and tells which stages begin with the same base and steps,
where they part, and which equal steps come after different ones. Builds nothing. A step is the
same where BuildKit's cache would have it so; sizes are those that recorded builds measured.

${shared}`,
  },
  diff: {
    line: 'a layer against what lies below it, or two images',
    usage:
      'strata diff REF [--layer N]   or   strata diff REF[@N] REF[@N]   or   strata diff --container NAME',
    text: `Contents of equal size are read and compared, up to 16 GiB (1 GiB when an image is fetched).

  --layer N            which layer of one image (default: the newest)
  --container NAME     what a container of docker or podman wrote over its image
  --format F           text, json, markdown or html (default: text): the last two are reports to
                       attach; Markdown lists the 1,000 largest changes, HTML 50,000, JSON all
  --no-store           neither read nor write the cache and the build records
  --no-progress        no progress on standard error`,
  },
};

export const commandNames = Object.keys(texts);

/** What a person is at, in the order in which they come to it. */
const groups: Record<string, readonly string[]> = {
  'A Dockerfile and its builds': ['analyze', 'build', 'forecast', 'context', 'stages', 'history'],
  'What to mend': ['check', 'fix'],
  'Inside images': ['layers', 'tree', 'diff', 'blame', 'cat', 'snapshots'],
  'For editors': ['server'],
};

export function help(): string {
  const rows = Object.entries(groups).map(([title, names]) =>
    [`${title}:`, ...names.map((name) => `  ${name.padEnd(10)} ${texts[name]!.line}`)].join('\n'),
  );
  return `strata: see every image layer on its own Dockerfile line

Usage: strata COMMAND ...

${rows.join('\n\n')}

References: docker-archive:FILE, oci:DIR, oci-archive:FILE, docker-daemon:NAME,
containers-storage:NAME (podman), docker://NAME (a registry); a bare path is sniffed, a bare name
means the local engine. FILE:NAME or FILE@N picks one image of several.

Exit codes: 0 clean, 1 findings over the threshold, 2 wrong usage, 3 the world refused
(no builder, no daemon, unreadable image, build failed), 70 a bug in Strata.

'strata help COMMAND' tells more.
`;
}

/** Null for a word that is no command. */
export function commandHelp(name: string): string | null {
  if (!Object.hasOwn(texts, name)) return null;
  const { line, usage, text } = texts[name]!;
  return `${usage}\n\n${line[0]!.toUpperCase()}${line.slice(1)}.\n\n${text}\n`;
}
