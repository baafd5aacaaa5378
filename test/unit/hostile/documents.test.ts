import { test } from 'node:test';
import { checkHostile } from '../../support/hostileArchives';
import { documents } from '../../support/hostileDocuments';
import { wrongTypes } from '../../support/hostileKeys';
import { lies } from '../../support/hostileLies';
import { archiveMembers } from '../../support/hostileMembers';

for (const [what, cases] of [
  ['manifests, indexes and configs that are malformed, huge or at odds', documents],
  ['each key of each document with a value of each wrong type', wrongTypes],
  ['digests that lie, links and indexes in circles', lies],
  ['archives whose members are hostile', archiveMembers],
] as const) {
  test(what, async (t) => {
    for (const hostile of await cases()) await t.test(hostile.name, () => checkHostile(hostile));
  });
}
