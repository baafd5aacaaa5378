import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openImage } from '../../../server/src/image/open';
import { PackageOwners, packageLists, readPackageLists } from '../../../server/src/layers/packageOwners';
import { packageOfPath } from '../../../server/src/layers/packagePaths';
import { imageForms, imageHost, type LayerLiteral } from '../../support/imageFixture';
import { layerIndexes } from '../../support/layerIndexes';

/** `path  manager name`, a line for each path; `-` where no package owns it. */
function checkPath(path: string, expected: string): void {
  const owner = packageOfPath(path);
  assert.equal(owner ? `${owner.manager} ${owner.name}` : '-', expected, path);
}

describe('packages by their folders', () => {
  test('npm, the innermost, scoped, and in pnpm’s store', () => {
    checkPath('app/node_modules/lodash/index.js', 'npm lodash');
    checkPath('app/node_modules/a/node_modules/@s/b/x.js', 'npm @s/b');
    checkPath('app/node_modules/.pnpm/a@1.0.0/node_modules/a/x.js', 'npm a');
    checkPath('app/node_modules/.bin/tsc', '-');
    checkPath('app/node_modules/.package-lock.json', '-');
    checkPath('app/node_modules', '-');
  });

  test('gem, go, cargo, maven, composer', () => {
    checkPath('usr/lib/ruby/gems/3.1.0/gems/rake-13.0.6/lib/rake.rb', 'gem rake');
    checkPath('go/pkg/mod/github.com/!burnt!sushi/toml@v1.2.0/lex.go', 'go github.com/BurntSushi/toml');
    checkPath('go/pkg/mod/cache/download/x/@v/list', '-');
    checkPath('root/.cargo/registry/src/index-1cd6/serde-1.0.1/src/lib.rs', 'cargo serde');
    checkPath(
      'root/.m2/repository/org/slf4j/slf4j-api/2.0.1/slf4j-api-2.0.1.jar',
      'maven org.slf4j:slf4j-api',
    );
    checkPath('app/vendor/monolog/monolog/src/Logger.php', 'composer monolog/monolog');
    checkPath('app/vendor/bin/phpunit', '-');
    checkPath('app/src/main.ts', '-');
  });
});

/** Owners of paths after the last layer, read from a real archive of that form. */
async function checkOwners(
  layers: LayerLiteral[],
  expected: Record<string, string>,
  unread = 0,
): Promise<void> {
  for (const form of imageForms) {
    const compression = form.startsWith('oci') ? 'gzip' : 'none';
    const { host, reference } = await imageHost({ layers }, form, compression);
    const image = await openImage(host, reference);
    const indexes = await layerIndexes(layers);
    const owners = new PackageOwners();
    const lists = packageLists(indexes);
    let missed = 0;
    for (const [layer, index] of indexes.entries()) {
      const own = lists.filter((list) => list.layer === layer);
      if (own.length > 0) missed += await readPackageLists(host, image.layers[layer]!, index, own, owners);
    }
    await image.close();
    assert.equal(missed, unread, form);
    const told = Object.keys(expected).map((path) => {
      const owner = owners.ownerOf(path, path.endsWith('/'));
      return [path, owner ? `${owner.manager} ${owner.name}` : '-'];
    });
    assert.deepEqual(Object.fromEntries(told), expected, form);
  }
}

describe('packages by the lists of their managers', () => {
  test('dpkg: the newest list counts, folders belong to nobody, /lib is /usr/lib', async () => {
    await checkOwners(
      [
        {
          'var/lib/dpkg/info/libc6:amd64.list': '/.\n/lib\n/lib/libc.so.6\n/usr/share/doc/libc6\n',
          'var/lib/dpkg/info/old.list': '/.\n/opt/old\n',
        },
        { 'var/lib/dpkg/info/old.list': '/.\n/opt/new\n' },
      ],
      {
        'usr/lib/libc.so.6': 'deb libc6',
        'lib/libc.so.6': 'deb libc6',
        'usr/share/doc/': '-',
        'usr/share/doc/libc6/': '-',
        'opt/new': 'deb old',
        'opt/old': '-',
      },
    );
  });

  test('dpkg without a shell, apk and Python', async () => {
    await checkOwners(
      [
        {
          'var/lib/dpkg/status.d/tzdata.md5sums': '0123  usr/share/zoneinfo/UTC\n',
          'lib/apk/db/installed':
            'P:musl\nV:1\nF:lib\nR:libc.so\nR:ld.so\n\nP:zlib\nF:usr/lib\nR:libz.so\nF:\nR:top\n',
          'usr/lib/python3/site-packages/requests-2.31.0.dist-info/RECORD':
            'requests/__init__.py,sha256=x,1\n"requests/a ""b"",c.py",,\n../../../bin/req,,\n',
        },
      ],
      {
        'usr/share/zoneinfo/UTC': 'deb tzdata',
        'lib/libc.so': 'apk musl',
        'usr/lib/libz.so': 'apk zlib',
        top: 'apk zlib',
        'usr/lib/python3/site-packages/requests/__init__.py': 'python requests',
        'usr/lib/python3/site-packages/requests/a "b",c.py': 'python requests',
        'usr/bin/req': 'python requests',
      },
    );
  });

  test('a path that two packages claim belongs to none, and hostile lists break nothing', async () => {
    await checkOwners(
      [
        {
          'var/lib/dpkg/info/a.list': '/etc/both\n/../../etc/passwd\n',
          'var/lib/dpkg/info/b.list': '/etc/both\n\0\uffff\n',
          'lib/apk/db/installed': 'R:lost\nP:\nF:..\nR:../x\n',
          'x.dist-info/RECORD': '../../../../out,,\n,,\n"',
        },
      ],
      { 'etc/both': '-', lost: '-', out: 'python x' },
    );
  });
});
