import type { ModelState } from '../models/host.js';
import { serverChoice } from '../models/server_model.js';
import { button, element, make } from '../ui/dom.js';

const view = {
  title: element('blank-title', HTMLHeadingElement),
  lead: element('blank-lead', HTMLElement),
  start: element('blank-start', HTMLElement),
  startTiny: element('start-tiny', HTMLElement),
  startServer: element('start-server', HTMLElement),
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
  const isServed = serverChoice !== undefined;
  view.start.hidden = !isFirst;
  view.startTiny.hidden = isServed;
  view.startServer.hidden = !isServed;
  view.title.textContent = isFirst && !isServed ? 'A language model in this page' : 'What would you like to know?';
  view.lead.hidden = !isFirst || isServed;
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
