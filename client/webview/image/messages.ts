// What the image panel and its page say to each other. Types and guards only; both sides bundle this file.
import type { LineWeight, RecordView } from '../../../server/src/protocol';

export interface ImagePicture {
  /** `Dockerfile`, `app/Dockerfile`. */
  name: string;
  weights: LineWeight[];
  /** Newest first. */
  records: RecordView[];
  units: 'decimal' | 'binary';
  locale: string;
  texts: ImageTexts;
}

/** Every word on the page, translated by the panel. `{0}` is filled by the page. */
export interface ImageTexts {
  title: string;
  empty: string;
  build: string;
  bar: string;
  base: string;
  own: string;
  wasted: string;
  wastedHead: string;
  line: string;
  /** With `{0}` for the number. */
  lineNumber: string;
  size: string;
  share: string;
  timeline: string;
  when: string;
  time: string;
  cached: string;
  failed: string;
  shown: string;
  compare: string;
}

/** Panel to page. */
export type ToImagePage =
  | { type: 'picture'; uri: string; picture: ImagePicture }
  | { type: 'failed'; title: string; message: string; retry: string };

/** What the page keeps across a restart. */
export interface KeptImage {
  uri: string;
}

export function isKeptImage(value: unknown): value is KeptImage {
  return typeof value === 'object' && value !== null && 'uri' in value && typeof value.uri === 'string';
}

/** Page to panel. */
export type ToImagePanel =
  | { type: 'ready' }
  | { type: 'build' }
  | { type: 'retry' }
  | { type: 'line'; line: number }
  /** A build against the one on show. */
  | { type: 'compare'; id: string };

export function isToImagePanel(value: unknown): value is ToImagePanel {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  switch (value.type) {
    case 'ready':
    case 'build':
    case 'retry':
      return true;
    case 'line':
      return 'line' in value && Number.isSafeInteger(value.line);
    case 'compare':
      return 'id' in value && typeof value.id === 'string';
    default:
      return false;
  }
}

export function isToImagePage(value: unknown): value is ToImagePage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    (value.type === 'picture' || value.type === 'failed')
  );
}
