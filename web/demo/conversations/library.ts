import { newConversation, newId } from './conversation.js';
import type { Conversation } from './conversation.js';
import { Sidebar } from './sidebar.js';
import { states } from './states.js';
import { ConversationStore } from './store.js';
import { fileName, fromJson, toJson, toMarkdown } from './transfer.js';
import type { Chat } from '../chat/chat.js';
import { saveFile } from '../ui/clipboard.js';
import { element } from '../ui/dom.js';
import { openMenu } from '../ui/menu.js';
import type { MenuItem } from '../ui/menu.js';
import { readStored, store, visit } from '../ui/stored.js';
import { showToast } from '../ui/toast.js';

const view = {
  fresh: element('new-chat', HTMLButtonElement),
  freshInBar: element('new-chat-bar', HTMLButtonElement),
  more: element('library-menu', HTMLButtonElement),
  file: element('import-file', HTMLInputElement),
  title: element('conversation-title', HTMLElement),
};

const openKey = 'wasm-chord page: open';

/** All conversations: the one that is shown in the chat, and the others beside it. */
export class Library {
  readonly #chat: Chat;
  readonly #sidebar: Sidebar;
  readonly #store: ConversationStore;
  #isRefused = false;
  /** What is still being written there is not kept again. */
  readonly #deleted = new Set<string>();

  constructor(chat: Chat) {
    this.#chat = chat;
    this.#store = new ConversationStore({
      onChanged: () => {
        this.show();
      },
      onWrittenElsewhere: (conversation) => {
        const { conversation: shown } = chat;
        if (conversation.id === shown.id && !chat.isAnswering(shown)) chat.open(conversation);
      },
      onRefused: (reason) => {
        this.#warn(reason);
      },
    });
    this.#sidebar = new Sidebar({
      onOpened: (conversation) => {
        this.#open(conversation);
      },
      onRenamed: (conversation, title) => {
        conversation.title = title;
        void this.#store.write(conversation);
      },
      menuOf: (conversation, rename) => this.#menuOf(conversation, rename),
      isAnswering: (conversation) => chat.isAnswering(conversation),
    });
    for (const fresh of [view.fresh, view.freshInBar]) {
      fresh.addEventListener('click', () => {
        this.begin();
      });
    }
    view.more.addEventListener('click', () => {
      openMenu(view.more, this.#menu());
    });
    view.file.addEventListener('change', () => {
      const [file] = view.file.files ?? [];
      if (file) void this.#import(file);
      view.file.value = '';
    });
  }

  /** Reads what earlier visits left, and shows the conversation that was shown before a reload. */
  async open(): Promise<void> {
    const id = readStored(visit, openKey);
    await this.#store.open();
    const last = typeof id === 'string' ? this.#store.get(id) : undefined;
    if (last && this.#chat.conversation.turns.length === 0) this.#chat.open(last);
    this.show();
  }

  show(): void {
    const { conversation } = this.#chat;
    store(visit, openKey, conversation.id);
    this.#sidebar.show(this.#store.list(), conversation.id);
    view.title.textContent = conversation.title;
    document.title = conversation.title === '' ? 'wasm-chord' : `${conversation.title} · wasm-chord`;
  }

  keep(conversation: Conversation): void {
    if (!this.#deleted.has(conversation.id)) void this.#store.write(conversation);
  }

  /** A new chat. */
  begin(): void {
    if (this.#chat.conversation.turns.length > 0) this.#chat.open(newConversation());
    this.#sidebar.closeIfOver();
    this.show();
    this.#chat.focus();
  }

  find(): void {
    this.#sidebar.find();
  }

  toggle(): void {
    this.#sidebar.toggle();
  }

  #open(conversation: Conversation): void {
    if (conversation !== this.#chat.conversation) this.#chat.open(conversation);
    this.show();
    this.#chat.focus();
  }

  #menuOf(conversation: Conversation, rename: () => void): MenuItem[] {
    return [
      { name: 'Rename', icon: 'edit', onChosen: rename },
      {
        name: 'Export as Markdown',
        icon: 'download',
        onChosen: () => {
          saveFile(fileName(conversation, 'md'), 'text/markdown', toMarkdown(conversation));
        },
      },
      {
        name: 'Export as JSON',
        icon: 'download',
        onChosen: () => {
          saveFile(fileName(conversation, 'json'), 'application/json', toJson([conversation]));
        },
      },
      {
        name: 'Delete',
        icon: 'trash',
        isDanger: true,
        onChosen: () => {
          this.#delete(conversation);
        },
      },
    ];
  }

  #menu(): MenuItem[] {
    return [
      {
        name: 'Import from a file …',
        icon: 'upload',
        onChosen: () => {
          view.file.click();
        },
      },
      {
        name: 'Export all as JSON',
        icon: 'download',
        onChosen: () => {
          saveFile('wasm-chord-conversations.json', 'application/json', toJson(this.#store.list()));
        },
      },
    ];
  }

  #delete(conversation: Conversation): void {
    const wasShown = conversation === this.#chat.conversation;
    if (this.#chat.isAnswering(conversation)) this.#chat.stop();
    this.#deleted.add(conversation.id);
    void this.#store.delete(conversation);
    void states.forget(conversation.id);
    if (wasShown) this.#chat.open(newConversation());
    this.show();
    this.#chat.focus();
    showToast(`“${conversation.title}” was deleted.`, {
      name: 'Undo',
      onChosen: () => {
        this.#deleted.delete(conversation.id);
        void this.#store.write(conversation);
        if (wasShown) this.#open(conversation);
      },
    });
  }

  async #import(file: File): Promise<void> {
    const parsed = fromJson(await file.text());
    if (typeof parsed === 'string') {
      showToast(parsed);
      return;
    }
    let added = 0;
    for (const conversation of parsed) {
      const known = this.#store.get(conversation.id);
      if (known && toJson([known]) === toJson([conversation])) continue;
      // Another one of the same id stays beside it.
      await this.#store.write(known ? { ...conversation, id: newId() } : conversation);
      added++;
    }
    showToast(
      `${added} of ${parsed.length} conversations were added${added < parsed.length ? '; the others were there' : ''}.`,
    );
  }

  #warn(reason: unknown): void {
    const isFull = reason instanceof DOMException && reason.name === 'QuotaExceededError';
    if (!isFull && this.#isRefused) return;
    this.#isRefused = true;
    showToast(
      isFull
        ? 'There is no room to keep this conversation: delete a model or a conversation, or export this one.'
        : 'The browser keeps nothing here: conversations last as long as this page is open. Export those that you need.',
    );
  }
}
