// What is known beside the text: the last build, its image, and how its layers were tied to its lines.
// Prepared once per build, not per keystroke. No judgement on the edited text; see analyze.ts.
import type { BuildRecord, BuildRules } from '../build/model';
import type { BuildChoice, Dockerfile } from '../dockerfile/model';
import { parseDockerfile } from '../dockerfile/parse';
import type { MeasuredImage } from '../image/model';
import { rulesOfHistory } from '../mapping/historyText';
import { mapLayers } from '../mapping/mapLayers';
import type { Mapping } from '../mapping/model';

export interface Knowledge {
  record: BuildRecord | null;
  /** The image of `record`, or one that the person named. */
  image: MeasuredImage | null;
  /** The text that was built, parsed; null when nothing was built. */
  built: Dockerfile | null;
  mapping: Mapping | null;
  rules: BuildRules;
}

export const nothingKnown: Knowledge = {
  record: null,
  image: null,
  built: null,
  mapping: null,
  rules: 'buildkit',
};

/** Knowledge from a recorded build. A failed build without an image still tells cache facts and the failing line. */
export function knowledgeOfRecord(record: BuildRecord): Knowledge {
  const built = parseDockerfile(record.text);
  return {
    record,
    image: record.image,
    built,
    mapping: mapLayers(built, record, record.image, record.choice),
    rules: record.builder.rules,
  };
}

/** Knowledge from an image of which no build is recorded: lines are tied by history alone, on the given text. */
export function knowledgeOfImage(
  dockerfile: Dockerfile,
  image: MeasuredImage,
  choice: BuildChoice,
): Knowledge {
  return {
    record: null,
    image,
    built: dockerfile,
    mapping: mapLayers(dockerfile, null, image, choice),
    rules: rulesOfHistory(image.history) ?? 'buildkit',
  };
}
