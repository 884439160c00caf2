// A chat with a model that runs in this page.
import type { Engine } from 'wasm-chord';
import { Chat } from './chat.js';
import { announce, element } from './dom.js';
import { openOffline } from './offline.js';
import { closePanel, placeOf, preparePanel, showPlace, showSpeeds } from './panel.js';
import { Picker } from './picker.js';
import type { Choice } from './choice.js';
import { openSettings, readSettings } from './settings.js';

const view = {
  changeModel: element('change-model', HTMLButtonElement),
  modelName: element('model-name', HTMLElement),
  details: element('open-details', HTMLButtonElement),
  modelPlace: element('model-place', HTMLElement),
  newChat: element('new-chat', HTMLButtonElement),
  reloadModel: element('reload-model', HTMLButtonElement),
  drop: element('drop', HTMLElement),
};

let loaded: { engine: Engine; choice: Choice; device: string } | undefined;
let last: Choice | undefined;

const chat = new Chat({
  settings: readSettings,
  onAnswered: (summary) => {
    if (!loaded) return;
    showPlace(loaded.engine.info);
    showSpeeds(summary, loaded.engine.info.contextLength);
  },
  onModelLost: loadAgain,
});

let begun = false;
const ready = import.meta.env.PROD ? openOffline(() => !begun) : Promise.resolve();

const picker = new Picker({
  settings: readSettings,
  ready,
  onChosen: ({ source }) => {
    begun ||= typeof source !== 'string';
  },
  onBegin: async () => {
    begun = true;
    await unload();
  },
  onLoaded: (engine, choice) => {
    loaded = { engine, choice, device: readSettings().device };
    last = choice;
    view.modelName.textContent = engine.info.name || choice.name;
    view.modelPlace.textContent = placeOf(engine.info);
    chat.use(engine);
    showPlace(engine.info);
    showChat();
    announce(`${view.modelName.textContent} is ready on the ${placeOf(engine.info)}`);
  },
  hasModel: () => loaded !== undefined,
  hasChat: () => loaded !== undefined || !chat.isEmpty,
  onBack: showChat,
});

async function unload(): Promise<void> {
  chat.use(undefined);
  showPlace(undefined);
  showSpeeds(undefined, 0);
  view.changeModel.hidden = true;
  view.details.hidden = true;
  const { engine } = loaded ?? {};
  loaded = undefined;
  await engine?.dispose();
}

function loadAgain(): void {
  if (!last) return;
  chat.hide();
  picker.load(last);
}

function showChat(): void {
  picker.hide();
  view.changeModel.hidden = false;
  view.details.hidden = !loaded;
  if (!loaded) view.modelName.textContent = 'No model';
  view.newChat.hidden = false;
  showReload();
  chat.show();
}

function showPicker(): void {
  chat.hide();
  view.changeModel.hidden = true;
  view.details.hidden = true;
  view.newChat.hidden = true;
  picker.show();
}

function showReload(): void {
  view.reloadModel.hidden = !loaded || loaded.device === readSettings().device;
}

openSettings(() => {
  begun = true;
  showReload();
});
preparePanel();

view.changeModel.addEventListener('click', showPicker);
view.newChat.addEventListener('click', () => {
  chat.clear();
});
view.reloadModel.addEventListener('click', () => {
  closePanel();
  loadAgain();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') chat.stop();
});
document.addEventListener('input', () => {
  begun = true;
});

// A file may be dropped anywhere.
let over = 0;
const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
document.addEventListener('dragenter', (event) => {
  if (!hasFiles(event)) return;
  over++;
  view.drop.hidden = false;
});
document.addEventListener('dragleave', (event) => {
  if (!hasFiles(event)) return;
  over--;
  view.drop.hidden = over > 0;
});
document.addEventListener('dragover', (event) => {
  if (hasFiles(event)) event.preventDefault();
});
document.addEventListener('drop', (event) => {
  over = 0;
  view.drop.hidden = true;
  const [file] = event.dataTransfer?.files ?? [];
  if (!file || !hasFiles(event)) return;
  event.preventDefault();
  if (picker.isLoading) return;
  chat.hide();
  picker.loadFile(file);
});

// Before, a click would have been lost.
element('main', HTMLElement).inert = false;
