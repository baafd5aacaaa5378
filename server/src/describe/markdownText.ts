// Text of others inside a Markdown document, also in a cell of a table: it can neither end the cell nor become a link, an
// image, HTML or a mention. Knows nothing of what the text is.
import { visibleText } from './visibleText';

/** As running text. CommonMark lets every ASCII punctuation be escaped; entities keep HTML and mentions (`@name`) from working. */
export function markdownText(text: string): string {
  return visibleText(text)
    .replace(/[\\`*_{}[\]#|~!$]/g, '\\$&')
    .replace(/[&<>@]/g, (mark) => `&#${mark.codePointAt(0)};`)
    .replace(
      /(https?|ftp|www)([:.])/gi,
      (_, scheme: string, mark: string) => `${scheme}&#${mark.codePointAt(0)};`,
    );
}

/**
 * As code, where that is safe: a code span knows no escapes, so that a backtick would end it, and a pipe or a backslash
 * before one the cell (GFM, section Tables). Other names are escaped as text.
 */
export function markdownName(text: string): string {
  const shown = visibleText(text);
  return shown === '' || /[`|\\]|^ | $/.test(shown) ? markdownText(text) : `\`${shown}\``;
}
