/**
 * Reads one call as models write it, `{"name": "f", "arguments": {…}}`, character by character: the name and the text
 * of the arguments are there as soon as they are written. Llama says `parameters` for `arguments`. The arguments are
 * given as they were written; of a text that holds JSON, what it holds.
 */
export class CallScanner {
  /** Undefined until it has been read. */
  name: string | undefined;
  #state: 'open' | 'key' | 'colon' | 'value' | 'done' | 'failed' = 'open';
  // What is being read: a key or a value, as written.
  #raw = '';
  #key: unknown;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #arguments = '';
  #hasArguments = false;

  get done(): boolean {
    return this.#state === 'done';
  }

  /** What was read is not such a call. */
  get failed(): boolean {
    return this.#state === 'failed';
  }

  push(char: string): void {
    switch (this.#state) {
      case 'open':
        this.#state = char === '{' ? 'key' : 'failed';
        return;
      case 'key':
        this.#readKey(char);
        return;
      case 'colon':
        if (char === ':') this.#state = 'value';
        else if (!isSpace(char)) this.#state = 'failed';
        return;
      case 'value':
        this.#readValue(char);
        return;
      case 'done':
      case 'failed':
    }
  }

  /** The arguments that were read since the last call. */
  take(): string {
    const taken = this.#arguments;
    this.#arguments = '';
    return taken;
  }

  #readKey(char: string): void {
    if (this.#raw === '') {
      if (char === '}') this.#end();
      else if (char === '"') this.#raw = char;
      else if (char !== ',' && !isSpace(char)) this.#state = 'failed';
      return;
    }
    this.#raw += char;
    if (char === '"' && !this.#escaped) {
      this.#key = parsed(this.#raw);
      this.#raw = '';
      this.#state = 'colon';
    }
    this.#escaped = char === '\\' && !this.#escaped;
  }

  #readValue(char: string): void {
    if (this.#raw === '' && isSpace(char)) return;
    const isScalar = this.#depth === 0 && !this.#inString;
    // What ends a number or a word belongs to the object around it.
    if (isScalar && this.#raw !== '' && (char === ',' || char === '}' || isSpace(char))) {
      this.#endValue();
      this.#readKey(char);
      return;
    }
    this.#raw += char;
    if (this.#isArguments && !this.#raw.startsWith('"')) this.#arguments += char;
    if (this.#inString) {
      if (char === '"' && !this.#escaped) this.#inString = false;
      this.#escaped = char === '\\' && !this.#escaped;
    } else if (char === '"') this.#inString = true;
    else if (char === '{' || char === '[') this.#depth += 1;
    else if (char === '}' || char === ']') this.#depth -= 1;
    if (this.#depth === 0 && !this.#inString && /["}\]]/.test(char)) this.#endValue();
  }

  get #isArguments(): boolean {
    return this.#key === 'arguments' || this.#key === 'parameters';
  }

  #endValue(): void {
    const raw = this.#raw;
    this.#raw = '';
    this.#state = 'key';
    if (this.#isArguments) {
      this.#hasArguments = true;
      const text = raw.startsWith('"') ? parsed(raw) : '';
      this.#arguments += typeof text === 'string' ? text : raw;
    } else if (this.#key === 'name') {
      const name = parsed(raw);
      if (typeof name === 'string') this.name = name;
      else this.#state = 'failed';
    }
  }

  #end(): void {
    this.#state = this.name === undefined ? 'failed' : 'done';
    if (!this.#hasArguments) this.#arguments = '{}';
  }
}

function isSpace(char: string): boolean {
  return /\s/.test(char);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
