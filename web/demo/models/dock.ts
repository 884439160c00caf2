import { hideLoading, showLoading } from './loading.js';
import type { ModelState } from './host.js';
import type { Choice } from './choice.js';
import { problemNotice } from './problem.js';
import type { Way } from './problem.js';
import { explainLoading, wantsKey } from '../explain.js';
import { element } from '../ui/dom.js';

export interface DockHooks {
  readonly onCancel: () => void;
  readonly onLoad: (choice: Choice) => void;
  readonly onOther: () => void;
  readonly onDismiss: () => void;
}

type Failed = Extract<ModelState, { readonly is: 'failed' }>;

const problem = element('problem', HTMLElement);

/** Above the composer: how far a model has come, or why it did not. */
export class Dock {
  readonly #hooks: DockHooks;

  constructor(hooks: DockHooks) {
    this.#hooks = hooks;
    element('cancel', HTMLButtonElement).addEventListener('click', hooks.onCancel);
  }

  /** `before`: the last model that could be loaded. */
  show(state: ModelState, before: Choice | undefined): void {
    problem.replaceChildren();
    if (state.is === 'loading') showLoading(state.choice);
    else hideLoading();
    if (state.is !== 'failed') return;
    problem.append(problemNotice(explainLoading(state.error), this.#ways(state, before)));
    problem.querySelector('button')?.focus({ preventScroll: true });
  }

  #ways({ choice, error }: Failed, before: Choice | undefined): Way[] {
    const { onLoad, onOther, onDismiss } = this.#hooks;
    const load = (name: string, wanted: Choice): Way => ({
      name,
      onChosen: () => {
        onLoad(wanted);
      },
    });
    const first = wantsKey(error) ? { name: 'Give the key…', onChosen: onOther } : load('Try again', choice);
    const ways = [first, { name: 'Choose another model…', onChosen: onOther }];
    if (before && before.source !== choice.source) ways.push(load(`Load ${before.name} again`, before));
    return [...ways, { name: 'Dismiss', onChosen: onDismiss }];
  }
}
