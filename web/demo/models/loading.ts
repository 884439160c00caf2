// What stands above the composer while a model is loaded, and when it could not be.
import type { DownloadProgress } from 'wasm-chord';
import type { Choice } from './choice.js';
import { announce, element } from '../ui/dom.js';
import * as format from '../ui/format.js';

const view = {
  loading: element('loading', HTMLElement),
  name: element('loading-name', HTMLElement),
  note: element('loading-note', HTMLElement),
  progress: element('progress', HTMLProgressElement),
  text: element('progress-text', HTMLElement),
};

// Without a byte, before the page says that it waits.
const patienceMs = 3000;

let stalled: ReturnType<typeof setTimeout> | undefined;
let shown = 0;

export function showLoading({ name, from }: Choice): void {
  view.loading.hidden = false;
  view.name.textContent = name;
  view.progress.removeAttribute('value');
  shown = 0;
  view.text.textContent = from === 'file' ? 'Reading the file …' : 'Waiting for the server …';
  view.note.textContent = from === 'file' ? '' : 'It is kept on this device, so that it is downloaded only once.';
  announce(`Loading ${name}`);
}

export function hideLoading(): void {
  clearTimeout(stalled);
  view.loading.hidden = true;
}

export function showProgress(progress: DownloadProgress): void {
  const { loaded, total, bytesPerSecond, fileIndex, fileCount, fromCache } = progress;
  // That nothing has come since is no news.
  if (loaded === shown) return;
  shown = loaded;
  if (total === undefined) view.progress.removeAttribute('value');
  else view.progress.value = loaded / Math.max(1, total);
  const file = fileCount > 1 ? `file ${fileIndex + 1} of ${fileCount} · ` : '';
  const isComplete = loaded === total;
  const far = format.progress(loaded, total, bytesPerSecond);
  view.text.textContent = isComplete ? 'Preparing the model …' : file + far;
  if (fromCache) view.note.textContent = 'It was kept from an earlier visit.';
  clearTimeout(stalled);
  if (isComplete || fromCache) return;
  stalled = setTimeout(() => {
    view.text.textContent = `${file}${format.progress(loaded, total, 0)} · waiting for the server …`;
  }, patienceMs);
}
