// Where a Docker engine keeps its images, as `docker info` tells: its data folder, and the containerd that has them
// (Engine 29 by default). Asks; what is to be found there is for contentStore.ts and containerd.ts.

import { isCancelled, StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import { array, object, parseJson, text } from './config';
import { type DockerOptions, runDocker } from './dockerCli';

export interface EngineStore {
  /** An absolute path on the engine's machine; null when it was not told. */
  dataFolder: string | null;
  /** Null when images are kept by a graph driver, as before. */
  containerd: { address: string | null; namespace: string; snapshotter: string } | null;
}

const answerMs = 10_000;

/** Null when no engine answers. Throws StrataError('cancelled'). */
export async function engineStore(host: Host, options: DockerOptions = {}): Promise<EngineStore | null> {
  try {
    const args = ['info', '--format', '{{json .}}'];
    return parseEngineInfo(
      await runDocker(host, args, 'Asking where images are kept', { ...options, timeoutMs: answerMs }),
    );
  } catch (error) {
    if (isCancelled(error) || !(error instanceof StrataError)) throw error;
    return null;
  }
}

/** Of what `docker info --format '{{json .}}'` prints; null when no engine is behind it. Never throws. */
export function parseEngineInfo(output: string): EngineStore | null {
  const info = object(parseJson(Buffer.from(output, 'utf8')));
  const driver = text(info?.Driver);
  // Without an engine docker prints the same fields, all empty.
  if (!info || !driver) return null;
  const isSnapshotter = array(info.DriverStatus).some(
    (pair) => array(pair)[0] === 'driver-type' && array(pair)[1] === 'io.containerd.snapshotter.v1',
  );
  // Clients before 27 do not hand on where containerd listens [20.10.24].
  const told = object(info.Containerd);
  const namespace = text(object(told?.Namespaces)?.Containers) || 'moby';
  const containerd = { address: absolute(told?.Address), namespace, snapshotter: driver };
  return { dataFolder: absolute(info.DockerRootDir), containerd: isSnapshotter ? containerd : null };
}

function absolute(value: unknown): string | null {
  const path = text(value);
  return path?.startsWith('/') ? path : null;
}
