import { element } from '../ui/dom.js';

const view = {
  panel: element('panel', HTMLElement),
  close: element('close-panel', HTMLButtonElement),
  stage: element('stage', HTMLElement),
};

/** The halves of the panel, and what opens each. */
const tabs = ['stats', 'lab'].map((name) => ({
  name,
  tab: element(`tab-${name}`, HTMLButtonElement),
  pane: element(`${name}-pane`, HTMLElement),
  opener: element(`open-${name}`, HTMLButtonElement),
}));
type Tab = (typeof tabs)[number];

// Where it lies over the conversation instead of beside it.
const narrow = matchMedia('(max-width: 72rem)');
let opened: Tab | undefined;

/** `onOpened`: with the name of the half that is shown now. */
export function preparePanel(onOpened: (name: string) => void): void {
  const open = (chosen: Tab): void => {
    opened = chosen;
    showState();
    onOpened(chosen.name);
    chosen.tab.focus();
  };
  for (const each of tabs) {
    each.opener.addEventListener('click', () => {
      if (opened === each) closePanel();
      else open(each);
    });
    each.tab.addEventListener('click', () => {
      open(each);
    });
    each.tab.addEventListener('keydown', (event) => {
      const other = tabs.find((tab) => tab !== each);
      if (other && ['ArrowLeft', 'ArrowRight'].includes(event.key)) open(other);
    });
  }
  view.close.addEventListener('click', closePanel);
  view.panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    closePanel();
  });
  narrow.addEventListener('change', showState);
}

/** Whether that half is shown. */
export function isPanelOpen(name: string): boolean {
  return opened?.name === name;
}

export function closePanel(): void {
  const opener = opened?.opener;
  opened = undefined;
  showState();
  opener?.focus();
}

function showState(): void {
  view.panel.hidden = opened === undefined;
  view.stage.inert = narrow.matches && opened !== undefined;
  for (const each of tabs) {
    const isOpen = opened === each;
    each.pane.hidden = !isOpen;
    each.tab.setAttribute('aria-selected', String(isOpen));
    each.tab.tabIndex = isOpen ? 0 : -1;
    each.opener.setAttribute('aria-expanded', String(isOpen));
  }
}
