// A build for several platforms leaves one record for each, of the same start. Decides which records are of one build,
// which of them is shown, and what is compared with it; not what a platform is (image/platform.ts).
import { formatPlatform, hostPlatform, matchesPlatform, parsePlatform } from '../image/platform';
import { StrataError } from '../primitives/errors';
import type { Host } from '../primitives/host';
import type { BuildRecord } from './model';

/** Each leaves a record, and a Dockerfile's last 20 are kept. */
const mostPlatforms = 8;

/**
 * What `--platform` names, this machine's first, since that one is shown where nobody chose: empty for one platform or
 * none, of which the builder's own words count.
 * @throws StrataError 'usage' for a list with a part that is no platform, or with too many
 */
export function severalPlatforms(host: Host, text: string | null): string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  if (parts.length < 2) return [];
  const platforms = [...new Set(parts.map((part) => buildkitName(formatPlatform(parsePlatform(part)))))];
  if (platforms.length < 2) return [];
  if (platforms.length > mostPlatforms) {
    throw new StrataError(
      'usage',
      `${platforms.length} platforms are too many for one build here.`,
      `Name ${mostPlatforms} at most.`,
    );
  }
  const own = hostPlatform(host);
  const isOwn = (platform: string) => matchesPlatform(own, parsePlatform(platform));
  return [...platforms.filter(isOwn), ...platforms.filter((platform) => !isOwn(platform))];
}

/** BuildKit 0.34 names `linux/arm` `linux/arm/v7` in steps and metadata (containerd, platforms.Normalize). */
function buildkitName(platform: string): string {
  return platform.endsWith('/arm') ? `${platform}/v7` : platform;
}

/** The one of `names` that is meant, whatever its spelling. */
export function namedPlatform(names: readonly string[], wanted: string): string | null {
  return names.includes(wanted) ? wanted : (names.find((name) => isSamePlatform(name, wanted)) ?? null);
}

/** Of records with one start, as of several platforms, the ids sort as the platforms stand: the first is the newest. */
export function platformId(id: string, at: number): string {
  return `${id.slice(0, -2)}${Math.max(0, 0xff - at)
    .toString(16)
    .padStart(2, '0')}`;
}

/** All records of the build that a record is of, itself among them, in the order of `records`. */
export function ofSameBuild(records: readonly BuildRecord[], record: BuildRecord): BuildRecord[] {
  const isSame = (one: BuildRecord) =>
    one.id === record.id ||
    (one.started === record.started &&
      one.outcome === record.outcome &&
      one.text === record.text &&
      one.choice.platform !== null &&
      record.choice.platform !== null &&
      one.choice.platform !== record.choice.platform);
  return records.filter(isSame);
}

/** The platforms of the build that a record is of; empty when it was for one. */
export function platformsOfBuild(records: readonly BuildRecord[], record: BuildRecord): string[] {
  const same = ofSameBuild(records, record);
  return same.length < 2 ? [] : same.flatMap(({ choice }) => choice.platform ?? []);
}

/** The newest measured build; of several platforms the one that is wanted, if it is among them, else the first. */
export function shownRecord(records: readonly BuildRecord[], wanted: string | null): BuildRecord | null {
  const isMeasured = ({ outcome, image }: BuildRecord) => outcome === 'built' && image !== null;
  const newest = records.find(isMeasured) ?? null;
  if (!newest || wanted === null) return newest;
  const chosen = ofSameBuild(records, newest).find(
    (one) => isMeasured(one) && one.choice.platform === wanted,
  );
  return chosen ?? newest;
}

/**
 * The build before a record's that can be compared with it: of the same platform, since images for two are two images.
 * @param records newest first, `record` among them
 */
export function buildBefore(records: readonly BuildRecord[], record: BuildRecord): BuildRecord | null {
  const from = records.findIndex(({ id }) => id === record.id) + 1;
  if (from === 0) return null;
  const platform = platformOf(record);
  const same = (one: BuildRecord) => {
    const other = platformOf(one);
    return platform === null || other === null || isSamePlatform(other, platform);
  };
  return (
    records
      .slice(from)
      .find((one) => one.outcome === 'built' && one.started !== record.started && same(one)) ?? null
  );
}

/** What an image is for, as it says itself; else as it was asked for; null when neither tells. */
export function platformOf({ image, choice }: BuildRecord): string | null {
  return image?.platform || choice.platform;
}

/** True for two spellings of one; of arm without a variant and with one too. Never throws. */
export function isSamePlatform(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [a, b].map((text) =>
    /^[^/]+\/[^/]+(?:\/[^/]+)?$/.test(text) ? parsePlatform(text) : null,
  );
  if (!one || !other) return false;
  return matchesPlatform(one, other) || matchesPlatform(other, one);
}
