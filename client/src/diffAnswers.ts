// The answers to what the diff panel's page asks of the server: rows, directories, the map. Knows neither vscode nor the
// page; who sends them is diffPanel.ts.
import type { RequestTypes } from '../../server/src/protocol';
import type { Shown, ToPage, ToPanel } from '../webview/diff/messages';

const largestPage = 1000;

type Method = 'strata/diffPage' | 'strata/diffTree' | 'strata/diffMap';
type Request = <M extends Method>(
  method: M,
  params: RequestTypes[M]['params'],
) => Promise<RequestTypes[M]['result']>;

export type Question = Extract<ToPanel, { type: 'rows' | 'children' | 'map' }>;

/** Rejects as the request does. */
export async function answerTo(question: Question, shown: Shown, request: Request): Promise<ToPage> {
  const { ask, query } = question;
  switch (question.type) {
    case 'rows': {
      const { offset } = question;
      const params = { ...shown, ...query, offset, limit: Math.min(question.limit, largestPage) };
      return { type: 'rows', ask, offset, page: await request('strata/diffPage', params) };
    }
    case 'children': {
      const { path, offset } = question;
      const params = { ...shown, ...query, path, offset, limit: Math.min(question.limit, largestPage) };
      return { type: 'children', ask, path, offset, page: await request('strata/diffTree', params) };
    }
    case 'map': {
      const params = { ...shown, filter: query.filter, kinds: query.kinds, path: query.mapPath };
      return { type: 'map', ask, map: await request('strata/diffMap', params) };
    }
  }
}
