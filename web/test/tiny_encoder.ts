// A BERT of random weights, small enough to be made where it is wanted: one block, two heads of 16, a vocabulary of
// letters. The same bytes each time.

const [channels, feedForward, context, heads] = [32, 64, 64, 2];
const letters = 'abcdefghijklmnopqrstuvwxyz.?!';

/** 0: u8 … as GGUF numbers the types of values. */
type Value =
  | { readonly type: 4 | 6 | 7; readonly value: number }
  | { readonly type: 8; readonly value: string }
  | { readonly type: 9; readonly texts: readonly string[] }
  | { readonly type: 9; readonly numbers: readonly number[] };

class Bytes {
  readonly #parts: Buffer[] = [];
  length = 0;

  push(part: Buffer): this {
    this.#parts.push(part);
    this.length += part.length;
    return this;
  }
  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    return this.push(part);
  }
  u64(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    return this.push(part);
  }
  f32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeFloatLE(value);
    return this.push(part);
  }
  text(value: string): this {
    const part = Buffer.from(value);
    return this.u64(part.length).push(part);
  }
  align(): this {
    return this.push(Buffer.alloc((32 - (this.length % 32)) % 32));
  }
  done(): Buffer<ArrayBuffer> {
    return Buffer.concat(this.#parts);
  }
}

function vocabulary(): string[] {
  const unused = Array.from({ length: 99 }, (_, index) => `[unused${index}]`);
  const pieces = Array.from(letters, (letter) => [`▁${letter}`, letter]);
  return ['[PAD]', ...unused, '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...pieces.flat()];
}

function shapes(rows: number): [string, number, number][] {
  const norm = (name: string): [string, number, number][] => [
    [`${name}.weight`, channels, 1],
    [`${name}.bias`, channels, 1],
  ];
  const matrix = (name: string, columns: number, count: number): [string, number, number][] => [
    [`blk.0.${name}.weight`, columns, count],
    [`blk.0.${name}.bias`, count, 1],
  ];
  return [
    ['token_embd.weight', channels, rows],
    ['token_types.weight', channels, 2],
    ['position_embd.weight', channels, context],
    ...norm('token_embd_norm'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].flatMap((name) => matrix(name, channels, channels)),
    ...norm('blk.0.attn_output_norm'),
    ...matrix('ffn_up', channels, feedForward),
    ...matrix('ffn_down', feedForward, channels),
    ...norm('blk.0.layer_output_norm'),
  ];
}

function write(bytes: Bytes, value: Value): void {
  bytes.u32(value.type);
  if ('texts' in value) {
    bytes.u32(8).u64(value.texts.length);
    for (const text of value.texts) bytes.text(text);
  } else if ('numbers' in value) {
    bytes.u32(5).u64(value.numbers.length);
    for (const number of value.numbers) bytes.u32(number);
  } else if (value.type === 8) bytes.text(value.value);
  else if (value.type === 7) bytes.push(Buffer.of(value.value));
  else if (value.type === 6) bytes.f32(value.value);
  else bytes.u32(value.value);
}

/** The file. */
export function tinyEncoder(): Buffer<ArrayBuffer> {
  const tokens = vocabulary();
  const u32 = (value: number): Value => ({ type: 4, value });
  const entries: [string, Value][] = [
    ['general.architecture', { type: 8, value: 'bert' }],
    ['general.name', { type: 8, value: 'Tiny Encoder' }],
    ['bert.context_length', u32(context)],
    ['bert.embedding_length', u32(channels)],
    ['bert.block_count', u32(1)],
    ['bert.feed_forward_length', u32(feedForward)],
    ['bert.attention.head_count', u32(heads)],
    ['bert.attention.layer_norm_epsilon', { type: 6, value: 1e-12 }],
    ['bert.attention.causal', { type: 7, value: 0 }],
    ['bert.pooling_type', u32(1)],
    ['tokenizer.ggml.model', { type: 8, value: 'bert' }],
    ['tokenizer.ggml.tokens', { type: 9, texts: tokens }],
    ['tokenizer.ggml.token_type', { type: 9, numbers: tokens.map((text) => (text.startsWith('[') ? 3 : 1)) }],
  ];
  const tensors = shapes(tokens.length);
  const bytes = new Bytes().push(Buffer.from('GGUF')).u32(3).u64(tensors.length).u64(entries.length);
  for (const [key, value] of entries) write(bytes.text(key), value);
  let offset = 0;
  for (const [name, columns, rows] of tensors) {
    bytes
      .text(name)
      .u32(rows === 1 ? 1 : 2)
      .u64(columns);
    if (rows !== 1) bytes.u64(rows);
    bytes.u32(0).u64(offset);
    offset += columns * rows * 4; // a multiple of 32
  }
  bytes.align();
  let state = 1;
  for (const [name, columns, rows] of tensors) {
    const center = name.endsWith('norm.weight') ? 1 : 0;
    const size = rows === 1 ? 0.1 : 1 / Math.sqrt(columns);
    const data = Float32Array.from({ length: columns * rows }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return center + (state / 2 ** 31 - 1) * 1.7 * size;
    });
    bytes.push(Buffer.from(data.buffer));
  }
  return bytes.done();
}
