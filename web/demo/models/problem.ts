import type { Explanation } from '../explain.js';
import { button, make } from '../ui/dom.js';

export interface Way {
  readonly name: string;
  readonly onChosen: () => void;
}

/** A notice that says what went wrong, what to do, and lets it be done. */
export function problemNotice({ title, advice, detail }: Explanation, ways: readonly Way[]): HTMLElement {
  const buttons = ways.map(({ name, onChosen }) => button(name, onChosen));
  const notice = make('div', 'notice bad', make('h3', '', title), make('p', '', advice));
  if (detail !== '') notice.append(make('p', 'detail', detail));
  if (buttons.length > 0) notice.append(make('div', 'row', ...buttons));
  notice.setAttribute('role', 'alert');
  return notice;
}
