import type { Call } from '../conversations/conversation.js';
import { runTool } from '../tools/toolbox.js';
import type { Tool } from '../tools/toolbox.js';
import { icon, make } from '../ui/dom.js';
import { prettyJson } from '../ui/values.js';

const longestShown = 60;

/** A function that the model called: with what, and what it gave back. */
export class CallCard {
  readonly element: HTMLDetailsElement;
  readonly #call: Call;
  readonly #summary = make('span', 'call-line');
  readonly #given = make('pre', '');
  readonly #result = make('div', 'call-result');

  constructor(call: Call) {
    this.#call = call;
    const summary = make('summary', '', icon('tools'), this.#summary, icon('down'));
    const given = make('div', '', make('h5', '', 'Arguments'), this.#given);
    this.element = make('details', 'call', summary, make('div', 'call-body', given, this.#result));
    this.#given.tabIndex = 0;
    this.#given.setAttribute('aria-label', 'Arguments');
    this.show();
  }

  /** After the call, or what came of it, has changed. */
  show(): void {
    const { name, arguments: json, result } = this.#call;
    const title = make('span', 'call-name', name);
    this.#summary.replaceChildren(title, make('code', '', shortened(json)));
    if (result !== undefined) this.#summary.append(make('span', 'arrow', '→'), make('code', '', shortened(result)));
    this.#given.textContent = prettyJson(json) ?? json;
    if (result === undefined) return;
    const shown = make('pre', '', prettyJson(result) ?? result);
    shown.tabIndex = 0;
    shown.setAttribute('aria-label', 'Result');
    this.#result.replaceChildren(make('h5', '', 'Result'), shown);
  }

  /** What the function gives back: by running it here, or by asking the user. Rejects where the signal ends that. */
  async run(tool: Tool | undefined, signal: AbortSignal): Promise<string> {
    const { name, arguments: json } = this.#call;
    if (!tool) return JSON.stringify({ error: `there is no function ${name}` });
    const { run } = tool;
    return run ? runTool({ run }, json) : this.#ask(tool.example ?? '', signal);
  }

  #ask(example: string, signal: AbortSignal): Promise<string> {
    const field = make('textarea', '');
    field.value = example;
    field.rows = 2;
    const label = make('label', '', `What does ${this.#call.name} give back?`, field);
    const send = make('button', 'primary', 'Give it back');
    const form = make('form', '', label, send);
    this.#result.replaceChildren(form);
    this.element.open = true;
    form.scrollIntoView({ block: 'nearest' });
    field.focus({ preventScroll: true });
    return new Promise((resolve, reject) => {
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        this.element.open = false;
        resolve(field.value);
      });
      signal.addEventListener('abort', () => {
        form.remove();
        reject(new Error('the answer was stopped'));
      });
    });
  }
}

function shortened(text: string): string {
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
