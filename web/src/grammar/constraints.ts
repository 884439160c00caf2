import { ChordError } from '../errors.js';
import type { LogitFilter } from '../engine/filter.js';
import type { Model } from '../host/model.js';
import type { TextConstraint } from './constraint.js';
import { GrammarModule } from './grammar_module.js';
import { tokenTexts, withMarks } from './token_texts.js';

// With what was found out about them, a few MB each.
const mostKept = 8;

/** The constraints of a model's texts, in the thread that computes. The module is loaded for the first one. */
export class Constraints {
  readonly #model: Model;
  readonly #assets: string | URL | undefined;
  #module: Promise<GrammarModule> | undefined;
  // By the marks that it has, and by all that makes them up.
  readonly #vocabularies = new Map<string, number>();
  readonly #kept = new Map<string, number>();

  constructor(model: Model, assets: string | URL | undefined) {
    this.#model = model;
    this.#assets = assets;
  }

  /** What keeps one text of `maxTokens` (0: any number) to a constraint. Only one at a time. */
  async filter(constraint: TextConstraint, maxTokens: number): Promise<LogitFilter> {
    this.#module ??= GrammarModule.load(this.#assets);
    const module = await this.#module.catch((error: unknown) => {
      this.#module = undefined;
      throw error;
    });
    try {
      const address = this.#constraint(module, constraint);
      module.reset(address);
      return new ConstraintFilter(module, address, maxTokens, () => {
        this.#forget();
      });
    } catch (error) {
      if (error instanceof ChordError && (error.code === 'internal' || error.code === 'out_of_memory')) this.#forget();
      throw error;
    }
  }

  // After a trap: the next one begins with another instance.
  #forget(): void {
    this.#module = undefined;
    this.#vocabularies.clear();
    this.#kept.clear();
  }

  #constraint(module: GrammarModule, constraint: TextConstraint): number {
    const key = JSON.stringify(constraint);
    const address = this.#kept.get(key) ?? module.constraint(constraint, this.#vocabulary(module, constraint.marks));
    this.#kept.delete(key);
    this.#kept.set(key, address);
    for (const [oldest, unused] of this.#kept) {
      if (this.#kept.size <= mostKept) break;
      this.#kept.delete(oldest);
      module.freeConstraint(unused);
    }
    return address;
  }

  #vocabulary(module: GrammarModule, marks: TextConstraint['marks']): number {
    const key = JSON.stringify(marks);
    const known = this.#vocabularies.get(key);
    if (known !== undefined) return known;
    const texts = tokenTexts(this.#model);
    const address = module.vocabulary(marks.length === 0 ? texts : withMarks(texts, marks));
    this.#vocabularies.set(key, address);
    return address;
  }
}

class ConstraintFilter implements LogitFilter {
  readonly #module: GrammarModule;
  readonly #address: number;
  readonly #maxTokens: number;
  readonly #onTrap: () => void;
  #accepted = 0;

  constructor(module: GrammarModule, address: number, maxTokens: number, onTrap: () => void) {
    this.#module = module;
    this.#address = address;
    this.#maxTokens = maxTokens;
    this.#onTrap = onTrap;
  }

  apply(logits: Float32Array): undefined {
    const remaining = this.#maxTokens === 0 ? 0 : this.#maxTokens - this.#accepted;
    this.#guarded(() => {
      this.#module.filter(this.#address, logits, remaining);
    });
  }

  accept(token: number): void {
    this.#accepted += 1;
    this.#guarded(() => {
      this.#module.accept(this.#address, token);
    });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onTrap();
      throw error;
    }
  }
}
