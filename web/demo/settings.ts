import { element } from './dom.js';

export interface Settings {
  readonly system: string;
  readonly temperature: number;
  readonly topP: number;
  readonly maxTokens: number;
  /** undefined: another one each time. */
  readonly seed: number | undefined;
  readonly device: 'auto' | 'cpu' | 'webgpu';
}

const defaults = { system: '', temperature: '0.7', topP: '0.9', maxTokens: '512', seed: '', device: 'auto' } as const;
type Name = keyof typeof defaults;

const storageKey = 'wasm-chord page: settings';

const fields = {
  system: element('system', HTMLTextAreaElement),
  temperature: element('temperature', HTMLInputElement),
  topP: element('top-p', HTMLInputElement),
  maxTokens: element('max-tokens', HTMLInputElement),
  seed: element('seed', HTMLInputElement),
  device: element('device', HTMLSelectElement),
};
// Under the fields that can be out of range.
const hints = { maxTokens: element('max-tokens-hint', HTMLElement), seed: element('seed-hint', HTMLElement) };
const hintTexts = { maxTokens: hints.maxTokens.textContent, seed: hints.seed.textContent };
const names: readonly Name[] = ['system', 'temperature', 'topP', 'maxTokens', 'seed', 'device'];

/** Shows the settings of the last visit, and keeps what changes. `onChange` is called after each change. */
export function openSettings(onChange: () => void): void {
  fill(stored());
  element('settings', HTMLFormElement).addEventListener('input', () => {
    showChosen();
    keep();
    onChange();
  });
  element('settings', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
  });
  element('reset-settings', HTMLButtonElement).addEventListener('click', () => {
    fill({});
    keep();
    onChange();
  });
}

/** What is chosen; a field that is out of its range counts as its default. */
export function readSettings(): Settings {
  const value = (name: Name): string => (fields[name].validity.valid ? fields[name].value : defaults[name]);
  const seed = value('seed');
  const device = value('device');
  return {
    system: value('system').trim(),
    temperature: Number(value('temperature')),
    topP: Number(value('topP')),
    maxTokens: Number(value('maxTokens') || defaults.maxTokens),
    seed: seed === '' ? undefined : Number(seed),
    device: device === 'cpu' || device === 'webgpu' ? device : 'auto',
  };
}

function fill(values: Partial<Record<Name, string>>): void {
  for (const name of names) {
    fields[name].value = values[name] ?? defaults[name];
    if (!fields[name].validity.valid) fields[name].value = defaults[name];
  }
  showChosen();
}

function showChosen(): void {
  for (const name of ['temperature', 'topP'] as const) {
    const output = fields[name].parentElement?.querySelector('output');
    if (output) output.value = Number(fields[name].value).toFixed(2);
  }
  for (const name of ['maxTokens', 'seed'] as const) {
    const { validity, validationMessage } = fields[name];
    fields[name].setAttribute('aria-invalid', String(!validity.valid));
    hints[name].textContent = validity.valid ? hintTexts[name] : validationMessage;
    hints[name].classList.toggle('field-problem', !validity.valid);
  }
}

// Without storage the settings last as long as the page.
function stored(): Partial<Record<Name, string>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, text]) => typeof text === 'string'));
  } catch {
    return {};
  }
}

function keep(): void {
  try {
    localStorage.setItem(
      storageKey,
      JSON.stringify(Object.fromEntries(names.map((name) => [name, fields[name].value]))),
    );
  } catch {
    // As above.
  }
}
