// The rules, each declared once. Names are diagnostic codes, ignore words, settings and README anchors.
import { buildToolsInFinalStage } from './buildToolsInFinalStage';
import { copiedUpByMetadata } from './copiedUpByMetadata';
import { copyBeforeInstall } from './copyBeforeInstall';
import { deletedInLaterLayer } from './deletedInLaterLayer';
import { duplicateContent } from './duplicateContent';
import { gitDirectoryInLayer } from './gitDirectoryInLayer';
import { layerLimit } from './layerLimit';
import { mergeConsecutiveRuns } from './mergeConsecutiveRuns';
import { missingLineContinuation } from './missingLineContinuation';
import { mutableBaseTag } from './mutableBaseTag';
import { oftenMisses } from './oftenMisses';
import { overwrittenInLaterLayer } from './overwrittenInLaterLayer';
import { packageCacheLeft } from './packageCacheLeft';
import type { Rule } from './rule';
import { secretInLayer } from './secretInLayer';
import { unignoredContext } from './unignoredContext';

export const allRules: readonly Rule[] = [
  mergeConsecutiveRuns,
  missingLineContinuation,
  deletedInLaterLayer,
  overwrittenInLaterLayer,
  copiedUpByMetadata,
  packageCacheLeft,
  duplicateContent,
  secretInLayer,
  gitDirectoryInLayer,
  buildToolsInFinalStage,
  copyBeforeInstall,
  oftenMisses,
  mutableBaseTag,
  unignoredContext,
  layerLimit,
];
