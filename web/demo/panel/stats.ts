import type { EngineInfo } from 'wasm-chord';
import type { Summary } from '../chat/answer.js';
import { memoryOf } from '../models/place.js';
import type { Talker } from '../models/talker.js';
import { element, fillList, make } from '../ui/dom.js';
import * as format from '../ui/format.js';
import { Sparkline } from './sparkline.js';

const view = {
  empty: element('stats-empty', HTMLElement),
  speeds: element('speeds', HTMLElement),
  speedNow: element('speed-now', HTMLElement),
  speedChart: element('speed-chart', HTMLElement),
  tiles: element('tiles', HTMLDListElement),
  counts: element('counts', HTMLDListElement),
  context: element('context', HTMLElement),
  contextShare: element('context-share', HTMLElement),
  place: element('place', HTMLElement),
  placeList: element('place-list', HTMLDListElement),
  memory: element('memory', HTMLElement),
  memoryTotal: element('memory-total', HTMLElement),
  memoryChart: element('memory-chart', HTMLElement),
  memoryParts: element('memory-parts', HTMLDListElement),
};

const mostSamples = 60;
const sampleMs = 500;

/** How fast the model is and where its memory goes, over time; and where it runs. */
export class Stats {
  readonly #speedChart = new Sparkline();
  readonly #memoryChart = new Sparkline();
  #speeds: number[] = [];
  #memory: EngineInfo['memory'][] = [];
  #lastSample = 0;
  #model: Talker | undefined;

  constructor() {
    view.speedChart.replaceWith(this.#speedChart.element);
    view.memoryChart.replaceWith(this.#memoryChart.element);
  }

  /** undefined: no model is loaded. */
  use(model: Talker | undefined): void {
    this.#model = model;
    this.#speeds = [];
    this.#memory = [];
    view.empty.hidden = model !== undefined;
    view.place.hidden = model === undefined;
    view.memory.hidden = model?.engine === undefined;
    view.speeds.hidden = true;
    if (!model) return;
    this.#sampleMemory();
    this.#showPlace(model);
  }

  /** With each piece of an answer. */
  addSpeed(tokensPerSecond: number): void {
    const now = performance.now();
    if (tokensPerSecond === 0 || now - this.#lastSample < sampleMs) return;
    this.#lastSample = now;
    push(this.#speeds, tokensPerSecond);
    this.#sampleMemory();
    this.#showSpeeds(tokensPerSecond);
  }

  addAnswer(summary: Summary): void {
    const { decodeTokensPerSecond, firstTokenMs, counts } = summary;
    if (!this.#model) return;
    if (decodeTokensPerSecond > 0) push(this.#speeds, decodeTokensPerSecond);
    this.#sampleMemory();
    this.#showSpeeds(decodeTokensPerSecond);
    const { promptTokens = 0, reusedTokens = 0, answerTokens = 0, prefillTokensPerSecond = 0 } = counts ?? {};
    const { contextLength } = this.#model;
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

  #showSpeeds(now: number): void {
    view.speeds.hidden = false;
    view.speedNow.textContent = now > 0 ? format.speed(now) : '';
    const highest = Math.max(...this.#speeds, 0);
    const label = `Speed of writing: ${format.speed(now)} now, ${format.speed(highest)} at most`;
    this.#speedChart.show([{ className: 'part-0', values: this.#speeds }], label);
  }

  #sampleMemory(): void {
    const { engine } = this.#model ?? {};
    if (!engine) return;
    push(this.#memory, engine.info.memory);
    const parts = partsOf(this.#memory);
    view.memoryTotal.textContent = format.bytes(memoryOf(engine.info));
    const named = parts.map(({ name, values }) => [name, format.bytes(values.at(-1) ?? 0)] as const);
    // A line takes two points.
    const shown = parts.map(({ className, values }) => ({
      className,
      values: values.length > 1 ? values : [...values, ...values],
    }));
    this.#memoryChart.show(shown, `Memory: ${named.map((part) => part.join(' ')).join(', ')}`);
    fillList(view.memoryParts, named);
  }

  #showPlace({ name, architecture, parameters, quantization, place, contextLength, engine }: Talker): void {
    const info = engine?.info;
    fillList(view.placeList, [
      ['Model', name || architecture],
      ['Kind', `${architecture}, ${format.parameters(parameters)} parameters, ${quantization}`],
      ['Runs on', place],
      ['Why', info?.deviceReason],
      ['Kernels', info?.variant],
      ['Threads', info && threadsOf(info)],
      ['Worker', info && (info.worker ? 'yes' : `no: ${info.workerReason}`)],
      ['Context', info ? format.context(info) : format.tokens(contextLength)],
      ['Note', info?.note],
    ]);
  }
}

function threadsOf({ device, threads }: EngineInfo): string | undefined {
  if (device === 'webgpu') return undefined;
  return crossOriginIsolated ? String(threads) : '1: the page is not cross-origin isolated, so memory cannot be shared';
}

function partsOf(samples: readonly EngineInfo['memory'][]): { name: string; className: string; values: number[] }[] {
  return [
    { name: 'Weights', className: 'part-0', values: samples.map(({ weights }) => weights) },
    { name: 'Conversations', className: 'part-1', values: samples.map(({ kvCache }) => kvCache) },
    { name: 'Activations', className: 'part-2', values: samples.map(({ scratch }) => scratch) },
    { name: 'Vocabulary and plans', className: 'part-3', values: samples.map(({ control }) => control) },
  ];
}

function push<T>(samples: T[], sample: T): void {
  samples.push(sample);
  if (samples.length > mostSamples) samples.shift();
}

/** A figure, large, with its unit below; "–" where there is none. */
function tile(name: string, figure: number, text: (figure: number) => string): HTMLElement {
  const [value = '', unit = ''] = figure > 0 ? text(figure).split(' ') : ['–'];
  return make('div', '', make('dt', '', name), make('dd', '', value, ' ', make('small', '', unit)));
}
