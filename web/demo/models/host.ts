import type { Estimate } from 'wasm-chord';
import { keepLast, noteChoice } from './choice.js';
import type { Choice } from './choice.js';
import { showProgress } from './loading.js';
import { OwnModel } from './own_model.js';
import { ServerModel } from './server_model.js';
import type { Talker } from './talker.js';
import { NoChat } from '../explain.js';
import type { ModelSettings } from '../settings.js';

export type ModelState =
  | { readonly is: 'none' }
  | { readonly is: 'loading'; readonly choice: Choice }
  | { readonly is: 'ready'; readonly choice: Choice; readonly model: Talker; readonly settings: ModelSettings }
  | { readonly is: 'failed'; readonly choice: Choice; readonly error: unknown };

export interface HostSurroundings {
  readonly settings: () => ModelSettings;
  /** Until then the page may be reloaded. */
  readonly ready: Promise<void>;
  readonly onChanged: (state: ModelState) => void;
}

/** The model that is loaded, or is being loaded; one at a time. */
export class ModelHost {
  readonly #around: HostSurroundings;
  #state: ModelState = { is: 'none' };
  #controller: AbortController | undefined;
  #work: Promise<void> = Promise.resolve();
  #wanted: Choice | undefined;
  /** The last one that could be loaded. */
  #before: Choice | undefined;

  constructor(around: HostSurroundings) {
    this.#around = around;
  }

  get state(): ModelState {
    return this.#state;
  }

  get model(): Talker | undefined {
    return this.#state.is === 'ready' ? this.#state.model : undefined;
  }

  /** To go back to, after another one failed. */
  get before(): Choice | undefined {
    return this.#before;
  }

  /** What the model would take; `size`: bytes of its files, where that is known. */
  async estimate(
    { source, token }: Choice,
    signal: AbortSignal,
  ): Promise<{ estimate: Estimate; size: number | undefined }> {
    await this.#around.ready;
    const { estimate } = await import('wasm-chord');
    let size: number | undefined;
    const onProgress = ({ total }: { readonly total: number | undefined }): void => {
      size = total;
    };
    const { contextLength, kvType } = this.#around.settings();
    return { estimate: await estimate(source, { contextLength, kvType, token, signal, onProgress }), size };
  }

  /** Loads it in the place of the one that is there, whose memory it may need. */
  load(choice: Choice): void {
    this.#wanted = choice;
    this.cancel();
    this.#work = this.#work.then(() => this.#load(choice));
  }

  /** Ends the loading, if there is one. */
  cancel(): void {
    this.#controller?.abort();
  }

  /** Gives its memory back. */
  unload(): void {
    const { model } = this;
    if (!model) return;
    this.#change({ is: 'none' });
    void model.dispose();
  }

  /** Forgets that the last one failed. */
  dismiss(): void {
    if (this.#state.is === 'failed') this.#change({ is: 'none' });
  }

  async #load(choice: Choice): Promise<void> {
    // Another one was chosen before its turn came.
    if (choice !== this.#wanted) return;
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    const { model: previous } = this;
    this.#change({ is: 'loading', choice });
    try {
      noteChoice(choice);
      await this.#around.ready;
      noteChoice(undefined);
      await previous?.dispose();
      const settings = this.#around.settings();
      const model = await open(choice, settings, signal);
      // What was downloaded is kept, and need not be asked about again.
      const known: Choice = choice.from === 'web' ? { ...choice, from: 'known' } : choice;
      this.#before = known;
      keepLast(choice);
      this.#change({ is: 'ready', choice: known, model, settings });
    } catch (error) {
      if (choice !== this.#wanted) return;
      // Of a download something has come, which can be gone on with.
      if (choice.from === 'server' && signal.aborted) this.#change({ is: 'none' });
      else this.#change({ is: 'failed', choice, error });
    } finally {
      if (this.#controller === controller) this.#controller = undefined;
    }
  }

  #change(state: ModelState): void {
    this.#state = state;
    this.#around.onChanged(state);
  }
}

async function open(choice: Choice, settings: ModelSettings, signal: AbortSignal): Promise<Talker> {
  const { name, source, from, token } = choice;
  if (from === 'server') return ServerModel.open(choice, signal);
  const { load } = await import('wasm-chord');
  const engine = await load(source, { ...settings, token, signal, onProgress: showProgress });
  if (engine.info.generates) return new OwnModel(engine);
  await engine.dispose();
  throw new NoChat(`${engine.info.name || name} is an encoder`);
}
