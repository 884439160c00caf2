import type { Conversation } from './conversation.js';
import { search } from './search.js';
import type { Found } from './search.js';
import { button, element, make } from '../ui/dom.js';
import { menuButton } from '../ui/menu.js';
import type { MenuItem } from '../ui/menu.js';

export interface SidebarHooks {
  readonly onOpened: (conversation: Conversation) => void;
  readonly onRenamed: (conversation: Conversation, title: string) => void;
  readonly menuOf: (conversation: Conversation, rename: () => void) => readonly MenuItem[];
  readonly isAnswering: (conversation: Conversation) => boolean;
}

const view = {
  app: element('app', HTMLElement),
  sidebar: element('sidebar', HTMLElement),
  stage: element('stage', HTMLElement),
  scrim: element('scrim', HTMLElement),
  list: element('conversations', HTMLElement),
  search: element('search', HTMLInputElement),
  none: element('no-conversations', HTMLElement),
  toggles: [element('hide-sidebar', HTMLButtonElement), element('show-sidebar', HTMLButtonElement)],
};

// Where it lies over the conversation instead of beside it.
const narrow = matchMedia('(max-width: 56rem)');
const dayMs = 86_400_000;

/** The list of conversations, and the search in them. */
export class Sidebar {
  readonly #hooks: SidebarHooks;
  #all: readonly Conversation[] = [];
  #current = '';
  #isOpen = !narrow.matches;
  #renaming = '';
  /** What the list shows, so that it is made anew only for something else. */
  #shown = '';

  constructor(hooks: SidebarHooks) {
    this.#hooks = hooks;
    for (const toggle of view.toggles) {
      toggle.addEventListener('click', () => {
        this.toggle();
      });
    }
    view.scrim.addEventListener('click', () => {
      this.toggle();
    });
    view.sidebar.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && narrow.matches) this.toggle();
    });
    view.search.addEventListener('input', () => {
      this.#show();
    });
    view.search.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && view.search.value !== '') {
        event.stopPropagation();
        view.search.value = '';
        this.#show();
      } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
        view.list.querySelector<HTMLElement>('.open')?.focus();
        event.preventDefault();
      }
    });
    view.list.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    narrow.addEventListener('change', () => {
      this.#isOpen = !narrow.matches;
      this.#showState();
    });
    this.#showState();
  }

  /** `current`: the id of the one that is shown. */
  show(all: readonly Conversation[], current: string): void {
    this.#all = all;
    this.#current = current;
    const rows = all.map((each) => [each.id, each.title, each.updated, this.#hooks.isAnswering(each)]);
    const shown = JSON.stringify([current, rows]);
    if (this.#renaming !== '' || shown === this.#shown) return;
    this.#shown = shown;
    this.#show();
  }

  toggle(): void {
    this.#isOpen = !this.#isOpen;
    this.#showState();
    view.toggles[this.#isOpen ? 0 : 1]?.focus();
  }

  /** After one was chosen on a phone, it is the conversation's turn. */
  closeIfOver(): void {
    if (narrow.matches && this.#isOpen) {
      this.#isOpen = false;
      this.#showState();
    }
  }

  find(): void {
    this.#isOpen = true;
    this.#showState();
    view.search.focus();
    view.search.select();
  }

  #showState(): void {
    const isOver = this.#isOpen && narrow.matches;
    view.app.classList.toggle('with-sidebar', this.#isOpen);
    view.sidebar.hidden = !this.#isOpen;
    view.scrim.hidden = !isOver;
    view.stage.inert = isOver;
    for (const toggle of view.toggles) toggle.setAttribute('aria-expanded', String(this.#isOpen));
  }

  #show(): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['id'] : undefined;
    const query = view.search.value.trim();
    const found =
      query === '' ? this.#all.map((conversation) => ({ conversation, excerpt: undefined })) : search(this.#all, query);
    view.none.hidden = found.length > 0;
    view.none.textContent =
      query === '' ? 'What you talk about is kept here, on this device.' : 'No conversation has these words.';
    view.list.replaceChildren(...(query === '' ? this.#byDay(found) : [this.#rows(found)]));
    if (focused !== undefined) view.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  #byDay(found: readonly Found[]): HTMLElement[] {
    const now = new Date();
    const today = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
    const groups: [title: string, since: number, rows: Found[]][] = [
      ['Today', today, []],
      ['Yesterday', today - dayMs, []],
      ['Last seven days', today - 6 * dayMs, []],
      ['Last thirty days', today - 29 * dayMs, []],
      ['Earlier', -Infinity, []],
    ];
    for (const each of found) groups.find(([, since]) => each.conversation.updated >= since)?.[2].push(each);
    return groups
      .filter(([, , rows]) => rows.length > 0)
      .map(([title, , rows]) => make('section', '', make('h3', '', title), this.#rows(rows)));
  }

  #rows(found: readonly Found[]): HTMLElement {
    return make('ul', '', ...found.map((each) => this.#row(each)));
  }

  #row({ conversation, excerpt }: Found): HTMLElement {
    const title = conversation.title || 'New chat';
    const open = button(
      '',
      () => {
        this.#hooks.onOpened(conversation);
        this.closeIfOver();
      },
      'open',
    );
    open.append(make('span', 'title', title));
    if (excerpt) {
      const [before, match, after] = excerpt;
      open.append(make('span', 'excerpt', before, make('mark', '', match), after));
    }
    open.title = title;
    open.dataset['id'] = conversation.id;
    if (conversation.id === this.#current) open.setAttribute('aria-current', 'page');
    const row = make('li', '', open);
    const more = menuButton(`More about ${title}`, 'more', () =>
      this.#hooks.menuOf(conversation, () => {
        this.#rename(row, conversation);
      }),
    );
    if (this.#hooks.isAnswering(conversation)) row.classList.add('answering');
    row.append(more);
    return row;
  }

  #rename(row: HTMLElement, conversation: Conversation): void {
    const field = make('input', 'rename');
    field.value = conversation.title;
    field.setAttribute('aria-label', 'Title of the conversation');
    this.#renaming = conversation.id;
    const end = (isKept: boolean): void => {
      if (this.#renaming !== conversation.id) return;
      this.#renaming = '';
      this.#shown = '';
      const title = field.value.trim();
      if (isKept && title !== '' && title !== conversation.title) this.#hooks.onRenamed(conversation, title);
      this.#show();
      view.list.querySelector<HTMLElement>(`[data-id="${CSS.escape(conversation.id)}"]`)?.focus();
    };
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') end(true);
      else if (event.key === 'Escape') end(false);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    field.addEventListener('blur', () => {
      end(true);
    });
    row.replaceChildren(field);
    field.focus();
    field.select();
  }

  #onKey(event: KeyboardEvent): void {
    const rows = [...view.list.querySelectorAll<HTMLElement>('.open')];
    const at = rows.findIndex((row) => row === document.activeElement);
    if (at < 0) return;
    if (event.key === 'ArrowUp' && at === 0) view.search.focus();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
      rows[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus();
    else return;
    event.preventDefault();
  }
}
