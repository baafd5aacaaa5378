import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback, parseRegistryName } from '../../../server/src/image/registryName';

const digest = `sha256:${'a'.repeat(64)}`;

test('what follows docker:// is read as docker reads it', () => {
  const cases: [string, string][] = [
    ['alpine', 'docker.io https://registry-1.docker.io library/alpine latest'],
    ['alpine:3.20', 'docker.io https://registry-1.docker.io library/alpine 3.20'],
    ['team/app', 'docker.io https://registry-1.docker.io team/app latest'],
    ['docker.io/alpine', 'docker.io https://registry-1.docker.io library/alpine latest'],
    ['index.docker.io/team/app:1', 'docker.io https://registry-1.docker.io team/app 1'],
    ['registry.example/a/b/c:v1', 'registry.example https://registry.example a/b/c v1'],
    ['registry.example:5000/app', 'registry.example:5000 https://registry.example:5000 app latest'],
    ['localhost/app', 'localhost http://localhost app latest'],
    ['localhost:5000/app:1', 'localhost:5000 http://localhost:5000 app 1'],
    ['localhost:443/app', 'localhost:443 https://localhost app latest'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000 http://127.0.0.1:5000 app latest'],
    ['[::1]:5000/app:x', '[::1]:5000 http://[::1]:5000 app x'],
    ['127.0.0.1.example/app', '127.0.0.1.example https://127.0.0.1.example app latest'],
    ['10.0.0.7:5000/app', '10.0.0.7:5000 https://10.0.0.7:5000 app latest'],
    [`app:1@${digest}`, `docker.io https://registry-1.docker.io library/app 1 ${digest}`],
    ['a__b/c-d/e.f--g:A_.-z', 'docker.io https://registry-1.docker.io a__b/c-d/e.f--g A_.-z'],
  ];
  for (const [name, expected] of cases) {
    const { host, origin, repository, tag, digest } = parseRegistryName(name);
    assert.equal([host, origin, repository, tag, ...(digest ? [digest] : [])].join(' '), expected, name);
  }
});

test('what no registry can hold is refused', () => {
  const names = [
    ...['', '/', ':', '@', 'app:', 'app@', 'app@sha256:12', `app@${digest}@${digest}`, 'app@sha512:ab'],
    ...['App', 'a//b', '/app', 'app/', 'a/../b', 'a/./b', '-a', 'a-', 'a..b', 'a b', 'a%2fb', 'a?b', 'a#b'],
    ...['a\\b', 'user:pw@registry.example/app', 'registry.example:0/app', 'registry.example:70000/app'],
    ...['registry.example:x/app', '.example/app', 'ex..ample/app', '-x.example/app', '[::1/app', '[zz]/app'],
    ...[
      '1.2.3.999:80/app',
      '[::::]/app',
      'app:-x',
      'app:a/b:',
      `app:${'x'.repeat(129)}`,
      'a\nb/c',
      'ünï/app',
    ],
    ...[`${'a/'.repeat(200)}a`, `${'a'.repeat(64)}.example/app`, `${'a'.repeat(100_000)}!`],
  ];
  for (const name of names) {
    assert.throws(() => parseRegistryName(name), { name: 'StrataError', code: 'usage' }, name.slice(0, 80));
  }
});

test('only names of this machine are this machine', () => {
  for (const name of ['localhost', '127.0.0.1', '127.8.9.10', '[::1]']) assert.ok(isLoopback(name), name);
  for (const name of ['localhost.example', '127.0.0.1.example', '0.0.0.0', '10.0.0.1', 'x127.0.0.1'])
    assert.ok(!isLoopback(name), name);
});
