// The names that BuildKit gives to steps: `[linux/amd64->arm64 build 2/5] ONBUILD RUN …`. Decides what they say of
// stage, number and keyword; not which line of the Dockerfile is meant: the text behind the keyword is no safe key.
import type { BuildStep } from './model';
import { longestText } from './progress';

export interface StepName {
  stage: string | null;
  number: number | null;
  total: number | null;
  platform: string | null;
  keyword: string | null;
  onBuild: boolean;
  linkMerge: boolean;
}

// BuildKit frontend/dockerfile/dockerfile2llb/convert.go, prefixCommand: the platform only if several were asked for,
// the stage only if the file has several, the number padded to the width of the total. A stage's name holds no slash.
const prefix = /^\[(?:([^\s\]/]+\/[^\s\]]+) )?(?:([^\s\]/]+) )? *(\d{1,6})\/(\d{1,6})\] /;
// The merge of COPY --link is named `LINK COPY --link …` (convert_copy.go).
const instruction = /^(ONBUILD )?(LINK )?([A-Za-z]+)(?=\s|$)/;

/** What a step's name says; all null for `[internal] …`, `exporting to image` and other steps of no instruction. */
export function parseStepName(name: string): StepName {
  const [whole = '', platform = null, stage = null, number, total] = prefix.exec(name) ?? [];
  // With ONBUILD triggers, BuildKit 0.8 counts on beyond the total: `[6/5] RUN true` [Docker Engine 20.10.24].
  const words = whole === '' ? null : instruction.exec(name.slice(whole.length));
  return {
    stage,
    number: number === undefined ? null : Number(number),
    total: total === undefined ? null : Number(total),
    platform,
    keyword: words?.[3]?.toUpperCase() ?? null,
    onBuild: words?.[1] !== undefined,
    linkMerge: words?.[2] !== undefined,
  };
}

/** A step that has not started. */
export function newStep(name: string): BuildStep {
  return {
    digest: null,
    name: name.slice(0, longestText),
    ...parseStepName(name),
    group: null,
    cached: false,
    startedMs: null,
    durationMs: null,
    error: null,
    lastLines: [],
    imageId: null,
  };
}
