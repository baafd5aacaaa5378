// How a path of an image is shown as text: folders dim before the name, each part isolated so that right-to-left names
// do not turn the others round, marks that would deceive the eye made visible, long names shortened in the middle.

/** Characters kept at the end of a long name, where the extension is. */
const tailLength = 12;
const longName = 60;
const plain = /^[\x20-\x7e]*$/;

export function pathText(path: string): HTMLElement {
  const slash = path.lastIndexOf('/');
  const element = document.createElement('span');
  element.className = 'path';
  element.title = visible(path);
  if (slash >= 0) {
    const folders = document.createElement('span');
    folders.className = 'folders';
    const above = path.slice(0, slash + 1);
    // Nearly all are, and nothing in them runs from right to left: one text in place of two nodes for each folder.
    if (plain.test(above)) folders.append(above);
    else for (const folder of path.slice(0, slash).split('/')) folders.append(isolated(folder), '/');
    element.append(folders);
  }
  element.append(nameText(path.slice(slash + 1)));
  return element;
}

/** A name alone, shortened in the middle when it is long. */
export function nameText(name: string): HTMLElement {
  const characters = [...name];
  const element = document.createElement('span');
  element.className = 'name';
  if (characters.length <= longName) {
    element.append(isolated(name));
    return element;
  }
  const start = document.createElement('span');
  start.className = 'start';
  start.append(isolated(characters.slice(0, -tailLength).join('')));
  element.append(start, isolated(characters.slice(-tailLength).join('')));
  return element;
}

function isolated(text: string): HTMLElement {
  const element = document.createElement('bdi');
  element.textContent = visible(text);
  return element;
}

/** Control characters and the marks that reorder text, as `\u202e`. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
