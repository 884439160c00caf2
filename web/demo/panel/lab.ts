import { allTools, builtIn, chosenTools, keepToolbox, parseTool, readToolbox, toRequest } from '../tools/toolbox.js';
import type { Tool } from '../tools/toolbox.js';
import { messagesOf } from '../chat/messages.js';
import type { Talker } from '../models/talker.js';
import { shownTurns } from '../conversations/conversation.js';
import type { Conversation } from '../conversations/conversation.js';
import { announce, button, element, iconButton, make } from '../ui/dom.js';
import * as format from '../ui/format.js';

export interface LabHooks {
  readonly onChanged: () => void;
  readonly onTried: (question: string) => void;
  readonly model: () => Talker | undefined;
  readonly conversation: () => Conversation;
  readonly system: () => string;
}

const view = {
  isOn: element('tools-on', HTMLInputElement),
  chip: element('tools-chip', HTMLButtonElement),
  list: element('tools-list', HTMLUListElement),
  tries: element('tools-tries', HTMLUListElement),
  add: element('tool-add', HTMLDetailsElement),
  form: element('tool-form', HTMLFormElement),
  name: element('tool-name', HTMLInputElement),
  description: element('tool-description', HTMLInputElement),
  parameters: element('tool-parameters', HTMLTextAreaElement),
  example: element('tool-example', HTMLTextAreaElement),
  problem: element('tool-problem', HTMLElement),
  showPrompt: element('show-prompt', HTMLButtonElement),
  prompt: element('prompt-text', HTMLElement),
  promptCount: element('prompt-count', HTMLElement),
};

const tries = ['What is 48 + 37?', 'What time is it in Tokyo?', 'What is the weather in Rome?'];

/** Tools to play with, and what the model is really given. */
export class Lab {
  readonly #hooks: LabHooks;
  readonly #box = readToolbox();

  constructor(hooks: LabHooks) {
    this.#hooks = hooks;
    view.isOn.addEventListener('change', () => {
      this.setTools(view.isOn.checked);
    });
    view.chip.addEventListener('click', () => {
      this.setTools(!this.#box.isOn);
    });
    view.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#add();
    });
    view.tries.append(
      ...tries.map((question) =>
        make(
          'li',
          '',
          button(question, () => {
            this.setTools(true);
            hooks.onTried(question);
          }),
        ),
      ),
    );
    view.showPrompt.addEventListener('click', () => {
      void this.#showPrompt();
    });
    this.#show();
  }

  get tools(): Tool[] {
    return chosenTools(this.#box);
  }

  setTools(isOn: boolean): void {
    this.#box.isOn = isOn;
    this.#changed();
    announce(isOn ? 'Tools are on' : 'Tools are off');
  }

  #changed(): void {
    keepToolbox(this.#box);
    this.#show();
    this.#hooks.onChanged();
  }

  #show(): void {
    const { isOn } = this.#box;
    view.isOn.checked = isOn;
    view.chip.setAttribute('aria-pressed', String(isOn));
    view.list.replaceChildren(...allTools(this.#box).map((tool) => this.#row(tool)));
  }

  #row(tool: Tool): HTMLLIElement {
    const box = make('input', '');
    box.type = 'checkbox';
    box.checked = !this.#box.off.includes(tool.name);
    box.addEventListener('change', () => {
      const others = this.#box.off.filter((name) => name !== tool.name);
      this.#box.off = box.checked ? others : [...others, tool.name];
      this.#changed();
    });
    const place = tool.run ? 'runs in this page' : 'you say what it gives back';
    const about = make('small', '', tool.description === '' ? place : `${tool.description}; ${place}`);
    const row = make('li', '', make('label', 'check', box, make('span', '', make('code', '', tool.name), about)));
    if (builtIn.includes(tool)) return row;
    row.append(
      iconButton('trash', `Delete ${tool.name}`, () => {
        this.#box.own = this.#box.own.filter((own) => own !== tool);
        this.#changed();
      }),
    );
    return row;
  }

  #add(): void {
    let parameters: unknown;
    try {
      parameters = JSON.parse(view.parameters.value);
    } catch (error) {
      showProblem(`The parameters are no JSON: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const { name, description, example } = view;
    const given = {
      name: name.value.trim(),
      description: description.value.trim(),
      parameters,
      example: example.value,
    };
    const tool = this.#box.own.some((own) => own.name === given.name)
      ? `There is a function ${given.name} already.`
      : parseTool(given);
    if (typeof tool === 'string') {
      showProblem(tool);
      return;
    }
    showProblem('');
    this.#box.own.push(tool);
    this.#box.isOn = true;
    this.#changed();
    view.name.value = '';
    view.description.value = '';
    view.add.open = false;
    announce(`${tool.name} was added`);
  }

  async #showPrompt(): Promise<void> {
    const model = this.#hooks.model();
    if (!model?.engine) {
      view.prompt.hidden = true;
      view.promptCount.textContent = model
        ? 'Only the server knows: load a model into this page to see its prompt.'
        : 'Load a model first: each has a template of its own.';
      return;
    }
    const { engine } = model;
    const turns = shownTurns(this.#hooks.conversation());
    const messages = messagesOf(this.#hooks.system(), turns);
    const tools = this.tools.map(toRequest);
    const options = tools.length > 0 ? { tools } : {};
    try {
      const asked = messages.length > 0 ? messages : [{ role: 'user' as const, content: 'Hello' }];
      view.prompt.textContent = await engine.applyChatTemplate(asked, options);
      view.prompt.hidden = false;
      view.promptCount.textContent = format.tokens(await engine.countTokens(asked, options));
    } catch (error) {
      view.prompt.hidden = true;
      view.promptCount.textContent = error instanceof Error ? error.message : String(error);
    }
  }
}

function showProblem(text: string): void {
  view.problem.textContent = text;
  view.problem.hidden = text === '';
}
