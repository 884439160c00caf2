import { announce, nameButton } from './dom.js';
import { showToast } from './toast.js';

const shownMs = 1500;

/** Copies the text, and lets the button say so for a moment. */
export async function copy(text: string, copier: HTMLElement): Promise<void> {
  const name = copier.getAttribute('aria-label') ?? 'Copy';
  const use = copier.querySelector('use');
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    showToast('The browser does not let the page copy. Select the text, and copy it by the keyboard.');
    return;
  }
  announce('Copied');
  if (copier.classList.contains('done')) return;
  copier.classList.add('done');
  use?.setAttribute('href', '#icon-check');
  nameButton(copier, 'Copied');
  setTimeout(() => {
    copier.classList.remove('done');
    use?.setAttribute('href', '#icon-copy');
    nameButton(copier, name);
  }, shownMs);
}

/** Has the browser save it as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Not before the browser has taken it.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
