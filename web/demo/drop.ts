import { element } from './ui/dom.js';

const sign = element('drop', HTMLElement);

/** A model file may be dropped anywhere on the page. */
export function prepareDrop(onFile: (file: File) => void): void {
  let over = 0;
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
  document.addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    over++;
    sign.hidden = false;
  });
  document.addEventListener('dragleave', (event) => {
    if (!hasFiles(event)) return;
    over--;
    sign.hidden = over > 0;
  });
  document.addEventListener('dragover', (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    over = 0;
    sign.hidden = true;
    const [file] = event.dataTransfer?.files ?? [];
    if (!file || !hasFiles(event)) return;
    event.preventDefault();
    onFile(file);
  });
}
