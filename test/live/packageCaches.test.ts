// Where package managers really leave what an install brings, and whether the fix really takes it away: each of those that
// are on this machine installs a tiny package from this disk, as root with the defaults of a container.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, describe, test } from 'node:test';
import type { Deposit } from '../../server/src/image/model';
import { cleanCommand } from '../../server/src/rules/packageManagers';
import { measureLiteral } from '../support/measuredBuild';

const scratch = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'strata-caches-'));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

const lacks = (...commands: string[]): string | false => {
  const missing = commands.filter((one) => spawnSync('sh', ['-c', `command -v ${one}`]).status !== 0);
  return missing.length > 0 && `not on this machine: ${missing.join(', ')}`;
};

/** A container's root of files: the home of root in it, and commands that know no other. */
class Root {
  readonly folder: string;
  readonly work: string;
  env: Record<string, string>;

  constructor(name: string) {
    this.folder = path.join(scratch, name, 'root');
    this.work = path.join(scratch, name, 'work');
    fs.mkdirSync(path.join(this.folder, 'root'), { recursive: true });
    fs.mkdirSync(this.work);
    this.env = { PATH: process.env.PATH ?? '', HOME: path.join(this.folder, 'root'), LANG: 'C.UTF-8' };
  }

  write(name: string, text: string): void {
    const file = path.join(this.work, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }

  /** Runs a shell text. */
  async run(text: string, folder = '.'): Promise<void> {
    const child = spawn('sh', ['-ec', text], { cwd: path.join(this.work, folder), env: this.env });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    assert.equal(code, 0, `${text}\n${said}`);
  }

  /** What Strata finds in a layer of all files. */
  async deposits(): Promise<Deposit[]> {
    const layer: Record<string, Uint8Array> = {};
    for (const name of fs.readdirSync(this.folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(this.folder, name);
      if (fs.lstatSync(file).isFile()) layer[name] = fs.readFileSync(file);
    }
    return (await measureLiteral([layer])).deposits ?? [];
  }
}

/** What an install left, by kind and path; then each is cleaned as the fix does it, and nothing of it is left. */
async function checkCaches(root: Root, expected: Record<string, string>): Promise<void> {
  const found = await root.deposits();
  const filled = found.filter(({ bytes }) => bytes > 0);
  assert.deepEqual(Object.fromEntries(filled.map(({ kind, path: place }) => [place, kind])), expected);
  for (const deposit of filled) {
    const command = cleanCommand(deposit);
    assert.ok(command, `${deposit.kind} has a fix`);
    await root.run(command.replaceAll(/ \/(?=root|var)/g, ` ${root.folder}/`));
  }
  assert.deepEqual(
    (await root.deposits()).filter(({ bytes }) => bytes > 0),
    [],
  );
}

/** A zip without entries for folders, whose names are as given. */
const zipOf =
  "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1], 'w'); [z.write(f, f) for f in sys.argv[2:]]; z.close()";

const buildTiny = `import zipfile
def build_wheel(folder, settings=None, metadata=None):
    name = "tiny-1.0-py3-none-any.whl"
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("tiny.py", "x = 1")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "/RECORD", "tiny.py,,\\n")
    return name
`;

describe('package managers leave their caches where Strata looks, and the fix empties them', () => {
  test('npm', { skip: lacks('npm') }, async () => {
    const root = new Root('npm');
    root.write('package/package.json', '{"name":"tiny","version":"1.0.0"}');
    root.write('app/package.json', '{"name":"app","version":"1.0.0"}');
    await root.run('npm pack --silent --pack-destination ..', 'package');
    await root.run('npm install --silent --offline ../tiny-1.0.0.tgz', 'app');
    await checkCaches(root, { 'root/.npm/_cacache': 'npm' });
  });

  test('pip', { skip: lacks('python3', 'pip') }, async () => {
    const root = new Root('pip');
    // A builder of its own, so that none is fetched.
    const project = '[build-system]\nrequires = []\nbuild-backend = "build"\nbackend-path = ["."]\n';
    root.write('tiny-1.0/pyproject.toml', project);
    root.write('tiny-1.0/PKG-INFO', 'Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n');
    root.write('tiny-1.0/build.py', buildTiny);
    await root.run('tar czf tiny-1.0.tar.gz tiny-1.0');
    await root.run('python3 -m pip --isolated install -q --no-index --target out ./tiny-1.0.tar.gz');
    await checkCaches(root, { 'root/.cache/pip': 'pip' });
  });

  test('go', { skip: lacks('go', 'python3') }, async () => {
    const root = new Root('go');
    const module = 'example.test/tiny';
    root.write(`${module}@v1.0.0/go.mod`, `module ${module}\n`);
    root.write(`${module}@v1.0.0/tiny.go`, 'package tiny\n\nconst X = 1\n');
    const files = `${module}@v1.0.0`;
    await root.run(`python3 -c "${zipOf}" tiny.zip ${files}/go.mod ${files}/tiny.go`);
    root.write(`proxy/${module}/@v/list`, 'v1.0.0\n');
    root.write(`proxy/${module}/@v/v1.0.0.info`, '{"Version":"v1.0.0"}');
    root.write(`proxy/${module}/@v/v1.0.0.mod`, `module ${module}\n`);
    fs.renameSync(path.join(root.work, 'tiny.zip'), path.join(root.work, `proxy/${module}/@v/v1.0.0.zip`));
    root.write('app/go.mod', `module app\n\ngo 1.18\n\nrequire ${module} v1.0.0\n`);
    root.write('app/main.go', `package main\n\nimport "${module}"\n\nfunc main() { println(tiny.X) }\n`);
    const proxy = `file://${path.join(root.work, 'proxy')}`;
    const settings = { GOPROXY: proxy, GOSUMDB: 'off', GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
    root.env = { ...root.env, ...settings };
    await root.run('go build -o /dev/null .', 'app');
    await checkCaches(root, { 'root/.cache/go-build': 'go-build', 'root/go/pkg/mod': 'go-mod' });
  });

  test('cargo', { skip: lacks('cargo', 'git') }, async () => {
    const root = new Root('cargo');
    const rustup = process.env.RUSTUP_HOME ?? path.join(os.homedir(), '.rustup');
    if (fs.existsSync(rustup)) root.env = { ...root.env, RUSTUP_HOME: rustup };
    root.write('tiny/Cargo.toml', '[package]\nname = "tiny"\nversion = "0.1.0"\n');
    root.write('tiny/src/lib.rs', 'pub const X: u8 = 1;\n');
    await root.run(
      'git init -q . && git add . && git -c user.name=a -c user.email=a@a.test commit -qm a',
      'tiny',
    );
    const source = `file://${path.join(root.work, 'tiny')}`;
    root.write(
      'app/Cargo.toml',
      `[package]\nname = "app"\nversion = "0.1.0"\n[dependencies]\ntiny = { git = "${source}" }\n`,
    );
    root.write('app/src/main.rs', 'fn main() {}\n');
    await root.run('cargo fetch -q', 'app');
    await checkCaches(root, { 'root/.cargo/git': 'cargo' });
  });

  test('apt', { skip: lacks('apt-get', 'dpkg-deb') }, async () => {
    const root = new Root('apt');
    root.write(
      'tiny/DEBIAN/control',
      'Package: tiny\nVersion: 1\nArchitecture: all\nMaintainer: a <a@a.test>\nDescription: d\n',
    );
    await root.run('mkdir repository && dpkg-deb -b tiny repository/tiny.deb');
    const deb = fs.readFileSync(path.join(root.work, 'repository/tiny.deb'));
    const control = fs.readFileSync(path.join(root.work, 'tiny/DEBIAN/control'), 'utf8');
    const sum = createHash('sha256').update(deb).digest('hex');
    root.write(
      'repository/Packages',
      `${control}Filename: ./tiny.deb\nSize: ${deb.length}\nSHA256: ${sum}\n`,
    );
    for (const folder of [
      'etc/apt/apt.conf.d',
      'etc/apt/preferences.d',
      'var/lib/dpkg',
      'var/lib/apt/lists',
      'var/cache/apt',
    ])
      fs.mkdirSync(path.join(root.folder, folder), { recursive: true });
    fs.writeFileSync(path.join(root.folder, 'var/lib/dpkg/status'), '');
    fs.writeFileSync(
      path.join(root.folder, 'etc/apt/sources.list'),
      `deb [trusted=yes] copy:${path.join(root.work, 'repository')} ./\n`,
    );
    // `Dir` alone moves all of apt's folders; the state of dpkg is named apart.
    const status = path.join(root.folder, 'var/lib/dpkg/status');
    root.write(
      'apt.conf',
      `Dir "${root.folder}";\nDir::State::status "${status}";\nAPT::Sandbox::User "root";\n`,
    );
    root.env = { ...root.env, APT_CONFIG: path.join(root.work, 'apt.conf') };
    await root.run('apt-get update -qq && apt-get install -y -qq --download-only tiny');
    await checkCaches(root, { 'var/lib/apt/lists': 'apt-lists', 'var/cache/apt': 'apt-cache' });
  });
});
