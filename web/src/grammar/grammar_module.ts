import { platform } from '#platform';
import { ChordError, coreErrorCode, messageOf } from '../errors.js';
import { MemoryViews, encodeUtf8 } from '../host/memory.js';
import type { TextConstraint } from './constraint.js';
import type { TokenTexts } from './token_texts.js';

// include/chord_grammar.h
const names = [
  'malloc',
  'free',
  '_initialize',
  'chord_error_message',
  'chord_vocabulary_new',
  'chord_grammar_new_json_schema',
  'chord_grammar_new_gbnf',
  'chord_grammar_free',
  'chord_constraint_new',
  'chord_constraint_free',
  'chord_constraint_reset',
  'chord_constraint_filter',
  'chord_constraint_accept',
] as const;

type Name = (typeof names)[number];
type GrammarExports = { readonly memory: WebAssembly.Memory } & Readonly<Record<Name, (...values: number[]) => number>>;

/** One instance of chord-grammar.wasm. A trap leaves it in no known state: it is of no use then. */
export class GrammarModule {
  readonly #views: MemoryViews;
  readonly #exports: GrammarExports;
  #refused: number | undefined;
  #trapped = false;

  constructor(module: WebAssembly.Module) {
    const imports: WebAssembly.Imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      // libc's streams, to which nothing is written: errno ENOSYS.
      (imports[from] ??= {})[name] =
        name === 'refused' ? (bytes: number) => void (this.#refused = bytes >>> 0) : () => 52;
    }
    const { exports } = new WebAssembly.Instance(module, imports);
    if (!isGrammar(exports)) throw new ChordError('internal', 'the grammar module lacks exports of this version');
    this.#exports = exports;
    this.#views = new MemoryViews(exports.memory);
    this.#call('_initialize');
  }

  static async load(assets: string | URL | undefined): Promise<GrammarModule> {
    const location =
      assets === undefined
        ? new URL('chord-grammar.wasm', import.meta.url)
        : `${String(assets).replace(/\/$/, '')}/chord-grammar.wasm`;
    return new GrammarModule(await platform.compileFrom(location));
  }

  /** A chord_vocabulary. */
  vocabulary({ texts, ends, flags }: TokenTexts): number {
    return this.#create((lend, out) => {
      this.#check('chord_vocabulary_new', lend(texts), lend(ends), lend(flags), flags.length, out);
    });
  }

  /** A chord_constraint. */
  constraint({ kind, text, rules }: TextConstraint, vocabulary: number): number {
    const grammar = this.#create((lend, out) => {
      const bytes = encodeUtf8(text);
      if (kind === 'schema') {
        this.#check('chord_grammar_new_json_schema', lend(bytes), bytes.length, out);
        return;
      }
      const words = rules.flatMap(({ name, schema }) => {
        const encoded = encodeUtf8(schema);
        return [lend(encodeUtf8(`${name}\0`)), lend(encoded), encoded.length];
      });
      const list = lend(new Uint8Array(Uint32Array.from(words).buffer));
      this.#check('chord_grammar_new_gbnf', lend(bytes), bytes.length, list, rules.length, out);
    });
    try {
      return this.#create((_, out) => {
        this.#check('chord_constraint_new', grammar, vocabulary, out);
      });
    } finally {
      this.#call('chord_grammar_free', grammar);
    }
  }

  freeConstraint(constraint: number): void {
    this.#call('chord_constraint_free', constraint);
  }

  reset(constraint: number): void {
    this.#call('chord_constraint_reset', constraint);
  }

  /** Edits the logits in place; they lie in another memory. */
  filter(constraint: number, logits: Float32Array, remaining: number): void {
    this.#withMemory((lend) => {
      const address = lend(new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength));
      this.#check('chord_constraint_filter', constraint, address, logits.length, remaining);
      logits.set(new Float32Array(this.#views.memory.buffer, address, logits.length));
    });
  }

  accept(constraint: number, token: number): void {
    this.#check('chord_constraint_accept', constraint, token);
  }

  #create(make: (lend: (bytes: Uint8Array) => number, out: number) => void): number {
    return this.#withMemory((lend) => {
      const out = lend(new Uint8Array(4));
      make(lend, out);
      return this.#views.data.getUint32(out, true);
    });
  }

  // Lends copies of bytes for the time of `use`.
  #withMemory<T>(use: (lend: (bytes: Uint8Array) => number) => T): T {
    const lent: number[] = [];
    const lend = (bytes: Uint8Array): number => {
      const address = this.#call('malloc', Math.max(bytes.length, 1));
      if (address === 0) throw this.#outOfMemory(bytes.length);
      lent.push(address);
      this.#views.bytes.set(bytes, address);
      return address;
    };
    try {
      return use(lend);
    } finally {
      if (!this.#trapped) for (const address of lent) this.#call('free', address);
    }
  }

  #check(name: Name, ...values: number[]): void {
    const code = this.#call(name, ...values);
    if (code !== 0) throw new ChordError(coreErrorCode(code), this.#views.cString(this.#call('chord_error_message')));
  }

  #call(name: Name, ...values: number[]): number {
    try {
      return this.#exports[name](...values) >>> 0;
    } catch (cause) {
      this.#trapped = true;
      if (this.#refused !== undefined) throw this.#outOfMemory(this.#refused);
      throw new ChordError('internal', `the grammar module trapped (${messageOf(cause)})`, { cause });
    }
  }

  #outOfMemory(bytes: number): ChordError {
    const held = this.#views.memory.buffer.byteLength;
    return new ChordError('out_of_memory', `wanted ${bytes} bytes beside the ${held} that the grammar module holds`);
  }
}

function isGrammar(exports: WebAssembly.Exports): exports is WebAssembly.Exports & GrammarExports {
  return exports['memory'] instanceof WebAssembly.Memory && names.every((name) => typeof exports[name] === 'function');
}
