// Gives each image that buildah left to the step that made it, by what the image itself says: its newest history entry is
// the step's text, and names the image below. Where two steps are left, neither has it, and whether it came from the
// cache is not known.
import { type LooseImage, withoutUnsure } from './buildahProgress';
import type { BuildStep } from './model';
import type { StepImage } from './stepImages';

/** @param images by the ids that the steps and the loose images have */
export function placeImages(
  steps: readonly BuildStep[],
  loose: readonly LooseImage[],
  images: ReadonlyMap<string, StepImage>,
): BuildStep[] {
  const placed = steps.map((step) => {
    const image = step.imageId === null ? undefined : images.get(step.imageId);
    // A RUN can print any id; the image of another instruction is not this step's.
    return image && !isOf(step, step.imageId!, image)
      ? { ...step, imageId: null, cached: false }
      : { ...step };
  });
  let left = loose.map((one) => ({ ...one, image: images.get(one.id) }));
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    left = left.filter(({ id, image, candidates, isHit, atMs }) => {
      const fitting = image ? candidates.filter((at) => fits(placed, at, id, image)) : [];
      const [at, ...others] = fitting;
      if (at === undefined || others.length > 0) return true;
      const step = placed[at]!;
      step.imageId = id;
      step.cached = isHit;
      step.durationMs = isHit ? 0 : Math.max(0, atMs - (step.startedMs ?? atMs));
      return false;
    });
  }
  return withoutUnsure(placed, left, true);
}

function fits(steps: readonly BuildStep[], at: number, id: string, image: StepImage): boolean {
  const step = steps[at]!;
  if (step.imageId !== null || !isOf(step, id, image)) return false;
  if (step.keyword === 'FROM') return true;
  const below = steps.findLast(
    (other, index) => index < at && other.stage === step.stage && other.number === step.number! - 1,
  );
  const parent = below?.keyword === 'FROM' ? (/^FROM (\S+)/i.exec(below.name)?.[1] ?? null) : below?.imageId;
  const named = /^FROM ([0-9a-f]{12})$/.exec(image.comment)?.[1];
  const isId = parent != null && /^[0-9a-f]{11,64}$/.test(parent);
  // By its name if it stands on an image of the engine, by its id if on another step.
  if (named === undefined) return !isId;
  return isId ? named.startsWith(parent.slice(0, 12)) : below?.keyword !== 'FROM';
}

/** Whether the newest history entry of an image can be this step's (imagebuildah, getCreatedBy). */
function isOf({ keyword, name }: BuildStep, id: string, { createdBy }: StepImage): boolean {
  if (keyword === 'FROM') {
    // With nothing behind it, a stage leaves the image that it stands on; by a name that may be any.
    const base = /^FROM ([0-9a-f]{64})(?:\s|$)/i.exec(name)?.[1];
    return base === undefined || base.startsWith(id);
  }
  const rest = plain(name.slice(keyword?.length ?? 0));
  const text = plain(createdBy);
  if (keyword === 'RUN') return text.includes('/bin/sh -c ') && text.includes(rest);
  const said = /#\(nop\) (\S+)(.*)$/s.exec(text);
  if (said?.[1]?.toUpperCase() !== keyword) return false;
  return (
    keyword === 'COPY' || keyword === 'ADD' || keyword === 'ARG' || plain(said[2] ?? '').startsWith(rest)
  );
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
