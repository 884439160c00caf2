import { button, icon, iconButton, make } from './dom.js';

export interface MenuItem {
  readonly name: string;
  readonly icon: string;
  readonly isDanger?: boolean;
  readonly onChosen: () => void;
}

let close: (() => void) | undefined;

/** A button that opens a menu below it. */
export function menuButton(label: string, iconName: string, items: () => readonly MenuItem[]): HTMLButtonElement {
  const opener = iconButton(iconName, label, () => {
    openMenu(opener, items());
  });
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  return opener;
}

/** Opens a menu at a button, or closes it where it is open. */
export function openMenu(opener: HTMLElement, items: readonly MenuItem[]): void {
  const isOpen = opener.getAttribute('aria-expanded') === 'true';
  close?.();
  if (isOpen) return;
  const menu = make('div', 'menu', ...items.map(rowOf));
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', opener.getAttribute('aria-label') ?? '');
  document.body.append(menu);
  place(menu, opener);
  opener.setAttribute('aria-expanded', 'true');
  const rows = [...menu.querySelectorAll('button')];
  rows[0]?.focus();

  const closeMenu = (): void => {
    menu.remove();
    opener.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', onPointer, true);
    window.removeEventListener('resize', closeMenu);
    close = undefined;
  };
  const onPointer = ({ target }: Event): void => {
    if (target instanceof Node && !menu.contains(target) && !opener.contains(target)) closeMenu();
  };
  close = closeMenu;
  document.addEventListener('pointerdown', onPointer, true);
  window.addEventListener('resize', closeMenu);
  // Before what was chosen is done, which may move the focus on.
  const choose = (): void => {
    closeMenu();
    opener.focus();
  };
  menu.addEventListener('click', choose, true);
  menu.addEventListener('keydown', (event) => {
    const at = rows.findIndex((row) => row === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) rows[(to + rows.length) % rows.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') {
      closeMenu();
      opener.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function rowOf({ name, icon: iconName, isDanger, onChosen }: MenuItem): HTMLButtonElement {
  const row = button('', onChosen, isDanger ? 'danger' : '');
  row.append(icon(iconName), name);
  row.setAttribute('role', 'menuitem');
  row.tabIndex = -1;
  return row;
}

// Below the opener, or above where there is no room; never past an edge.
function place(menu: HTMLElement, opener: HTMLElement): void {
  const { left, right, top, bottom } = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const margin = 8;
  const x = left + width + margin > innerWidth ? right - width : left;
  const y = bottom + height + margin > innerHeight ? top - height - 4 : bottom + 4;
  menu.style.left = `${Math.max(margin, x)}px`;
  menu.style.top = `${Math.max(margin, y)}px`;
}
