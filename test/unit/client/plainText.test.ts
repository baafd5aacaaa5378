import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainMessage, withoutIcons } from '../../../client/src/plainText';

/** What VS Code makes an icon of, and what it shows as written (base/browser/ui/iconLabel/iconLabels.ts). */
const icon = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/g;
/** What it makes a link of (base/common/linkedText.ts). */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;

function shown(text: string): string {
  return text.replace(icon, (all, escaped) => (escaped ? all.slice(1) : '<icon>'));
}

test('what a shell would run is shown as it is written, not as an icon', () => {
  for (const text of [
    'RUN make -j$(nproc)',
    '$(sync~spin) up',
    'a$(b)$(c)d',
    '$(',
    '$()',
    '$(a b)',
    '$$(x)',
    'plain',
  ]) {
    assert.equal(shown(withoutIcons(text)), text);
  }
  assert.equal(shown('RUN make -j$(nproc)'), 'RUN make -j<icon>');
});

test('a name makes no link of a message', () => {
  for (const text of ['etc/[a](command:x)', '[a](https://b)', '[[a](file:///x "t")', '[a]](command:b)']) {
    assert.equal(plainMessage(text).match(link), null);
  }
  assert.notEqual('etc/[a](command:x)'.match(link), null);
  assert.equal(plainMessage('it (1) [2]'), 'it (1) [2]');
});
