import { examples, keepStructure, kindOf, readStructure, structureOf } from '../tools/structure.js';
import type { Structure, StructureKind } from '../tools/structure.js';
import { announce, button, element, make } from '../ui/dom.js';

const view = {
  kind: element('structure-kind', HTMLSelectElement),
  field: element('form-field', HTMLElement),
  label: element('form-label', HTMLLabelElement),
  form: element('form-text', HTMLTextAreaElement),
  problem: element('form-problem', HTMLElement),
  example: element('form-example', HTMLButtonElement),
  tries: element('structure-tries', HTMLUListElement),
  chip: element('json-chip', HTMLButtonElement),
};

const tries: readonly (readonly [kind: StructureKind, question: string])[] = [
  ['json', 'Write JSON for a red fox named Tom that lives in a forest.'],
  ['schema', 'Write JSON for a fox named Tom who is 5 years old.'],
  ['grammar', 'What color is the sky?'],
];

/** The form that answers are held to, to play with. */
export class StructureLab {
  readonly #choice = readStructure();
  /** The last one without a mistake in its schema. */
  #structure: Structure = { kind: 'text' };

  constructor(onTried: (question: string) => void) {
    view.kind.addEventListener('change', () => {
      this.#choose(kindOf(view.kind.value));
    });
    view.form.addEventListener('input', () => {
      this.#write(view.form.value);
      this.#changed();
    });
    view.example.addEventListener('click', () => {
      this.#write(this.#choice.kind === 'grammar' ? examples.grammar : examples.schema);
      this.#changed();
    });
    view.chip.addEventListener('click', () => {
      this.#choose(this.#choice.kind === 'text' ? 'json' : 'text');
      announce(this.#choice.kind === 'text' ? 'Answers are free text' : 'Answers are JSON');
    });
    view.tries.append(
      ...tries.map(([kind, question]) =>
        make(
          'li',
          '',
          button(question, () => {
            this.#choose(kind);
            onTried(question);
          }),
        ),
      ),
    );
    this.#show();
  }

  get chosen(): Structure {
    return this.#structure;
  }

  #choose(kind: StructureKind): void {
    this.#choice.kind = kind;
    this.#changed();
  }

  #write(text: string): void {
    if (this.#choice.kind === 'grammar') this.#choice.grammar = text;
    else this.#choice.schema = text;
  }

  #changed(): void {
    keepStructure(this.#choice);
    this.#show();
  }

  #show(): void {
    const { kind, schema, grammar } = this.#choice;
    const structure = structureOf(this.#choice);
    const problem = typeof structure === 'string' ? `${structure} Until it is, the last good one counts.` : '';
    if (typeof structure !== 'string') this.#structure = structure;
    const text = kind === 'grammar' ? grammar : schema;
    view.kind.value = kind;
    view.chip.setAttribute('aria-pressed', String(kind !== 'text'));
    view.field.hidden = kind !== 'schema' && kind !== 'grammar';
    view.label.textContent = kind === 'grammar' ? 'Grammar, in GBNF' : 'Schema';
    // The cursor stays where it is.
    if (view.form.value !== text) view.form.value = text;
    view.problem.textContent = problem;
    view.problem.hidden = problem === '';
    view.form.setAttribute('aria-invalid', String(problem !== ''));
  }
}
