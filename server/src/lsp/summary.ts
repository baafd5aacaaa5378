// What the status bar and the tree's heading show of a document, and which welcome text fits.

import { nextTotals } from '../describe/next';
import { translated } from '../describe/translate';
import type { SummaryView, ViewState } from '../protocol';
import type { DocumentState } from './documents';
import type { Session } from './session';
import { evidenceOfBuild } from './words';

export function summaryOf(session: Session, document: DocumentState): SummaryView {
  const analysis = document.analysis();
  return {
    uri: document.uri,
    state: viewState(session, document),
    imageBytes: analysis.image ? analysis.totals.unpackedBytes : null,
    changeBytes: document.changeBytes(),
    wastedBytes: analysis.totals.wastedBytes,
    cachedSteps: analysis.build?.cachedSteps ?? null,
    cacheableSteps: analysis.build?.cacheableSteps ?? null,
    layers: analysis.image?.layers ?? null,
    platform: document.platforms().shown,
    basis: evidenceOfBuild(analysis, session.style),
    note: analysis.build?.note ? translated(analysis.build.note) : null,
    next: nextTotals(analysis, session.style),
  };
}

export function viewState(session: Session, document: DocumentState): ViewState {
  const { image, record } = document.knowledge;
  if (image) return document.reading ? 'reading' : 'ready';
  if (document.building) return 'building';
  if (document.analysis().stages.length === 0) return 'noLayers';
  if (!session.trusted) return 'untrusted';
  return record ? 'ready' : 'neverBuilt';
}
