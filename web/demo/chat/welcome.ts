import type { ModelState } from '../models/host.js';
import { button, element, make } from '../ui/dom.js';

const view = {
  title: element('blank-title', HTMLHeadingElement),
  lead: element('blank-lead', HTMLElement),
  start: element('blank-start', HTMLElement),
  suggestions: element('suggestions', HTMLUListElement),
};

// What the bundled model knows.
const small = [
  'What is the capital of France?',
  'Tell me a story about a cat and a boat.',
  'What is the opposite of hot?',
  'Write JSON for a red fox named Tom that lives in a forest.',
];
const large = [
  'Explain how a rainbow forms, briefly.',
  'Write a function that checks whether a word is a palindrome.',
  'Plan a weekend in Lisbon as a table.',
  'What should I ask a language model that runs on my own device?',
];

/** What an empty conversation shows. */
export function showWelcome(state: ModelState, onAsked: (question: string) => void): void {
  const isFirst = state.is === 'none';
  view.start.hidden = !isFirst;
  view.title.textContent = isFirst ? 'A language model in this page' : 'What would you like to know?';
  view.lead.hidden = !isFirst;
  const isLarge = state.is === 'ready' && state.model.parameters > 1e8;
  view.suggestions.replaceChildren(
    ...(isLarge ? large : small).map((question) =>
      make(
        'li',
        '',
        button(question, () => {
          onAsked(question);
        }),
      ),
    ),
  );
}
