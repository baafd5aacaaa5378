// Platforms as `os/arch[/variant]`, and which of an index's images is taken: the one asked for, the host's, the only one.
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';

export interface Platform {
  os: string;
  architecture: string;
  variant: string | null;
}

/** `linux/amd64`, `linux/arm64/v8`. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** Throws StrataError('usage'). Accepts the names that uname uses. */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.toLowerCase().split('/');
  if (!os || !architecture || more.length > 0) {
    throw new StrataError(
      'usage',
      `'${text}' is no platform.`,
      'Write os/arch or os/arch/variant: linux/arm64.',
    );
  }
  return normal({ os, architecture, variant: variant || null });
}

const aliases: Record<string, string> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  armhf: 'arm',
};

/** As containerd does: arm64 is v8, and so is nothing said of it. */
function normal({ os, architecture, variant }: Platform): Platform {
  const arch = aliases[architecture] ?? architecture;
  const plain =
    (arch === 'arm64' && variant === 'v8') || (arch === 'amd64' && variant === 'v1') ? null : variant;
  return { os: os === 'macos' ? 'darwin' : os, architecture: arch, variant: plain };
}

/** `wanted` without a variant takes any. */
export function matchesPlatform(wanted: Platform, own: Platform): boolean {
  const a = normal(wanted);
  const b = normal(own);
  return (
    a.os === b.os && a.architecture === b.architecture && (a.variant === null || a.variant === b.variant)
  );
}

/** What the engine of this host runs: Linux images on a Mac. */
export function hostPlatform(host: Host): Platform {
  return normal({
    os: host.os === 'windows' ? 'windows' : 'linux',
    architecture: host.architecture,
    variant: null,
  });
}

/**
 * The candidate to take. Throws StrataError('not-found') when none fits or several do, and lists them.
 * @param what shown in errors: `oci:dir`
 */
export function choosePlatform<T extends { platform: Platform | null; label: string }>(
  host: Host,
  what: string,
  candidates: readonly T[],
  wanted: string | undefined,
): T {
  const list = firstFew(
    candidates.map(({ platform, label }) =>
      [platform ? formatPlatform(platform) : 'unknown platform', label].filter(Boolean).join(' '),
    ),
  );
  if (candidates.length === 0) throw new StrataError('not-found', `${what} holds no image.`);
  if (wanted !== undefined) {
    const platform = parsePlatform(wanted);
    const fitting = candidates.filter(
      (candidate) => candidate.platform && matchesPlatform(platform, candidate.platform),
    );
    if (fitting.length > 0) return only(what, fitting, list);
    throw new StrataError('not-found', `${what} has no image for ${wanted}; it has: ${list}.`);
  }
  if (candidates.length === 1) return candidates[0]!;
  const own = hostPlatform(host);
  const fitting = candidates.filter(({ platform }) => platform && matchesPlatform(own, platform));
  if (fitting.length > 0) return only(what, fitting, list);
  throw new StrataError(
    'not-found',
    `${what} has no image for this machine (${formatPlatform(own)}); it has: ${list}.`,
    'Choose one with --platform.',
  );
}

const shownItems = 20;
const shownCharacters = 200;

/** A list for a message, bounded: an index may hold thousands of images, and their names be of any length. */
export function firstFew(items: readonly string[]): string {
  const shown = items
    .slice(0, shownItems)
    .map((item) => (item.length > shownCharacters ? `${item.slice(0, shownCharacters)}…` : item));
  const more = items.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function only<T extends { label: string }>(what: string, fitting: readonly T[], list: string): T {
  // Several variants of one architecture: the first listed, as containerd takes the first of equal rank.
  const names = new Set(fitting.map(({ label }) => label));
  if (names.size === 1) return fitting[0]!;
  throw new StrataError(
    'usage',
    `${what} holds several images: ${list}.`,
    'Name one behind a colon, or its position behind @.',
  );
}
