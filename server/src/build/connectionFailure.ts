// Whether a build failed for want of its daemon: absent, forbidden, or gone in the middle. Decides by the words of the
// clients, all of them seen: docker 20.10.24 with both builders, docker 28.2.2, buildx 0.38.2 with two drivers.
import type { Explained } from './failure';
import type { BuilderIdentity, BuildStep } from './model';
import { asSentence } from './words';

const absent =
  /cannot connect to the docker daemon|failed to connect to the docker api|failed to dial grpc|error during connect/i;
const forbidden = /permission denied while trying to connect/i;
const lost = /^unexpected EOF$/;
// The first is what docker 20.10 makes of a lost connection when it shall write an --iidfile.
const lostInMidstep =
  /server did not provide an image ID|error reading from server|transport is closing|connection reset by peer|use of closed network connection/i;

/**
 * @param failed the step that failed, if any
 * @param said the builder's last words, cleaned
 */
export function connectionFailure(
  builder: BuilderIdentity,
  steps: readonly BuildStep[],
  failed: BuildStep | null,
  said: string,
): Explained | null {
  const isDocker = builder.driver === null || builder.driver === 'docker';
  const name = isDocker ? 'Docker' : `The builder ${builder.instance}`;
  const it = isDocker ? name : 'it';
  const explain = (message: string, hint: string): Explained => ({ code: 'no-daemon', message, hint });

  if (builder.rules === 'buildah') {
    // Builds go on in this process; only where podman runs in a machine can that be down.
    if (!/(?:cannot|unable to) connect to podman/i.test(said)) return null;
    return explain(`podman's machine is not running: ${asSentence(said)}`, 'Start it: podman machine start.');
  }
  if (forbidden.test(said)) {
    const hint = 'Let your user reach the daemon (on Linux: the group docker), or choose another builder.';
    return explain(`${name} does not let this user in: ${asSentence(said)}`, hint);
  }
  if (absent.test(said)) {
    return explain(`${name} is not running: ${asSentence(said)}`, `Start ${it}, or choose another builder.`);
  }
  // buildx waits 20 s for a builder of driver remote, and shows it as a step.
  if (failed?.name === '[internal] waiting for connection') {
    return explain(`${name} does not answer.`, `Start ${it}, or choose another one with docker buildx use.`);
  }
  // A step that fails with such words, as when a registry hangs up, has an error of its own: the builder is well.
  const inMidstep =
    !failed && steps.some(({ startedMs, durationMs }) => startedMs !== null && durationMs === null);
  if (!lost.test(said) && !(inMidstep && lostInMidstep.test(said))) return null;
  const words = said.includes('image ID') ? '' : ` (${said})`;
  return explain(
    `${name} stopped while it built: the connection broke off${words}.`,
    `See whether ${it} is running, then build again.`,
  );
}
