// The world as Node.js gives it: puts files, processes, network and clock together into one Host.
// Decides nothing on paths or programs; see nodeFiles.ts and nodeProcesses.ts.
import type { Host } from '../primitives/host';
import { createNodeFiles } from './nodeFiles';
import { createNodeNetwork } from './nodeNetwork';
import { createNodeProcesses } from './nodeProcesses';

const operatingSystems: Record<string, string> = { win32: 'windows', sunos: 'solaris' };
const architectures: Record<string, string> = {
  x64: 'amd64',
  ia32: '386',
  loong64: 'loong64',
  mips: 'mips',
  mipsel: 'mipsle',
  // Node.js has one word for both byte orders (process.arch); Linux runs it little-endian.
  ppc64: process.platform === 'linux' ? 'ppc64le' : 'ppc64',
};

/** @param environment what programs get and where PATH is read from; the process's own by default */
export function createNodeHost(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Host {
  return {
    files: createNodeFiles(),
    processes: createNodeProcesses(environment),
    network: createNodeNetwork(),
    environment,
    os: operatingSystems[process.platform] ?? process.platform,
    architecture: architectures[process.arch] ?? process.arch,
    now: Date.now,
  };
}
