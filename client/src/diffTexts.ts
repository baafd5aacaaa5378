// The words of the diff panel's page, which cannot translate for itself.
import * as vscode from 'vscode';
import type { Texts } from '../webview/diff/messages';

export function diffTexts(): Texts {
  const { t } = vscode.l10n;
  return {
    loading: t('Reading the layer.'),
    layer: t('Layer {0}', '{0}'),
    line: t('line {0}', '{0}'),
    against: t('against {0}', '{0}'),
    added: t('added'),
    modified: t('modified'),
    removed: t('removed'),
    filter: t('Filter: words, *.so, >10MB'),
    path: t('Path'),
    before: t('Before'),
    after: t('After'),
    change: t('Change'),
    what: t('What'),
    changes: t('{0} changes', '{0}'),
    oneChange: t('1 change'),
    changesOfAll: t('{0} of {1} changes', '{0}', '{1}'),
    hidden: t('{0} wasted: hidden by later layers', '{0}'),
    empty: t('This layer changes no files.'),
    noMatch: t('No change matches.'),
    clear: t('Clear the filter'),
    retry: t('Try Again'),
    report: t('Open as Text'),
    open: t('Open'),
    compare: t('Compare with what lies below'),
    openBefore: t('Open as it was before'),
    list: t('Changed files'),
    tree: t('By directory'),
    treeHint: t('Group by directory'),
    showMap: t('Show the map of sizes'),
    map: t('Map of the changes by size. The table below has the same as text.'),
    wholeMap: t('All directories'),
    noBytes: t('No bytes changed.'),
    others: t('others'),
    more: t('and {0} more: narrow the filter to see them', '{0}'),
    openAll: t('Open Changes'),
    openAllHint: t('All changed files as one diff'),
    swap: t('Swap'),
    swapHint: t('Compare the other way round'),
    filterHint: t('Words, globs (*.so, usr/**), sizes (>10MB), what:mode; ! turns a word around'),
    inDirectory: t('All changes in this directory'),
  };
}
