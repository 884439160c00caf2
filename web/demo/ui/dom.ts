/** The element of the page with this id. */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

export type Child = Node | string;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

const svg = 'http://www.w3.org/2000/svg';

/** One of the symbols at the top of index.html. */
export function icon(name: string): SVGSVGElement {
  const drawn = document.createElementNS(svg, 'svg');
  drawn.setAttribute('class', 'icon');
  drawn.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svg, 'use');
  use.setAttribute('href', `#icon-${name}`);
  drawn.append(use);
  return drawn;
}

export function button(text: string, onClick: () => void, className = ''): HTMLButtonElement {
  const made = make('button', className, text);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

/** A button that shows a symbol, and has a name for those who do not see it. */
export function iconButton(name: string, label: string, onClick: () => void): HTMLButtonElement {
  const made = button('', onClick, 'icon-button');
  made.append(icon(name));
  nameButton(made, label);
  return made;
}

export function nameButton(button: HTMLElement, label: string): void {
  button.setAttribute('aria-label', label);
  button.title = label;
}

/** Fills a list of names and values; rows without a value are left out. */
export function fillList(list: HTMLDListElement, rows: readonly (readonly [string, string | undefined])[]): void {
  const shown = rows.filter(([, value]) => value !== undefined && value !== '');
  list.replaceChildren(
    ...shown.map(([name, value]) => make('div', '', make('dt', '', name), make('dd', '', value ?? ''))),
  );
}

const announcement = element('announcement', HTMLParagraphElement);

/** Tells it to those who do not see the page. */
export function announce(text: string): void {
  // The same text again would not be told.
  announcement.textContent = announcement.textContent === text ? `${text}\u00a0` : text;
}
