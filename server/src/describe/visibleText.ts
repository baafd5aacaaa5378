// Names of an image as text in a document: what a reader cannot see, or what turns the text around it, is written as an
// escape. Keeps no markup out: each kind of document escapes its own.

/** Control characters, line separators and the marks that reorder text, as `\u202e`; the panel's page writes them the same. */
export function visibleText(text: string): string {
  return text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
