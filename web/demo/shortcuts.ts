import { element } from './ui/dom.js';
import { openSheet, prepareSheet } from './ui/sheet.js';

const sheet = element('shortcuts', HTMLDialogElement);

export interface Shortcuts {
  readonly find: () => void;
  readonly newChat: () => void;
  readonly settings: () => void;
  readonly sidebar: () => void;
  readonly stop: () => void;
}

/** Keys that work all over the page. */
export function prepareShortcuts(actions: Shortcuts): void {
  prepareSheet(sheet);
  element('open-shortcuts', HTMLButtonElement).addEventListener('click', () => {
    openSheet(sheet);
  });
  document.addEventListener('keydown', (event) => {
    const action = actionOf(event, actions);
    if (!action || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    action();
  });
}

function actionOf(event: KeyboardEvent, actions: Shortcuts): (() => void) | undefined {
  if (event.key === 'Escape') return actions.stop;
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  if (event.shiftKey) return event.code === 'KeyO' ? actions.newChat : undefined;
  switch (event.key) {
    case 'k':
      return actions.find;
    case 'b':
      return actions.sidebar;
    case ',':
      return actions.settings;
    case '/':
      return () => {
        openSheet(sheet);
      };
    default:
      return undefined;
  }
}
