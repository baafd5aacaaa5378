// Archives whose own tar is hostile: names, counts and links of its members.
import { dockerImage, type HostileCase, type Outcome } from './hostileArchives';
import { layers, measured, refused } from './hostileDocument';
import { rawEntry, rawHeader, rawTar } from './rawTar';

/** Archives whose own tar is hostile: names, counts and links of its members. */
export function archiveMembers(): HostileCase[] {
  const files = dockerImage(layers);
  const members = [...files].map(([name, data]) => rawEntry({ name }, data as Uint8Array));
  const cases: HostileCase[] = [];
  const add = (name: string, tar: Uint8Array, expect: Outcome): void => {
    cases.push({ name, disk: () => [['/image.tar', tar]], reference: 'docker-archive:/image.tar', expect });
  };
  const longName = (length: number, i: number): Buffer =>
    rawEntry({ name: '././@LongLink', type: 'L' }, `${i}${'n'.repeat(length)}\0`);
  add('an archive of no byte', Buffer.alloc(0), refused(/is empty, so it is no archive/));
  add('an archive of zeros', Buffer.alloc(10_240), refused(/no manifest\.json/));
  add(
    'members with ./ before them',
    rawTar(...[...files].map(([name, data]) => rawEntry({ name: `./${name}` }, data as Uint8Array))),
    measured,
  );
  add(
    'members with a slash before them',
    rawTar(...[...files].map(([name, data]) => rawEntry({ name: `/${name}` }, data as Uint8Array))),
    measured,
  );
  add('members that climb out', rawTar(rawEntry({ name: '../../etc/cron.d/x' }, 'x'), ...members), measured);
  add(
    'a second manifest.json counts',
    rawTar(rawEntry({ name: 'manifest.json' }, '[]'), ...members),
    measured,
  );
  add(
    'a manifest.json that a folder replaces',
    rawTar(...members, rawHeader({ name: 'manifest.json', type: '5' })),
    refused(/no manifest\.json/),
  );
  add(
    'a manifest.json that is a sparse file',
    rawTar(...members.slice(0, -1), rawHeader({ name: 'manifest.json', type: 'S', magic: 'ustar  \0' })),
    refused(/no manifest\.json/),
  );
  add(
    '100,001 members',
    rawTar(Buffer.concat(Array.from({ length: 100_001 }, (_, i) => rawHeader({ name: `f${i % 7}` })))),
    refused(/more than 100000 files/, 'hostile'),
  );
  add(
    'members with 70 MiB of names',
    rawTar(...Array.from({ length: 71 }, (_, i) => Buffer.concat([longName(2 ** 20 - 8, i), rawHeader()]))),
    refused(/more than 67108864 bytes of file names/, 'hostile'),
  );
  add('a member of negative size', rawTar(rawHeader({ name: 'x', size: -512 })), refused(/negative size/));
  add(
    'a member that is larger than the archive',
    rawTar(rawHeader({ name: 'manifest.json', size: 2 ** 40 })),
    refused(/The tar is cut/),
  );
  return cases;
}
