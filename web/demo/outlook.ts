import type { Estimate } from 'wasm-chord';
import type { Choice } from './choice.js';
import { element, fillList } from './dom.js';
import * as format from './format.js';
import { contextOf } from './panel.js';

const view = {
  outlook: element('outlook', HTMLElement),
  title: element('outlook-title', HTMLHeadingElement),
  facts: element('outlook-facts', HTMLDListElement),
  warning: element('outlook-warning', HTMLElement),
  go: element('outlook-go', HTMLButtonElement),
};

/** What a model will take, before it is downloaded, or where it may be too much. `size`: bytes of its files. */
export function showOutlook({ name, from }: Choice, estimate: Estimate, size: number | undefined): void {
  const { architecture, quantization, parameters, memory, available } = estimate;
  const download = size === undefined ? 'of unknown size' : format.bytes(size);
  view.title.textContent = estimate.name || name;
  fillList(view.facts, [
    ['Kind', `${architecture}, ${format.parameters(parameters)} parameters, ${quantization}`],
    ['Download', from === 'web' ? download : undefined],
    ['Memory', `${format.bytes(memory.total)} of the ${format.bytes(available)} that a model may take here`],
    ['Context', contextOf(estimate)],
  ]);
  view.warning.hidden = estimate.fits;
  view.go.textContent = from === 'web' ? 'Download' : 'Load it all the same';
  view.go.classList.toggle('primary', estimate.fits);
  view.outlook.hidden = false;
  view.title.focus();
}

export function hideOutlook(): void {
  view.outlook.hidden = true;
}
