/** Opens a dialog over the page; it closes with Esc and with a click beside it, and gives the focus back. */
export function openSheet(sheet: HTMLDialogElement): void {
  if (!sheet.open) sheet.showModal();
}

/** What every dialog of the page has. */
export function prepareSheet(sheet: HTMLDialogElement): void {
  sheet.addEventListener('click', (event) => {
    // The dialog's own area is its content: what is outside of it is the backdrop.
    if (event.target === sheet) sheet.close();
  });
  for (const closer of sheet.querySelectorAll('[data-close]')) {
    closer.addEventListener('click', () => {
      sheet.close();
    });
  }
}
