// The file system of the base image that real builders build on: busybox and two users, the same bytes each time.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { newFolder } from './launch';
import { need } from './programs';

export const baseConfig = {
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Cmd: ['sh'],
};

/** The base's one layer as a tar: /bin with busybox and its names, users root and app (1000), /home/app, /tmp. */
export function baseLayer(): Buffer {
  const root = newFolder('rootfs');
  try {
    const bin = path.join(root, 'bin');
    // Of the image's own root: podman takes it over, and user app has to get in.
    fs.chmodSync(root, 0o755);
    for (const dir of ['bin', 'etc', 'home', 'home/app', 'root', 'tmp', 'usr', 'usr/bin', 'var', 'var/tmp']) {
      fs.mkdirSync(path.join(root, dir));
    }
    const busybox = need('busybox');
    fs.copyFileSync(busybox, path.join(bin, 'busybox'));
    fs.chmodSync(path.join(bin, 'busybox'), 0o755);
    const applets = spawnSync(busybox, ['--list'], { encoding: 'utf8' }).stdout.split('\n');
    for (const name of applets)
      if (name && name !== 'busybox') fs.symlinkSync('busybox', path.join(bin, name));
    fs.writeFileSync(
      path.join(root, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n',
    );
    fs.writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\napp:x:1000:\n');
    fs.chownSync(path.join(root, 'home/app'), 1000, 1000);
    for (const dir of ['tmp', 'var/tmp']) fs.chmodSync(path.join(root, dir), 0o1777);
    const same = ['--sort=name', '--mtime=@0', '--numeric-owner', '--format=gnu'];
    const made = spawnSync('tar', ['-C', root, ...same, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 });
    if (made.status !== 0) throw new Error(`tar of the base image ended with ${made.status}: ${made.stderr}`);
    return made.stdout;
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}
