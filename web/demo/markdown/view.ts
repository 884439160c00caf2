import { lexer } from 'marked';
import type { Token } from 'marked';
import { codeBlock, highlightIn, languageOf } from './code_block.js';
import { render } from './render.js';
import { settledLength } from './split.js';
import { make } from '../ui/dom.js';

/**
 * Shows a text that grows. Blocks that are complete are rendered once; only the last one is, again and again, and no
 * more than once a frame, nor more than a fifth of the time.
 */
export class MarkdownView {
  readonly #into: HTMLElement;
  readonly #tail = make('div', 'tail');
  #text = '';
  #settled = 0;
  #frame = 0;
  #notBefore = 0;
  /** The code at the end that is being written. */
  #open: { readonly language: string; readonly code: Text } | undefined;
  readonly #onShown: () => void;

  /** `onShown`: after each time that something is added to the page. */
  constructor(into: HTMLElement, onShown: () => void) {
    this.#into = into;
    this.#onShown = onShown;
    into.classList.add('markdown');
    into.replaceChildren(this.#tail);
  }

  append(text: string): void {
    this.#text += text;
    this.#frame ||= requestAnimationFrame(this.#show);
  }

  /** There is no more to come. */
  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#tail.replaceChildren();
    this.#open = undefined;
    this.#tail.before(...render(this.#lex()));
    this.#tail.remove();
    highlightIn(this.#into);
    this.#onShown();
  }

  readonly #show = (): void => {
    const now = performance.now();
    if (now < this.#notBefore) {
      this.#frame = requestAnimationFrame(this.#show);
      return;
    }
    this.#frame = 0;
    const tokens = this.#lex();
    const settled = settledLength(tokens);
    if (settled > 0) this.#settle(tokens, settled);
    const last = tokens.findLast(({ type }) => type !== 'space');
    if (last && !this.#growCode(last)) this.#tail.replaceChildren(...render([last]));
    this.#onShown();
    const end = performance.now();
    this.#notBefore = end + 4 * (end - now);
  };

  #lex(): Token[] {
    return lexer(this.#text.slice(this.#settled), { gfm: true, breaks: true });
  }

  #settle(tokens: readonly Token[], length: number): void {
    let raw = 0;
    const blocks = tokens.filter((token) => (raw += token.raw.length) <= length);
    this.#settled += length;
    this.#open = undefined;
    this.#tail.replaceChildren();
    const settled = make('div', 'blocks', ...render(blocks));
    this.#tail.before(settled);
    highlightIn(settled);
  }

  // A long program is not written anew for each of its tokens.
  #growCode(token: Token): boolean {
    if (token.type !== 'code' || typeof token['text'] !== 'string') {
      this.#open = undefined;
      return false;
    }
    const text: string = token['text'];
    const language = languageOf(typeof token['lang'] === 'string' ? token['lang'] : '');
    if (this.#open?.language !== language) {
      const block = codeBlock('', language);
      const code = document.createTextNode('');
      block.querySelector('code')?.replaceChildren(code);
      this.#tail.replaceChildren(block);
      this.#open = { language, code };
    }
    const { code } = this.#open;
    if (text.startsWith(code.data)) code.appendData(text.slice(code.data.length));
    else code.data = text;
    return true;
  }
}

/** A text that is complete. */
export function showMarkdown(into: HTMLElement, text: string): void {
  const view = new MarkdownView(into, () => undefined);
  view.append(text);
  view.end();
}
