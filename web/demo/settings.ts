import { element } from './ui/dom.js';
import { device, readStored, store } from './ui/stored.js';
import { openSheet, prepareSheet } from './ui/sheet.js';
import { isRecord } from './ui/values.js';

/** Of how a model is loaded. */
export interface ModelSettings {
  readonly device: 'auto' | 'cpu' | 'webgpu';
  /** undefined: what fits. */
  readonly contextLength: number | undefined;
  readonly kvType: 'f16' | 'f32' | 'q8_0';
}

/** Of how it answers. */
export interface AnswerSettings {
  readonly system: string;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly maxTokens: number;
  /** undefined: another one each time. */
  readonly seed: number | undefined;
  /** Whether a model that can be told not to think first is left to it. */
  readonly thinks: boolean;
}

const defaults = {
  system: '',
  temperature: '0.7',
  topP: '0.9',
  topK: '40',
  minP: '0',
  repetitionPenalty: '1',
  maxTokens: '1024',
  seed: '',
  thinking: 'auto',
  device: 'auto',
  contextLength: '',
  kvType: 'f16',
  theme: 'auto',
} as const;
type Name = keyof typeof defaults;

const storageKey = 'wasm-chord page: settings';

const sheet = element('settings', HTMLDialogElement);
const form = element('settings-form', HTMLFormElement);
const fields: Readonly<Record<Name, HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>> = {
  system: element('system', HTMLTextAreaElement),
  temperature: element('temperature', HTMLInputElement),
  topP: element('top-p', HTMLInputElement),
  topK: element('top-k', HTMLInputElement),
  minP: element('min-p', HTMLInputElement),
  repetitionPenalty: element('repetition-penalty', HTMLInputElement),
  maxTokens: element('max-tokens', HTMLInputElement),
  seed: element('seed', HTMLInputElement),
  thinking: element('thinking', HTMLSelectElement),
  device: element('device', HTMLSelectElement),
  contextLength: element('context-length', HTMLInputElement),
  kvType: element('kv-type', HTMLSelectElement),
  theme: element('theme', HTMLSelectElement),
};
const names: readonly Name[] = Object.keys(defaults).filter((name): name is Name => name in fields);

/** Under a field that can be out of range: what it means, or what is wrong. */
const hints = new Map(
  (['topK', 'maxTokens', 'seed', 'contextLength'] as const).map((name) => {
    const hint = element(fields[name].getAttribute('aria-describedby') ?? '', HTMLElement);
    return [name, { hint, text: hint.textContent }];
  }),
);

/** Shows the settings of the last visit, and keeps what changes. `onChange` is called after each change. */
export function prepareSettings(onChange: () => void): void {
  prepareSheet(sheet);
  fill(stored());
  form.addEventListener('input', () => {
    showChosen();
    keep();
    onChange();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
  });
  element('reset-settings', HTMLButtonElement).addEventListener('click', () => {
    fill({});
    keep();
    onChange();
  });
}

export function openSettings(): void {
  openSheet(sheet);
}

export function closeSettings(): void {
  sheet.close();
}

// A field that is out of its range counts as its default.
function value(name: Name): string {
  return fields[name].validity.valid ? fields[name].value : defaults[name];
}

function whole(name: Name): number | undefined {
  return value(name) === '' ? undefined : Number(value(name));
}

export function answerSettings(): AnswerSettings {
  return {
    system: value('system').trim(),
    temperature: Number(value('temperature')),
    topP: Number(value('topP')),
    topK: whole('topK') ?? Number(defaults.topK),
    minP: Number(value('minP')),
    repetitionPenalty: Number(value('repetitionPenalty')),
    maxTokens: whole('maxTokens') ?? Number(defaults.maxTokens),
    seed: whole('seed'),
    thinks: value('thinking') !== 'off',
  };
}

export function modelSettings(): ModelSettings {
  const chosen = value('device');
  const type = value('kvType');
  return {
    device: chosen === 'cpu' || chosen === 'webgpu' ? chosen : 'auto',
    contextLength: whole('contextLength'),
    kvType: type === 'f32' || type === 'q8_0' ? type : 'f16',
  };
}

/** Whether a model that was loaded with these settings would be loaded otherwise now. */
export function wantReload(loaded: ModelSettings): boolean {
  const now = modelSettings();
  return now.device !== loaded.device || now.contextLength !== loaded.contextLength || now.kvType !== loaded.kvType;
}

function fill(values: Partial<Record<Name, string>>): void {
  for (const name of names) {
    fields[name].value = values[name] ?? defaults[name];
    if (!fields[name].validity.valid) fields[name].value = defaults[name];
  }
  showChosen();
}

function showChosen(): void {
  for (const output of form.querySelectorAll('output')) {
    const range = document.getElementById(output.htmlFor.value);
    if (range instanceof HTMLInputElement) output.value = Number(range.value).toFixed(2);
  }
  for (const [name, { hint, text }] of hints) {
    const { validity, validationMessage } = fields[name];
    fields[name].setAttribute('aria-invalid', String(!validity.valid));
    hint.textContent = validity.valid ? text : validationMessage;
    hint.classList.toggle('field-problem', !validity.valid);
  }
  document.documentElement.dataset['theme'] = value('theme');
}

function stored(): Partial<Record<Name, string>> {
  const values = readStored(device, storageKey);
  if (!isRecord(values)) return {};
  return Object.fromEntries(Object.entries(values).filter(([, text]) => typeof text === 'string'));
}

function keep(): void {
  store(device, storageKey, Object.fromEntries(names.map((name) => [name, fields[name].value])));
}
