// A chat with a model that runs in this page.
import { Chat } from './chat/chat.js';
import { showWelcome } from './chat/welcome.js';
import { Library } from './conversations/library.js';
import { prepareDrop } from './drop.js';
import { bundled } from './models/bundled.js';
import { lastChoice, notedChoice } from './models/choice.js';
import type { Choice } from './models/choice.js';
import { Dock } from './models/dock.js';
import { ModelHost } from './models/host.js';
import type { ModelState } from './models/host.js';
import { serverChoice } from './models/server_model.js';
import { ModelSheet } from './models/sheet.js';
import type { Talker } from './models/talker.js';
import { openOffline } from './offline.js';
import { Lab } from './panel/lab.js';
import { closePanel, preparePanel } from './panel/panel.js';
import { Stats } from './panel/stats.js';
import { StructureLab } from './panel/structure_lab.js';
import { answerSettings, closeSettings, modelSettings, openSettings, prepareSettings, wantReload } from './settings.js';
import { prepareShortcuts } from './shortcuts.js';
import { allowOwnWorkers } from './trusted.js';
import { announce, element } from './ui/dom.js';

const view = {
  modelName: element('model-name', HTMLElement),
  modelPlace: element('model-place', HTMLElement),
  reloadModel: element('reload-model', HTMLElement),
  hint: element('hint', HTMLElement),
};
const patienceMs = 2000;
/** The model that is there without a choice: the server's, or the one that comes with the page. */
const first: Choice = serverChoice ?? { name: bundled.name, source: bundled.url, from: 'known' };

allowOwnWorkers();

// Whether a reload of the page would lose something.
let begun = false;
const ready = import.meta.env.PROD ? openOffline(() => !begun) : Promise.resolve();
document.addEventListener('input', () => {
  begun = true;
});

prepareSettings(showReload);

const stats = new Stats();
const host = new ModelHost({ settings: modelSettings, ready, onChanged: showModel });
const chat: Chat = new Chat({
  settings: answerSettings,
  tools: () => lab.tools,
  structure: () => structures.chosen,
  onWithoutTools: () => {
    lab.setTools(false);
  },
  onModelWanted: () => {
    if (host.state.is !== 'loading') host.load(wanted());
  },
  onModelLost: () => {
    host.unload();
  },
  onChanged: (conversation) => {
    library.keep(conversation);
  },
  onSpeed: (tokensPerSecond) => {
    stats.addSpeed(tokensPerSecond);
  },
  onAnswered: (summary) => {
    stats.addAnswer(summary);
  },
  onShown: () => {
    library.show();
  },
});
const library = new Library(chat);
const lab: Lab = new Lab({
  onChanged: () => undefined,
  onTried: (question) => {
    library.begin();
    chat.ask(question);
  },
  model: () => host.model,
  conversation: () => chat.conversation,
  system: () => answerSettings().system,
});
const structures: StructureLab = new StructureLab((question) => {
  library.begin();
  chat.ask(question);
});
const sheet = new ModelSheet({
  estimate: (choice, signal) => host.estimate(choice, signal),
  onChosen: (choice) => {
    host.load(choice);
    chat.focus();
  },
  onBegun: () => {
    begun = true;
  },
  model: () => host.model,
  onUnloaded: () => {
    host.unload();
  },
});
const dock = new Dock({
  onCancel: () => {
    host.cancel();
  },
  onLoad: (choice) => {
    host.load(choice);
    chat.focus();
  },
  onOther: () => {
    sheet.open();
  },
  onDismiss: () => {
    host.dismiss();
    chat.focus();
  },
});

/** The model that answers where none was chosen: the last one, or the first. */
function wanted(): Choice {
  return host.state.is === 'failed' ? host.state.choice : (host.before ?? lastChoice() ?? first);
}

function showModel(state: ModelState): void {
  if (state.is === 'loading' && typeof state.choice.source !== 'string') begun = true;
  dock.show(state, host.before);
  showWelcome(state, (question) => {
    chat.ask(question);
  });
  showReload();
  view.modelName.textContent = nameOf(state);
  const model = state.is === 'ready' ? state.model : undefined;
  view.modelPlace.textContent = model?.place ?? '';
  stats.use(model);
  view.hint.textContent = `Runs on ${whereOf(model)}. Check what matters.`;
  if (model) announce(`${nameOf(state)} is ready on the ${model.place}`);
  // What was asked meanwhile is answered now.
  chat.use(model, state.is === 'loading');
}

/** Where what is typed goes; while there is no model, where the one is that would be loaded for it. */
function whereOf(model: Talker | undefined): string {
  const isHere = model ? model.engine !== undefined : wanted().from !== 'server';
  return isHere ? 'this device' : `the ${model?.place ?? 'server'}`;
}

function nameOf(state: ModelState): string {
  switch (state.is) {
    case 'none':
    case 'failed':
      return 'Choose a model';
    case 'loading':
      return `Loading ${state.choice.name} …`;
    case 'ready':
      return state.model.name || state.choice.name;
  }
}

function showReload(): void {
  const { state } = host;
  view.reloadModel.hidden = state.is !== 'ready' || !state.model.engine || !wantReload(state.settings);
}

function onClick(id: string, action: () => void): void {
  element(id, HTMLButtonElement).addEventListener('click', action);
}

preparePanel(() => undefined);
prepareDrop((file) => {
  sheet.considerFile(file);
});
prepareShortcuts({
  find: () => {
    library.find();
  },
  newChat: () => {
    library.begin();
  },
  settings: openSettings,
  sidebar: () => {
    library.toggle();
  },
  stop: () => {
    chat.stop();
  },
});
onClick('open-settings', openSettings);
onClick('open-models', () => {
  sheet.open();
});
for (const id of ['start-tiny', 'start-server']) {
  onClick(id, () => {
    host.load(first);
    chat.focus();
  });
}
onClick('start-other', () => {
  sheet.open();
});
onClick('reload-now', () => {
  closeSettings();
  closePanel();
  if (host.state.is === 'ready') host.load(host.state.choice);
});

showModel(host.state);
// Storage that does not answer keeps nobody from asking.
await Promise.race([library.open(), new Promise((resolve) => setTimeout(resolve, patienceMs))]);
// Before, a click would have been lost.
element('app', HTMLElement).inert = false;
void sheet.showKept();
const noted = notedChoice();
if (noted) {
  host.load(noted);
  chat.resume();
} else if (serverChoice && !lastChoice()) host.load(serverChoice);
