// Elements of the pages, made in a line. What is given as text stays text: nothing is read as HTML.

export function make(tag: string, className = '', text = ''): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

export function holding(className: string, ...children: (HTMLElement | string)[]): HTMLElement {
  const element = make('div', className);
  element.append(...children);
  return element;
}

export function button(className: string, text: string, act: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.type = 'button';
  if (className !== '') element.className = className;
  element.textContent = text;
  element.addEventListener('click', act);
  return element;
}
