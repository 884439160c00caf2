/** The element of the page with this id. */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...children);
  return made;
}

export function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = make('button', '', text);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
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
  announcement.textContent = text;
}
