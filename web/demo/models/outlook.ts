import type { Estimate } from 'wasm-chord';
import type { Choice } from './choice.js';
import { element, fillList } from '../ui/dom.js';
import * as format from '../ui/format.js';

const view = {
  title: element('outlook-title', HTMLHeadingElement),
  facts: element('outlook-facts', HTMLDListElement),
  bar: element('outlook-share', HTMLElement),
  warning: element('outlook-warning', HTMLElement),
  space: element('outlook-space', HTMLElement),
  go: element('outlook-go', HTMLButtonElement),
};

/** What a model will take, before it is downloaded, or where it may be too much. `size`: bytes of its files. */
export function fillOutlook({ name, from }: Choice, estimate: Estimate, size: number | undefined): void {
  const { architecture, quantization, parameters, memory, available } = estimate;
  const download = size === undefined ? 'of unknown size' : format.bytes(size);
  view.title.textContent = estimate.name || name;
  fillList(view.facts, [
    ['Kind', `${architecture}, ${format.parameters(parameters)} parameters, ${quantization}`],
    ['Download', from === 'web' ? download : undefined],
    ['Memory', `${format.bytes(memory.total)} of the ${format.bytes(available)} that a model may take here`],
    ['Context', format.context(estimate)],
  ]);
  view.bar.style.width = `${Math.min(1, memory.total / available) * 100}%`;
  view.bar.classList.toggle('over', !estimate.fits);
  view.warning.hidden = estimate.fits;
  view.go.textContent = from === 'web' ? 'Download' : 'Load it all the same';
  view.go.classList.toggle('primary', estimate.fits);
  view.space.hidden = true;
  if (from === 'web' && size !== undefined) void warnOfSpace(size);
  view.title.focus();
}

// Where there is no room to keep it, it is loaded all the same, and downloaded again the next time.
async function warnOfSpace(size: number): Promise<void> {
  // Not there on hosts without HTTPS.
  const estimate = 'storage' in navigator ? await navigator.storage.estimate().catch(() => undefined) : undefined;
  const { quota = Infinity, usage = 0 } = estimate ?? {};
  const free = quota - usage;
  if (size <= free) return;
  view.space.hidden = false;
  view.space.textContent = `The browser has room for ${format.bytes(Math.max(0, free))} more, so the model runs and is not kept: the next visit downloads it again.`;
}
