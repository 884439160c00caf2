import type { EngineInfo } from 'wasm-chord';
import type { Summary } from './answer.js';
import { element, fillList, make } from './dom.js';
import * as format from './format.js';

const view = {
  panel: element('panel', HTMLElement),
  close: element('close-panel', HTMLButtonElement),
  main: element('main', HTMLElement),
  bar: element('bar', HTMLElement),
  detailsEmpty: element('details-empty', HTMLElement),
  speeds: element('speeds', HTMLElement),
  tiles: element('tiles', HTMLDListElement),
  counts: element('counts', HTMLDListElement),
  context: element('context', HTMLElement),
  contextShare: element('context-share', HTMLElement),
  place: element('place', HTMLElement),
  placeList: element('place-list', HTMLDListElement),
  memory: element('memory', HTMLElement),
  memoryTotal: element('memory-total', HTMLElement),
  memoryBar: element('memory-bar', HTMLElement),
  memoryParts: element('memory-parts', HTMLDListElement),
};

/** The two halves of the panel, and what opens each. */
const tabs = ['settings', 'details'].map((name) => ({
  tab: element(`tab-${name}`, HTMLButtonElement),
  pane: element(`${name}-pane`, HTMLElement),
  opener: element(`open-${name}`, HTMLButtonElement),
}));
type Tab = (typeof tabs)[number];

// Where it lies over the chat instead of beside it.
const narrow = matchMedia('(max-width: 64rem)');
let opened: Tab | undefined;

export function preparePanel(): void {
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

export function closePanel(): void {
  const opener = opened?.opener;
  opened = undefined;
  showState();
  opener?.focus();
}

function open(chosen: Tab): void {
  opened = chosen;
  showState();
  chosen.tab.focus();
}

function showState(): void {
  view.panel.hidden = opened === undefined;
  const covered = narrow.matches && opened !== undefined;
  view.main.inert = covered;
  view.bar.inert = covered;
  for (const each of tabs) {
    const isOpen = opened === each;
    each.pane.hidden = !isOpen;
    each.tab.setAttribute('aria-selected', String(isOpen));
    each.tab.tabIndex = isOpen ? 0 : -1;
    each.opener.setAttribute('aria-expanded', String(isOpen));
  }
}

/** undefined: no model is loaded. */
export function showPlace(info: EngineInfo | undefined): void {
  view.detailsEmpty.hidden = info !== undefined;
  view.place.hidden = info === undefined;
  view.memory.hidden = info === undefined;
  if (!info) return;
  fillList(view.placeList, [
    ['Model', info.name || info.architecture],
    ['Kind', `${info.architecture}, ${format.parameters(info.parameters)} parameters, ${info.quantization}`],
    ['Runs on', placeOf(info)],
    ['Why', info.deviceReason],
    ['Kernels', info.variant],
    ['Threads', threadsOf(info)],
    ['Worker', info.worker ? 'yes' : `no: ${info.workerReason}`],
    ['Context', contextOf(info)],
    ['Note', info.note],
  ]);
  showMemory(info);
}

export function placeOf({ device, threads }: EngineInfo): string {
  if (device === 'webgpu') return 'GPU';
  return threads === 1 ? 'CPU, 1 thread' : `CPU, ${threads} threads`;
}

function threadsOf({ device, threads }: EngineInfo): string | undefined {
  if (device === 'webgpu') return undefined;
  return crossOriginIsolated ? String(threads) : '1: the page is not cross-origin isolated, so memory cannot be shared';
}

/** How long, and of how much where that is less than it was made for. */
export function contextOf({
  contextLength,
  trainedContextLength,
}: Pick<EngineInfo, 'contextLength' | 'trainedContextLength'>): string {
  const own = format.tokens(contextLength);
  return contextLength < trainedContextLength ? `${own} of ${trainedContextLength.toLocaleString('en')}` : own;
}

function showMemory({ memory }: EngineInfo): void {
  const { weights, kvCache, scratch, control } = memory;
  const parts = [
    ['Weights', weights],
    ['Conversations', kvCache],
    ['Activations', scratch],
    ['Vocabulary and plans', control],
  ] as const;
  const whole = weights + kvCache + scratch + control;
  view.memoryTotal.textContent = format.bytes(whole);
  view.memoryBar.replaceChildren(
    ...parts.map(([, bytes], index) => {
      const piece = make('span', `part-${index}`);
      piece.style.flexGrow = String(bytes / whole);
      return piece;
    }),
  );
  fillList(
    view.memoryParts,
    parts.map(([name, bytes]) => [name, format.bytes(bytes)]),
  );
}

/** undefined: nothing was answered yet. */
export function showSpeeds(summary: Summary | undefined, contextLength: number): void {
  view.speeds.hidden = summary === undefined;
  if (!summary) return;
  const { counts, firstTokenMs, decodeTokensPerSecond } = summary;
  const { promptTokens = 0, reusedTokens = 0, answerTokens = 0, prefillTokensPerSecond = 0 } = counts ?? {};
  const used = promptTokens + answerTokens;
  const kept = reusedTokens > 0 ? `, ${reusedTokens.toLocaleString('en')} of them known from before` : '';
  view.tiles.replaceChildren(
    tile('First token', firstTokenMs, format.milliseconds),
    tile('Reading', prefillTokensPerSecond, format.speed),
    tile('Writing', decodeTokensPerSecond, format.speed),
  );
  view.context.hidden = !counts;
  fillList(view.counts, [
    ['Prompt', counts && format.tokens(promptTokens) + kept],
    ['Answer', counts && format.tokens(answerTokens)],
    ['Context', counts && `${used.toLocaleString('en')} of ${format.tokens(contextLength)} used`],
  ]);
  view.contextShare.style.width = `${Math.min(1, used / contextLength) * 100}%`;
}

/** A figure, large, with its unit below; "–" where there is none. */
function tile(name: string, figure: number, text: (figure: number) => string): HTMLElement {
  const [value = '', unit = ''] = figure > 0 ? text(figure).split(' ') : ['–'];
  return make('div', '', make('dt', '', name), make('dd', '', value, ' ', make('small', '', unit)));
}
