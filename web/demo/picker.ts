import type { Engine } from 'wasm-chord';
import { parseAddress } from './address.js';
import { bundled } from './bundled.js';
import { keepAddress, noteChoice, notedChoice, storedAddress } from './choice.js';
import type { Choice } from './choice.js';
import { element } from './dom.js';
import { explainLoading } from './explain.js';
import { showKept } from './kept.js';
import { hideLoading, showLoading, showProgress } from './loading.js';
import { hideOutlook, showOutlook } from './outlook.js';
import type { Settings } from './settings.js';

/** What the page does around the choosing. */
export interface Surroundings {
  readonly settings: () => Settings;
  /** Until then the page may be reloaded. */
  readonly ready: Promise<void>;
  /** As soon as one is chosen. */
  readonly onChosen: (choice: Choice) => void;
  /** Before a model is loaded: the one before it gives its memory back. */
  readonly onBegin: () => Promise<void>;
  readonly onLoaded: (engine: Engine, choice: Choice) => void;
  readonly hasModel: () => boolean;
  /** Whether there is a chat to go back to. */
  readonly hasChat: () => boolean;
  readonly onBack: () => void;
}

const view = {
  picker: element('picker', HTMLElement),
  title: element('picker-title', HTMLHeadingElement),
  back: element('back', HTMLElement),
  file: element('file', HTMLInputElement),
  address: element('address', HTMLInputElement),
  addressProblem: element('address-problem', HTMLElement),
  problem: element('problem', HTMLElement),
  problemTitle: element('problem-title', HTMLElement),
  problemAdvice: element('problem-advice', HTMLElement),
  problemDetail: element('problem-detail', HTMLElement),
  retry: element('problem-retry', HTMLButtonElement),
  previous: element('problem-previous', HTMLButtonElement),
};

/** Where a model is chosen and loaded. */
export class Picker {
  readonly #around: Surroundings;
  #loading: AbortController | undefined;
  #last: Choice | undefined;
  /** The last one that could be loaded. */
  #before: Choice | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
    element('load-tiny', HTMLButtonElement).addEventListener('click', () => {
      this.load({ name: bundled.name, source: bundled.url, from: 'known' });
    });
    element('choose-file', HTMLButtonElement).addEventListener('click', () => {
      view.file.click();
    });
    view.file.addEventListener('change', () => {
      const [file] = view.file.files ?? [];
      // So that the same file can be chosen again.
      if (file) this.loadFile(file);
      view.file.value = '';
    });
    element('web', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#loadAddress();
    });
    view.address.addEventListener('input', () => {
      showAddressProblem('');
    });
    view.address.value = storedAddress();
    view.retry.addEventListener('click', () => {
      if (this.#last?.from === 'file') view.file.click();
      else if (this.#last) this.load(this.#last);
    });
    view.previous.addEventListener('click', () => {
      if (this.#before) this.load(this.#before);
    });
    element('cancel', HTMLButtonElement).addEventListener('click', () => {
      this.#loading?.abort();
    });
    element('outlook-go', HTMLButtonElement).addEventListener('click', () => {
      if (this.#last) this.#run(this.#last, true);
    });
    element('outlook-back', HTMLButtonElement).addEventListener('click', () => {
      this.show();
    });
    element('back-to-chat', HTMLButtonElement).addEventListener('click', () => {
      around.onBack();
    });
    void this.#showKept();
    const noted = notedChoice();
    if (noted) this.load(noted);
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  show(): void {
    const hasChat = this.#around.hasChat();
    this.hide();
    view.picker.hidden = false;
    view.problem.hidden = true;
    view.back.hidden = !hasChat;
    view.title.textContent = hasChat ? 'Another model' : 'A language model in this page';
    view.title.focus();
    void this.#showKept();
  }

  hide(): void {
    view.picker.hidden = true;
    hideLoading();
    hideOutlook();
  }

  loadFile(file: File): void {
    this.load({ name: file.name.replace(/\.gguf$/i, ''), source: file, from: 'file' });
  }

  /** Loads it, and asks before a download. */
  load(choice: Choice): void {
    this.#run(choice, choice.from === 'known');
  }

  #run(choice: Choice, isSure: boolean): void {
    if (this.#loading) return;
    this.#last = choice;
    const controller = new AbortController();
    this.#loading = controller;
    this.#around.onChosen(choice);
    this.hide();
    showLoading(choice);
    this.#load(choice, isSure, controller.signal).then(
      (engine) => {
        this.#loading = undefined;
        if (!engine) return;
        // What was downloaded is kept, and need not be asked about again.
        this.#before = choice.from === 'web' ? { ...choice, from: 'known' } : choice;
        this.hide();
        this.#around.onLoaded(engine, this.#before);
      },
      (error: unknown) => {
        this.#loading = undefined;
        this.#showProblem(error);
      },
    );
  }

  /** undefined: there is something to be asked before. What is no model is found while the one before is still there. */
  async #load(choice: Choice, isSure: boolean, signal: AbortSignal): Promise<Engine | undefined> {
    noteChoice(choice);
    await this.#around.ready;
    noteChoice(undefined);
    const { estimate, load } = await import('wasm-chord');
    if (!isSure) {
      let size: number | undefined;
      const outlook = await estimate(choice.source, { signal, onProgress: ({ total }) => (size = total) });
      if (choice.from === 'web' || !outlook.fits) {
        this.hide();
        showOutlook(choice, outlook, size);
        return undefined;
      }
    }
    await this.#around.onBegin();
    return load(choice.source, { device: this.#around.settings().device, signal, onProgress: showProgress });
  }

  async #showKept(): Promise<void> {
    await this.#around.ready;
    // Where a browser has no such storage, nothing is kept.
    await showKept((choice) => {
      this.load(choice);
    }).catch(() => undefined);
  }

  #loadAddress(): void {
    const parsed = parseAddress(view.address.value);
    if (typeof parsed === 'string') {
      showAddressProblem(parsed);
      view.address.focus();
      return;
    }
    keepAddress(view.address.value.trim());
    this.load({ name: parsed.name.replace(/\.gguf$/i, ''), source: parsed.source, from: 'web' });
  }

  #showProblem(error: unknown): void {
    const { title, advice, detail } = explainLoading(error);
    void this.#showKept();
    // A file stays what it is.
    const isFile = this.#last?.from === 'file';
    view.retry.textContent = isFile ? 'Choose another file…' : 'Try again';
    this.hide();
    view.picker.hidden = false;
    view.problemTitle.textContent = title;
    view.problemAdvice.textContent = advice;
    view.problemDetail.textContent = detail;
    view.problemDetail.hidden = detail === '';
    view.problem.hidden = false;
    view.back.hidden = !this.#around.hasChat();
    const before = this.#before;
    view.previous.hidden = !before || this.#around.hasModel();
    view.previous.textContent = `Load ${before?.name ?? ''} again`;
    view.retry.focus({ preventScroll: true });
    view.picker.scrollTop = 0;
  }
}

function showAddressProblem(text: string): void {
  view.addressProblem.textContent = text;
  view.addressProblem.hidden = text === '';
  view.address.setAttribute('aria-invalid', String(text !== ''));
}
