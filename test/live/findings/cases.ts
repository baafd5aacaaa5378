// Dockerfiles that each make one kind of waste on a real builder, what is found in what they built, and what the fixes
// make of them. The base holds busybox alone; `large.bin` of 400 kB and the like are in the context (findings.test.ts).
import { spawnSync } from 'node:child_process';
import { formatBytes } from '../../../server/src/primitives/bytes';

export interface Waste {
  name: string;
  text: string;
  rule: string;
  /** The finding as it is drawn. */
  found: string;
  bytes: number | null;
  /** Of each fix: what the rebuild has to show. */
  fixes: { title: string; effect: 'same-result' | 'review'; text: string }[];
  /** Lines of the merged tree that a fix of review changes. */
  differs?: RegExp;
}

/** `head -c` of it: what one build writes anew would be another size nowhere, and another content each time. */
const make = (bytes: number, file: string) => `yes ${file} | head -c ${bytes} > ${file}`;

/** One file that a COPY brings and a RUN changes; `differs` where the COPY makes directories. */
function copied(name: string, flag: 'chmod' | 'chown', value: string, to: string, differs?: RegExp): Waste {
  return {
    name,
    text: `FROM base\nRUN true\nCOPY large.bin ${to}\nRUN ${flag} ${value} ${to}\n`,
    rule: 'CopiedUpByMetadata',
    found: `4: 400 kB of line 3 are stored again here by ${flag}`,
    bytes: 400_000,
    fixes: [
      {
        title: `Set it by COPY --${flag}: saves 400 kB`,
        effect: differs ? 'review' : 'same-result',
        text: `FROM base\nRUN true\nCOPY --${flag}=${value} large.bin ${to}\n`,
      },
    ],
    differs,
  };
}

const busyboxBytes =
  process.platform === 'linux'
    ? Number(spawnSync('sh', ['-c', 'stat -Lc %s "$(command -v busybox)"'], { encoding: 'utf8' }).stdout)
    : 0;

export const wastes: Waste[] = [
  {
    name: 'a RUN right below deletes what a RUN wrote',
    text: `FROM base\nRUN mkdir /tmp/w && ${make(300_000, '/tmp/w/a')} && ${make(200_000, '/tmp/w/b')} && ${make(50, '/kept')}\nRUN rm -rf /tmp/w\n`,
    rule: 'DeletedInLaterLayer',
    found: '2: 500 kB written here are deleted by line 3 and stay in the image',
    bytes: 500_000,
    fixes: [
      {
        title: 'Merge with the RUN of line 3: saves 500 kB',
        effect: 'same-result',
        text: `FROM base\nRUN mkdir /tmp/w && ${make(300_000, '/tmp/w/a')} && ${make(200_000, '/tmp/w/b')} && ${make(50, '/kept')} \\\n    && rm -rf /tmp/w\n`,
      },
    ],
  },
  {
    name: 'a RUN further below deletes what a RUN wrote',
    text: `FROM base\nRUN ${make(300_000, '/big')}\nCOPY app.txt /app.txt\nRUN rm -f /big\n`,
    rule: 'DeletedInLaterLayer',
    found: '2: 300 kB written here are deleted by line 4 and stay in the image',
    bytes: 300_000,
    fixes: [
      {
        title: 'Delete in this RUN, not in line 4: saves 300 kB',
        effect: 'review',
        text: `FROM base\nRUN ${make(300_000, '/big')} && rm -f /big\nCOPY app.txt /app.txt\n`,
      },
    ],
  },
  {
    name: 'a COPY brings a file for one RUN',
    text: 'FROM base\nRUN true\nCOPY large.bin /tmp/in/x\nRUN head -c 10 /tmp/in/x > /kept && rm -f /tmp/in/x\n',
    rule: 'DeletedInLaterLayer',
    found: '3: 400 kB written here are deleted by line 4 and stay in the image',
    bytes: 400_000,
    fixes: [
      {
        title: 'Mount it into the RUN of line 4: saves 400 kB',
        effect: 'review',
        text: 'FROM base\nRUN true\nRUN --mount=type=bind,source=large.bin,target=/tmp/in/x head -c 10 /tmp/in/x > /kept\n',
      },
    ],
    differs: /^tmp\/in/,
  },
  {
    name: 'a RUN writes a file again',
    text: `FROM base\nRUN ${make(300_000, '/big')}\nRUN echo more >> /big\n`,
    rule: 'OverwrittenInLaterLayer',
    found: '2: 300 kB written here are overwritten by line 3 and stay in the image',
    bytes: 300_000,
    fixes: [
      {
        title: 'Merge with the RUN of line 3: saves 300 kB',
        effect: 'same-result',
        text: `FROM base\nRUN ${make(300_000, '/big')} \\\n    && echo more >> /big\n`,
      },
    ],
  },
  copied('a RUN sets the mode of a file that a COPY brought', 'chmod', '750', '/home/app/x'),
  copied(
    'a RUN sets the mode of a file in a new directory',
    'chmod',
    '700',
    '/srv/deep/x',
    /^srv(?:\/deep)? /,
  ),
  copied('a RUN sets the owner of a file that a COPY brought', 'chown', 'app:app', '/home/app/x'),
  copied(
    'a RUN sets the owner of a file in a new directory',
    'chown',
    '1000:1000',
    '/srv/deep/x',
    /^srv(?:\/deep)? /,
  ),
  {
    name: 'a RUN sets the owner of a whole directory',
    text: 'FROM base\nRUN true\nCOPY folder /srv\nRUN chown -R 1000:1000 /srv\n',
    rule: 'CopiedUpByMetadata',
    found: '4: 500 kB of line 3 are stored again here by chown',
    bytes: 500_000,
    fixes: [
      {
        title: 'Set it by COPY --chown: saves 500 kB',
        effect: 'review',
        text: 'FROM base\nRUN true\nCOPY --chown=1000:1000 folder /srv\n',
      },
    ],
  },
  {
    name: 'a RUN sets the mode of files of the base image',
    text: 'FROM base\nRUN chmod 700 /bin/busybox\n',
    rule: 'CopiedUpByMetadata',
    found: `2: ${formatBytes(busyboxBytes)} of the base image are stored again here by chmod`,
    bytes: busyboxBytes,
    fixes: [],
  },
  {
    name: 'a RUN leaves the cache of a package manager',
    text: `FROM base\nRUN mkdir -p /var/cache/apk && ${make(300_000, '/var/cache/apk/a.apk')} \\\n && ${make(10, '/kept')}\n`,
    rule: 'PackageCacheLeft',
    found: '2: 300 kB of apk cache stay in the image (/var/cache/apk)',
    bytes: 300_000,
    fixes: [
      {
        title: 'Empty the apk cache in this RUN: saves 300 kB',
        effect: 'review',
        text: `FROM base\nRUN mkdir -p /var/cache/apk && ${make(300_000, '/var/cache/apk/a.apk')} \\\n && ${make(10, '/kept')} \\\n && rm -rf /var/cache/apk/*\n`,
      },
      {
        title: 'Keep the apk cache in a cache mount: saves 300 kB',
        effect: 'review',
        text: `FROM base\nRUN --mount=type=cache,target=/var/cache/apk,sharing=locked mkdir -p /var/cache/apk && ${make(300_000, '/var/cache/apk/a.apk')} \\\n && ${make(10, '/kept')}\n`,
      },
    ],
    differs: /^var\/cache/,
  },
  {
    name: 'a RUN below set -e leaves the lists of apt',
    text: `FROM base\nRUN set -eux; \\\n\tmkdir -p /var/lib/apt/lists; \\\n\tcd /tmp; \\\n\t${make(300_000, '/var/lib/apt/lists/a')}\n`,
    rule: 'PackageCacheLeft',
    found: '2: 300 kB of apt lists stay in the image (/var/lib/apt/lists)',
    bytes: 300_000,
    fixes: [
      {
        title: 'Empty the apt lists in this RUN: saves 300 kB',
        effect: 'review',
        text: `FROM base\nRUN set -eux; \\\n\tmkdir -p /var/lib/apt/lists; \\\n\tcd /tmp; \\\n\t${make(300_000, '/var/lib/apt/lists/a')}; \\\n\trm -rf /var/lib/apt/lists/*\n`,
      },
      {
        title: 'Keep the apt lists in a cache mount: saves 300 kB',
        effect: 'review',
        text: `FROM base\nRUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked set -eux; \\\n\tmkdir -p /var/lib/apt/lists; \\\n\tcd /tmp; \\\n\t${make(300_000, '/var/lib/apt/lists/a')}\n`,
      },
    ],
    differs: /^var\/lib/,
  },
  {
    name: 'a user without rights leaves a cache at home',
    text: `FROM base\nUSER app\nRUN mkdir -p /home/app/.cache/pip && ${make(300_000, '/home/app/.cache/pip/a')}\n`,
    rule: 'PackageCacheLeft',
    found: '3: 300 kB of pip cache stay in the image (/home/app/.cache/pip)',
    bytes: 300_000,
    fixes: [
      {
        title: 'Empty the pip cache in this RUN: saves 300 kB',
        effect: 'review',
        text: `FROM base\nUSER app\nRUN mkdir -p /home/app/.cache/pip && ${make(300_000, '/home/app/.cache/pip/a')} \\\n    && rm -rf /home/app/.cache/pip\n`,
      },
      {
        title: 'Keep the pip cache in a cache mount: saves 300 kB',
        effect: 'review',
        text: `FROM base\nUSER app\nRUN --mount=type=cache,target=/home/app/.cache/pip,uid=1000 mkdir -p /home/app/.cache/pip && ${make(300_000, '/home/app/.cache/pip/a')}\n`,
      },
    ],
    differs: /^home\/app\/.cache/,
  },
  {
    name: 'two lines bring the same content',
    text: 'FROM base\nCOPY large.bin /one\nCOPY large.bin /two\n',
    rule: 'DuplicateContent',
    found: '3: 400 kB written here are in the image already: /two is the same as /one of line 2',
    bytes: 400_000,
    fixes: [],
  },
  {
    name: 'a key is in a layer though a later line deletes it',
    text: 'FROM base\nCOPY id_rsa /root/.ssh/id_rsa\nRUN rm /root/.ssh/id_rsa\n',
    rule: 'SecretInLayer',
    found:
      '2: /root/.ssh/id_rsa holds what looks like a private key; line 3 hides it, but the layer keeps it',
    bytes: null,
    fixes: [],
  },
  {
    name: 'a RUN leaves the history of a repository',
    text: `FROM base\nRUN mkdir -p /src/.git && touch /src/.git/HEAD /src/.git/config /src/.git/index /src/.git/x && ${make(300_000, '/src/.git/pack')}\n`,
    rule: 'GitDirectoryInLayer',
    found: "2: 300 kB of a repository's history are in the image: /src/.git",
    bytes: 300_000,
    fixes: [
      {
        title: 'Delete it in this RUN: saves 300 kB',
        effect: 'review',
        text: `FROM base\nRUN mkdir -p /src/.git && touch /src/.git/HEAD /src/.git/config /src/.git/index /src/.git/x && ${make(300_000, '/src/.git/pack')} \\\n    && rm -rf /src/.git\n`,
      },
    ],
    differs: /^src\/.git/,
  },
];
