/** Takes bytes piece by piece; their SHA-256 as 64 hexadecimal digits comes at the end. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): string;
}

// The first 32 bits of the fractional parts of the cube roots, and of the square roots, of the first primes.
const primes = firstPrimes(64);
const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/**
 * SHA-256 as FIPS 180-4 has it. Pages have `crypto.subtle`, but it wants all bytes at once, and is absent on plain
 * HTTP.
 */
export class Sha256 implements Hasher {
  readonly #state = initial.slice();
  readonly #schedule = new Int32Array(64);
  readonly #block = new Uint8Array(64);
  #length = 0;

  update(bytes: Uint8Array): void {
    let at = 0;
    const held = this.#length % 64;
    this.#length += bytes.length;
    if (held > 0) {
      at = Math.min(64 - held, bytes.length);
      this.#block.set(bytes.subarray(0, at), held);
      if (held + at < 64) return;
      this.#compress(this.#block, 0);
    }
    for (; at + 64 <= bytes.length; at += 64) this.#compress(bytes, at);
    this.#block.set(bytes.subarray(at));
  }

  digest(): string {
    const bits = BigInt(this.#length) * 8n;
    // One bit, and zeros until the length fills up the last block.
    const padding = new Uint8Array(((119 - (this.#length % 64)) % 64) + 9);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.length - 8, bits);
    this.update(padding);
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #compress(bytes: Uint8Array, at: number): void {
    const w = this.#schedule;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < 16; ++i) {
      w[i] = view.getInt32(at + 4 * i);
    }
    for (let i = 16; i < 64; ++i) {
      const x = get(w, i - 15);
      const y = get(w, i - 2);
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (get(w, i - 16) + s0 + get(w, i - 7) + s1) | 0;
    }
    const state = this.#state;
    let a = get(state, 0);
    let b = get(state, 1);
    let c = get(state, 2);
    let d = get(state, 3);
    let e = get(state, 4);
    let f = get(state, 5);
    let g = get(state, 6);
    let h = get(state, 7);
    for (let i = 0; i < 64; ++i) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + (g ^ (e & (f ^ g))) + get(constants, i) + get(w, i)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (c & (a ^ b)))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    add(state, 0, a);
    add(state, 1, b);
    add(state, 2, c);
    add(state, 3, d);
    add(state, 4, e);
    add(state, 5, f);
    add(state, 6, g);
    add(state, 7, h);
  }
}

// Indices are within bounds, which the type checker cannot see.
function get(values: Int32Array, index: number): number {
  return values[index] ?? 0;
}

function add(values: Int32Array, index: number, value: number): void {
  values[index] = get(values, index) + value;
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; ++n) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}

// A double has 52 bits behind the point less those of the whole part: enough for 32.
function fraction(value: number): number {
  return ((value % 1) * 2 ** 32) | 0;
}
