// What ./dev demo does, in a page: asks the model, streams its answer, shows the speeds.
import init, { WasmModel, format_chat, version } from 'wasm-chord';
import type { AsyncTokenStream } from 'wasm-chord';

const bundledModel = '../../models/chord-tiny/chord-tiny-q8_0.gguf';

function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

const form = element('ask', HTMLFormElement);
const prompt = element('prompt', HTMLInputElement);
const runButton = element('run', HTMLButtonElement);
const stopButton = element('stop', HTMLButtonElement);
const answer = element('answer', HTMLOutputElement);
const status = element('status', HTMLParagraphElement);
const facts = element('facts', HTMLDListElement);
const file = element('file', HTMLInputElement);
const template = element('template', HTMLSelectElement);

let model: WasmModel | undefined;
let stream: AsyncTokenStream | undefined;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const speed = (tokens: number, ms: number): string => `${((tokens / ms) * 1000).toFixed(0)} tok/s`;

function showFact(name: string, value: string): void {
  const known = [...facts.children].find(({ textContent }) => textContent === name)?.nextElementSibling;
  if (known) {
    known.textContent = value;
    return;
  }
  const term = document.createElement('dt');
  const definition = document.createElement('dd');
  term.textContent = name;
  definition.textContent = value;
  facts.append(term, definition);
}

async function load(source: string | File): Promise<void> {
  runButton.disabled = true;
  model?.free();
  model = undefined;
  const begin = performance.now();
  await init();
  model = await WasmModel.load(source, {
    onProgress: (loaded, total) => {
      status.textContent = `Loading ${megabytes(loaded)}${total === undefined ? '' : ` of ${megabytes(total)}`} …`;
    },
  });
  model.set_config(300, 0, 1, 0, 1);
  const info = model.get_model_info();
  showFact('model', `${info.name || info.architecture}, ${(info.parameter_count / 1e6).toFixed(1)} M parameters`);
  showFact('quantization', info.quantization);
  showFact('engine', `wasm-chord ${version()}, kernels ${info.kernels}, one thread`);
  showFact('load', `${(performance.now() - begin).toFixed(0)} ms`);
  showFact('memory', megabytes(info.memory.control + info.memory.data));
  status.textContent = info.note || 'Ready.';
  runButton.disabled = false;
}

async function ask(asked: WasmModel): Promise<void> {
  runButton.disabled = true;
  stopButton.disabled = false;
  answer.textContent = '';
  status.textContent = 'Thinking …';
  try {
    const text = format_chat(undefined, prompt.value, template.value);
    const begin = performance.now();
    stream = asked.generate_async(text);
    let first = 0;
    let tokensAtFirst = 0;
    for await (const piece of stream) {
      if (first === 0) {
        first = performance.now();
        tokensAtFirst = stream.token_count();
        showFact('prompt', `${speed(asked.tokenize(text).length, first - begin)} to the first piece`);
      }
      answer.append(piece);
    }
    const generated = stream.token_count() - tokensAtFirst;
    if (generated > 0) showFact('generation', speed(generated, performance.now() - first));
    status.textContent = 'Ready.';
  } finally {
    runButton.disabled = false;
    stopButton.disabled = true;
  }
}

function show(work: Promise<void>): void {
  work.catch((error: unknown) => {
    status.textContent = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    runButton.disabled = model === undefined;
  });
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (model && !runButton.disabled) show(ask(model));
});
stopButton.addEventListener('click', () => {
  show(Promise.resolve(stream?.return()).then(() => undefined));
});
file.addEventListener('change', () => {
  const [chosen] = file.files ?? [];
  if (chosen) show(load(chosen));
});
show(load(bundledModel));
