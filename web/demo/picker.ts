import type { DownloadProgress, Engine, ModelSource } from 'wasm-chord';
import { parseAddress } from './address.js';
import { bundled } from './bundled.js';
import { announce, element } from './dom.js';
import { explainLoading } from './explain.js';
import * as format from './format.js';
import { showKept } from './kept.js';
import type { Settings } from './settings.js';

/** A model that was chosen, and can be loaded again. */
export interface Choice {
  readonly name: string;
  readonly source: ModelSource;
  /** Whether it comes over a network, and can be kept. */
  readonly isDownload: boolean;
}

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
  /** Whether there is a chat to go back to. */
  readonly hasChat: () => boolean;
  readonly onBack: () => void;
}

// Without a byte, before the page says that it waits.
const patienceMs = 3000;
const choiceKey = 'wasm-chord page: chosen';
const lastAddressKey = 'wasm-chord page: address';

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
  loading: element('loading', HTMLElement),
  loadingTitle: element('loading-title', HTMLHeadingElement),
  loadingName: element('loading-name', HTMLElement),
  loadingNote: element('loading-note', HTMLElement),
  progress: element('progress', HTMLProgressElement),
  progressText: element('progress-text', HTMLElement),
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
      this.load({ name: bundled.name, source: bundled.url, isDownload: true });
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
      if (this.#last?.isDownload === false) view.file.click();
      else if (this.#last) this.load(this.#last);
    });
    view.previous.addEventListener('click', () => {
      if (this.#before) this.load(this.#before);
    });
    element('cancel', HTMLButtonElement).addEventListener('click', () => {
      this.#loading?.abort();
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
    view.picker.hidden = false;
    view.loading.hidden = true;
    view.problem.hidden = true;
    view.back.hidden = !hasChat;
    view.title.textContent = hasChat ? 'Another model' : 'A language model in this page';
    view.title.focus();
    void this.#showKept();
  }

  hide(): void {
    view.picker.hidden = true;
    view.loading.hidden = true;
  }

  loadFile(file: File): void {
    this.load({ name: file.name.replace(/\.gguf$/i, ''), source: file, isDownload: false });
  }

  load(choice: Choice): void {
    if (this.#loading) return;
    this.#last = choice;
    const controller = new AbortController();
    this.#loading = controller;
    this.#around.onChosen(choice);
    showLoading(choice);
    this.#load(choice, controller.signal).then(
      (engine) => {
        this.#loading = undefined;
        this.#before = choice;
        this.hide();
        this.#around.onLoaded(engine, choice);
      },
      (error: unknown) => {
        this.#loading = undefined;
        this.#showProblem(error);
      },
    );
  }

  async #load(choice: Choice, signal: AbortSignal): Promise<Engine> {
    noteChoice(choice);
    await this.#around.ready;
    noteChoice(undefined);
    const { load } = await import('wasm-chord');
    await this.#around.onBegin();
    return load(choice.source, {
      device: this.#around.settings().device,
      signal,
      onProgress: showProgress,
    }).finally(() => {
      clearTimeout(stalled);
    });
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
    this.load({ name: parsed.name.replace(/\.gguf$/i, ''), source: parsed.url, isDownload: true });
  }

  #showProblem(error: unknown): void {
    const { title, advice, detail } = explainLoading(error);
    void this.#showKept();
    // A file stays what it is.
    const isFile = this.#last?.isDownload === false;
    view.retry.textContent = isFile ? 'Choose another file…' : 'Try again';
    view.loading.hidden = true;
    view.picker.hidden = false;
    view.problemTitle.textContent = title;
    view.problemAdvice.textContent = advice;
    view.problemDetail.textContent = detail;
    view.problemDetail.hidden = detail === '';
    view.problem.hidden = false;
    view.back.hidden = !this.#around.hasChat();
    const before = this.#before;
    view.previous.hidden = !before || before === this.#last;
    view.previous.textContent = `Load ${before?.name ?? ''} again`;
    view.retry.focus({ preventScroll: true });
    view.picker.scrollTop = 0;
  }
}

function showLoading({ name, isDownload }: Choice): void {
  view.picker.hidden = true;
  view.loading.hidden = false;
  view.loadingName.textContent = name;
  view.progress.removeAttribute('value');
  view.progressText.textContent = isDownload ? 'Waiting for the server …' : 'Reading the file …';
  view.loadingNote.textContent = isDownload ? 'It is kept on this device, so that it is downloaded only once.' : '';
  view.loadingTitle.focus();
  announce(`Loading ${name}`);
}

// Nothing is told while nothing comes.
let stalled: ReturnType<typeof setTimeout> | undefined;

function showProgress({ loaded, total, bytesPerSecond, fileIndex, fileCount, fromCache }: DownloadProgress): void {
  if (total === undefined) view.progress.removeAttribute('value');
  else view.progress.value = loaded / Math.max(1, total);
  const file = fileCount > 1 ? `file ${fileIndex + 1} of ${fileCount} · ` : '';
  const isComplete = loaded === total;
  const far = format.progress(loaded, total, bytesPerSecond);
  view.progressText.textContent = isComplete ? 'Preparing the model …' : file + far;
  if (fromCache) view.loadingNote.textContent = 'It was kept from an earlier visit.';
  clearTimeout(stalled);
  if (isComplete || fromCache) return;
  stalled = setTimeout(() => {
    view.progressText.textContent = `${file}${format.progress(loaded, total, 0)} · waiting for the server …`;
  }, patienceMs);
}

function showAddressProblem(text: string): void {
  view.addressProblem.textContent = text;
  view.addressProblem.hidden = text === '';
  view.address.setAttribute('aria-invalid', String(text !== ''));
}

/** For the page after a reload; a file cannot be noted. */
function noteChoice(choice: Choice | undefined): void {
  try {
    if (choice && typeof choice.source === 'string') sessionStorage.setItem(choiceKey, JSON.stringify(choice));
    else sessionStorage.removeItem(choiceKey);
  } catch {
    // It is chosen again.
  }
}

function notedChoice(): Choice | undefined {
  try {
    const noted: unknown = JSON.parse(sessionStorage.getItem(choiceKey) ?? 'null');
    if (typeof noted !== 'object' || noted === null || !('name' in noted) || !('source' in noted)) return undefined;
    const { name, source } = noted;
    if (typeof name === 'string' && typeof source === 'string') return { name, source, isDownload: true };
  } catch {
    // As if nothing had been noted.
  }
  return undefined;
}

function storedAddress(): string {
  try {
    return localStorage.getItem(lastAddressKey) ?? '';
  } catch {
    return '';
  }
}

function keepAddress(text: string): void {
  try {
    localStorage.setItem(lastAddressKey, text);
  } catch {
    // It is typed again.
  }
}
