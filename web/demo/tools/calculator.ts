// Arithmetic as people write it: numbers, + - * / % ^, brackets, and some functions.

const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
const functions: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  ln: Math.log,
  log: Math.log10,
  exp: Math.exp,
};

// More brackets in each other than this is nobody's sum.
const deepest = 100;

/** The value. Throws an `Error` whose message says what is wrong, and where. */
export function calculate(expression: string): number {
  const parser = new Parser(expression.replace(/[×·]/g, '*').replace(/÷/g, '/').replace(/[−–]/g, '-'));
  const value = parser.whole();
  if (!Number.isFinite(value)) throw new Error(`${expression} has no finite value`);
  return value;
}

/** Without the noise of binary fractions: 0.3 for 0.1 + 0.2. */
export function shownNumber(value: number): string {
  return String(Number(value.toPrecision(12)));
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): number {
    const value = this.#sum();
    if (this.#peek() !== '') throw this.#unexpected();
    return value;
  }

  #sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take('+')) value += this.#product();
      else if (this.#take('-')) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#signed();
    for (;;) {
      if (this.#take('*')) value *= this.#signed();
      else if (this.#take('/')) value /= this.#signed();
      else if (this.#take('%')) value %= this.#signed();
      else return value;
    }
  }

  #signed(): number {
    if (++this.#depth > deepest) throw new Error(`the expression is nested deeper than ${deepest} levels`);
    const value = this.#take('-') ? -this.#signed() : this.#take('+') ? this.#signed() : this.#power();
    this.#depth--;
    return value;
  }

  // Binds tighter than a sign before it, and from the right: -2^2 is -4, 2^3^2 is 2^9.
  #power(): number {
    const base = this.#atom();
    return this.#take('^') || this.#take('**') ? base ** this.#signed() : base;
  }

  #atom(): number {
    if (this.#take('(')) {
      const value = this.#sum();
      if (!this.#take(')')) throw this.#unexpected();
      return value;
    }
    const number = this.#match(/(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iy);
    if (number !== undefined) return Number(number);
    const name = this.#match(/[a-z]+/iy)?.toLowerCase();
    if (name === undefined) throw this.#unexpected();
    const apply = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (apply && this.#peek() === '(') return apply(this.#atom());
    const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (constant === undefined) throw new Error(`there is no function or constant “${name}”`);
    return constant;
  }

  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #take(sign: string): boolean {
    this.#peek();
    // A power is not two products.
    if (!this.#text.startsWith(sign, this.#at) || (sign === '*' && this.#text[this.#at + 1] === '*')) return false;
    this.#at += sign.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    this.#peek();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #unexpected(): Error {
    const sign = this.#peek();
    return new Error(
      sign === '' ? 'the expression ends too early' : `“${sign}” at place ${this.#at + 1} is out of place`,
    );
  }
}
