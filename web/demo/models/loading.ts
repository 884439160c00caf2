// What stands above the composer while a model is loaded.
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

export function showLoading({ name, from }: Choice): void {
  view.loading.hidden = false;
  view.name.textContent = name;
  view.progress.removeAttribute('value');
  view.text.textContent = from === 'file' ? 'Reading the file …' : 'Waiting for the server …';
  const isKept = from === 'known' || from === 'web';
  view.note.textContent = isKept ? 'It is kept on this device, so that it is downloaded only once.' : '';
  announce(`Loading ${name}`);
}

export function hideLoading(): void {
  view.loading.hidden = true;
}

export function showProgress(progress: DownloadProgress): void {
  const { loaded, total, bytesPerSecond, stalledMs, fileIndex, fileCount, fromCache } = progress;
  if (total === undefined) view.progress.removeAttribute('value');
  else view.progress.value = loaded / Math.max(1, total);
  const file = fileCount > 1 ? `file ${fileIndex + 1} of ${fileCount} · ` : '';
  const isStalled = stalledMs > 0;
  const far = file + format.progress(loaded, total, isStalled ? 0 : bytesPerSecond);
  view.text.textContent =
    loaded === total ? 'Preparing the model …' : isStalled ? `${far} · waiting for the server …` : far;
  if (fromCache) view.note.textContent = 'It was kept from an earlier visit.';
}
