import { announce, button, element } from './dom.js';

const toast = element('toast', HTMLElement);
const shownMs = 6000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says it for a while at the edge of the page, with something to do about it where there is something. */
export function showToast(text: string, action?: { readonly name: string; readonly onChosen: () => void }): void {
  clearTimeout(timer);
  toast.replaceChildren(text);
  if (action) {
    const act = button(action.name, () => {
      hide();
      action.onChosen();
    });
    toast.append(act);
  }
  toast.hidden = false;
  announce(text);
  timer = setTimeout(hide, shownMs);
}

function hide(): void {
  clearTimeout(timer);
  toast.hidden = true;
}
