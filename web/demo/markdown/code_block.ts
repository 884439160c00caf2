import { copy } from '../ui/clipboard.js';
import { iconButton, make } from '../ui/dom.js';

/** Code with its language, a button to copy it, and colours once their script is there. */
export function codeBlock(text: string, info: string): HTMLElement {
  const language = languageOf(info);
  const code = make('code', '', text);
  const copier = iconButton('copy', 'Copy the code', () => {
    void copy(code.textContent, copier);
  });
  const head = make('div', 'code-head', make('span', '', language === '' ? 'text' : language), copier);
  const pre = make('pre', '', code);
  // It may be wider than the page, and then scrolls by the keyboard, too.
  pre.tabIndex = 0;
  pre.setAttribute('role', 'region');
  pre.setAttribute('aria-label', 'Code');
  const block = make('div', 'code', head, pre);
  block.dataset['language'] = language;
  return block;
}

/** Colours the code of blocks that will not change any more. */
export function highlightIn(parent: ParentNode): void {
  const blocks = [...parent.querySelectorAll<HTMLElement>('.code:not(.coloured)')];
  if (blocks.length === 0) return;
  void import('./highlight.js').then(({ highlight }) => {
    for (const block of blocks) {
      const code = block.querySelector('code');
      const { language = '' } = block.dataset;
      block.classList.add('coloured');
      if (code) code.replaceChildren(...highlight(code.textContent, language));
    }
  });
}

export function languageOf(info: string): string {
  return /^[\w+#.-]*/.exec(info.trim())?.[0].toLowerCase() ?? '';
}
