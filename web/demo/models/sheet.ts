import type { Estimate } from 'wasm-chord';
import { parseAddress } from './address.js';
import type { Repository } from './address.js';
import { bundled } from './bundled.js';
import { keepAddress, storedAddress } from './choice.js';
import type { Choice } from './choice.js';
import { showKept } from './kept.js';
import { isSupported, listModels } from './hub.js';
import type { HubModel } from './hub.js';
import { fillOutlook } from './outlook.js';
import { problemNotice } from './problem.js';
import { serverChoice } from './server_model.js';
import { suggested } from './suggested.js';
import { memoryOf } from './place.js';
import type { Talker } from './talker.js';
import { explainLoading } from '../explain.js';
import { announce, button, element, make } from '../ui/dom.js';
import * as format from '../ui/format.js';
import { openSheet, prepareSheet } from '../ui/sheet.js';

export interface SheetSurroundings {
  readonly estimate: (
    choice: Choice,
    signal: AbortSignal,
  ) => Promise<{ readonly estimate: Estimate; readonly size: number | undefined }>;
  /** One is chosen, and what it takes is known or no matter. */
  readonly onChosen: (choice: Choice) => void;
  /** One is being looked at that a reload of the page would lose. */
  readonly onBegun: () => void;
  readonly model: () => Talker | undefined;
  readonly onUnloaded: () => void;
}

const view = {
  sheet: element('models', HTMLDialogElement),
  problem: element('sheet-problem', HTMLElement),
  current: element('current', HTMLElement),
  currentName: element('current-name', HTMLElement),
  currentPlace: element('current-place', HTMLElement),
  file: element('file', HTMLInputElement),
  address: element('address', HTMLInputElement),
  addressProblem: element('address-problem', HTMLElement),
  token: element('token', HTMLInputElement),
  suggested: element('suggested', HTMLElement),
  hub: element('hub', HTMLElement),
  lookName: element('look-name', HTMLElement),
  tiny: element('load-tiny', HTMLButtonElement),
  server: element('server', HTMLFormElement),
  serverGo: element('server-go', HTMLButtonElement),
  serverKey: element('server-key', HTMLInputElement),
};
const parts = {
  choose: element('models-choose', HTMLElement),
  look: element('models-look', HTMLElement),
  outlook: element('models-outlook', HTMLElement),
};

/** Where a model is chosen, and what it takes is told before it is downloaded. */
export class ModelSheet {
  readonly #around: SheetSurroundings;
  #looking: AbortController | undefined;
  #considered: Choice | undefined;

  constructor(around: SheetSurroundings) {
    this.#around = around;
    prepareSheet(view.sheet);
    view.sheet.addEventListener('close', () => {
      this.#looking?.abort();
    });
    element('unload', HTMLButtonElement).addEventListener('click', () => {
      around.onUnloaded();
      this.#showCurrent();
      announce('The model was unloaded');
      (serverChoice ? view.serverGo : view.tiny).focus();
    });
    // What serves the page with a model has not the one that otherwise comes with it.
    element('tiny', HTMLElement).hidden = serverChoice !== undefined;
    view.server.hidden = serverChoice === undefined;
    view.tiny.addEventListener('click', () => {
      this.#choose({ name: bundled.name, source: bundled.url, from: 'known' });
    });
    view.server.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = view.serverKey.value.trim() || undefined;
      if (serverChoice) this.#choose({ ...serverChoice, token });
    });
    element('choose-file', HTMLButtonElement).addEventListener('click', () => {
      view.file.click();
    });
    view.file.addEventListener('change', () => {
      const [file] = view.file.files ?? [];
      if (file) this.considerFile(file);
      // So that the same file can be chosen again.
      view.file.value = '';
    });
    element('web', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#readAddress();
    });
    view.address.addEventListener('input', () => {
      showAddressProblem('');
    });
    view.address.value = storedAddress();
    view.suggested.append(...suggested.map((each) => this.#suggestion(each)));
    element('look-cancel', HTMLButtonElement).addEventListener('click', () => {
      this.#looking?.abort();
    });
    element('outlook-go', HTMLButtonElement).addEventListener('click', () => {
      if (this.#considered) this.#choose(this.#considered);
    });
    element('outlook-back', HTMLButtonElement).addEventListener('click', () => {
      show('choose');
      view.address.focus();
    });
  }

  open(): void {
    view.problem.replaceChildren();
    show('choose');
    this.#showCurrent();
    openSheet(view.sheet);
    void this.showKept();
  }

  /** Opens it with the file dialog of the browser. */
  chooseFile(): void {
    this.open();
    view.file.click();
  }

  considerFile(file: File): void {
    this.consider({ name: file.name.replace(/\.gguf$/i, ''), source: file, from: 'file' });
  }

  /** Finds out what it takes, and asks before a download and where it is too much. */
  consider(choice: Choice): void {
    this.#around.onBegun();
    this.#considered = choice;
    view.lookName.textContent = choice.name;
    this.#look(async (signal) => {
      const { estimate, size } = await this.#around.estimate(choice, signal);
      signal.throwIfAborted();
      if (choice.from === 'file' && estimate.fits) {
        this.#choose(choice);
        return;
      }
      show('outlook');
      fillOutlook(choice, estimate, size);
    });
  }

  async showKept(): Promise<void> {
    // Where a browser has no such storage, nothing is kept.
    await showKept((choice) => {
      this.#choose(choice);
    }).catch(() => undefined);
  }

  #showCurrent(): void {
    const model = this.#around.model();
    view.current.hidden = model === undefined;
    if (!model) return;
    const { name, architecture, parameters, quantization, place, engine } = model;
    view.currentName.textContent = name || architecture;
    const memory = engine ? `, with ${format.bytes(memoryOf(engine.info))} of memory` : '';
    view.currentPlace.textContent = `Loaded: ${format.parameters(parameters)} parameters, ${quantization}, on the ${place}${memory}.`;
  }

  #choose(choice: Choice): void {
    view.sheet.close();
    this.#around.onChosen(choice);
  }

  #look(work: (signal: AbortSignal) => Promise<void>): void {
    this.#looking?.abort();
    const controller = new AbortController();
    this.#looking = controller;
    view.problem.replaceChildren();
    openSheet(view.sheet);
    show('look');
    announce(`Looking at ${view.lookName.textContent}`);
    work(controller.signal).catch((error: unknown) => {
      if (this.#looking !== controller) return;
      show('choose');
      if (controller.signal.aborted) return;
      this.#showProblem(error);
    });
  }

  #readAddress(): void {
    const parsed = parseAddress(view.address.value);
    if (typeof parsed === 'string') {
      showAddressProblem(parsed);
      view.address.focus();
      return;
    }
    keepAddress(view.address.value.trim());
    if (parsed.kind === 'repository') this.#list(parsed);
    else {
      const { name, source } = parsed;
      this.consider({ name: name.replace(/\.gguf$/i, ''), source, from: 'web', token: this.#token });
    }
  }

  get #token(): string | undefined {
    return view.token.value.trim() || undefined;
  }

  #list(repository: Repository): void {
    this.#around.onBegun();
    view.lookName.textContent = repository.repo;
    this.#look(async (signal) => {
      const models = await listModels(repository, this.#token, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        showAddressProblem(error instanceof Error ? error.message : String(error));
        return undefined;
      });
      show('choose');
      view.hub.replaceChildren();
      if (!models) {
        view.address.focus();
        return;
      }
      const title = make('h4', '', repository.repo);
      title.tabIndex = -1;
      view.hub.append(title, make('ul', 'rows', ...models.map((model) => this.#hubRow(repository, model))));
      title.focus();
      title.scrollIntoView({ block: 'nearest' });
    });
  }

  #hubRow({ repo, revision }: Repository, model: HubModel): HTMLLIElement {
    const { file, size, quantization, parts: count } = model;
    const name = (file.split('/').at(-1) ?? file).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, '');
    const facts = [
      format.bytes(size),
      count > 1 ? `${count} files` : '',
      usual.has(quantization) ? 'a usual choice' : '',
    ];
    const about = make('small', '', isSupported(model) ? facts.filter(Boolean).join(' · ') : 'not supported');
    const look = button('Look', () => {
      this.consider({ name, source: { repo, file, revision }, from: 'web', token: this.#token });
    });
    look.setAttribute('aria-label', `Look at ${name}`);
    look.disabled = !isSupported(model);
    return make('li', '', make('p', '', name, about), look);
  }

  #suggestion({ name, repo, about }: (typeof suggested)[number]): HTMLLIElement {
    const open = button(
      '',
      () => {
        view.address.value = repo;
        showAddressProblem('');
        this.#readAddress();
      },
      'suggested',
    );
    open.append(make('span', '', name), make('small', '', about));
    return make('li', '', open);
  }

  #showProblem(error: unknown): void {
    const isFile = this.#considered?.from === 'file';
    const again = isFile
      ? {
          name: 'Choose another file…',
          onChosen: () => {
            view.file.click();
          },
        }
      : {
          name: 'Try again',
          onChosen: () => {
            if (this.#considered) this.consider({ ...this.#considered, token: this.#token });
          },
        };
    view.problem.replaceChildren(problemNotice(explainLoading(error), [again]));
    view.problem.querySelector('button')?.focus();
    view.problem.scrollIntoView({ block: 'nearest' });
  }
}

// Half the size for little loss, and nearly none.
const usual = new Set(['Q4_K_M', 'Q8_0']);

function show(name: keyof typeof parts): void {
  for (const [each, part] of Object.entries(parts)) part.hidden = each !== name;
}

function showAddressProblem(text: string): void {
  view.addressProblem.textContent = text;
  view.addressProblem.hidden = text === '';
  view.address.setAttribute('aria-invalid', String(text !== ''));
}
