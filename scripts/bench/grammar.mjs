// What a constraint costs beside @mlc-ai/web-xgrammar: the same schemas and texts, a vocabulary of 128 000 tokens, in this
// Node. Needs the built package (./dev build web), ../shared (vocabularies), and the other engine in tools/peers:
//   npm ci --prefix tools/peers && node scripts/bench/grammar.mjs
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = new URL('../../', import.meta.url);
const vocabulary = new URL('../shared/vocab/ggml-vocab-llama-bpe.gguf', root);
const theirs = new URL('tools/peers/node_modules/@mlc-ai/web-xgrammar/lib/index.js', root);
const module = new URL('web/dist/node/chord-grammar.wasm', root);
for (const file of [vocabulary, theirs, module]) {
  if (existsSync(file)) continue;
  console.error(`${file.pathname} is missing`);
  process.exit(1);
}

const cases = {
  'any JSON': [
    {},
    '{"title":"Über die Brücke — 橋を渡る 🌉","tags":["a","b\\n","c"],"deep":[[[[{"x":[1.5,null,true]}]]]],"n":-12}',
  ],
  person: [
    {
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer', minimum: 0, maximum: 150 },
        born: { type: 'string', format: 'date' },
        tags: { type: 'array', items: { enum: ['new', 'old', 'été'] } },
        address: {
          type: 'object',
          properties: {
            street: { type: 'string', maxLength: 100 },
            zip: { type: 'string', pattern: '^\\d{5}$' },
          },
          required: ['street', 'zip'],
          additionalProperties: false,
        },
      },
      required: ['name', 'age', 'born', 'address'],
      additionalProperties: false,
    },
    '{"name":"Zoë Łukasiewicz 山田","age":42,"born":"1983-02-28","tags":["new","été"],' +
      '"address":{"street":"Straße des 17. Juni 135, Hinterhaus","zip":"10623"}}',
  ],
  'nested 12 deep': [
    {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: {
            label: { type: 'string' },
            weight: { type: 'number' },
            children: { type: 'array', items: { $ref: '#/$defs/node' } },
          },
          required: ['label', 'children'],
          additionalProperties: false,
        },
      },
    },
    '{"label":"Ebene 橋","weight":1.25,"children":['.repeat(12) + ']}'.repeat(12),
  ],
};

// tokenizer.ggml.tokens and the types of a GGUF file.
function readTokens(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 24;
  const u32 = () => view.getUint32((at += 4) - 4, true);
  const u64 = () => Number(view.getBigUint64((at += 8) - 8, true));
  const text = () => {
    const length = u64();
    return bytes.toString('utf8', at, (at += length));
  };
  const sizes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
  const value = (type) => {
    if (type === 8) return text();
    if (type === 9) {
      const [of, count] = [u32(), u64()];
      return Array.from({ length: count }, () => value(of));
    }
    const from = (at += sizes[type]) - sizes[type];
    return type === 4 || type === 5 ? view.getInt32(from, true) : undefined;
  };
  const found = {};
  const pairs = Number(view.getBigUint64(16, true));
  for (let i = 0; i < pairs; i += 1) found[text()] = value(u32());
  return {
    tokens: found['tokenizer.ggml.tokens'],
    types: found['tokenizer.ggml.token_type'],
  };
}

// Characters stand for bytes, as GPT-2 has it.
function bytesOfCharacters() {
  const plain = (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  const map = new Map();
  let next = 256;
  for (let byte = 0; byte < 256; byte += 1) map.set(plain(byte) ? byte : next++, byte);
  return map;
}

const { tokens, types } = readTokens(readFileSync(vocabulary));
const map = bytesOfCharacters();
const texts = tokens.map((token, id) =>
  types[id] === 1 ? Buffer.from(Array.from(token, (c) => map.get(c.codePointAt(0)))) : Buffer.alloc(0),
);
const endToken = tokens.indexOf('<|end_of_text|>');
const byText = new Map(texts.map((text, id) => [text.toString('latin1'), id]));

// The longest tokens that spell it, one after the other.
function tokenize(text) {
  const rest = Buffer.from(text).toString('latin1');
  const ids = [];
  for (let at = 0; at < rest.length;) {
    let length = Math.min(16, rest.length - at);
    while (!byText.has(rest.slice(at, at + length))) length -= 1;
    ids.push(byText.get(rest.slice(at, at + length)));
    at += length;
  }
  return ids;
}

async function timed(work) {
  const begin = performance.now();
  const result = await work();
  return [result, performance.now() - begin];
}

async function ours() {
  const [{ exports: x }, load] = await timed(async () => {
    const compiled = await WebAssembly.compile(readFileSync(module));
    return new WebAssembly.Instance(compiled, {
      chord: { refused: () => undefined },
    });
  });
  x._initialize();
  const lend = (bytes) => {
    const address = x.malloc(bytes.length) >>> 0;
    new Uint8Array(x.memory.buffer).set(bytes, address);
    return address;
  };
  const check = (code) => {
    if (code === 0) return;
    const message = Buffer.from(x.memory.buffer, x.chord_error_message() >>> 0);
    throw new Error(message.toString('utf8', 0, message.indexOf(0)));
  };
  const out = lend(new Uint8Array(4));
  const created = () => new DataView(x.memory.buffer).getUint32(out, true);
  let end = 0;
  const ends = Uint32Array.from(texts, (text) => (end += text.length));
  const flags = Uint8Array.from(texts, (_, id) => (id === endToken ? 1 : 0));
  const all = [Buffer.concat(texts), new Uint8Array(ends.buffer), flags].map(lend);
  const [, prepare] = await timed(() => check(x.chord_vocabulary_new(...all, texts.length, out)));
  const vocab = created();
  const logits = lend(new Uint8Array(texts.length * 4));
  return {
    name: 'chord-grammar.wasm',
    files: [module],
    load,
    prepare,
    // How a text is followed: `mask` before each token, `accept` after it.
    compile(schema) {
      const bytes = Buffer.from(JSON.stringify(schema));
      check(x.chord_grammar_new_json_schema(lend(bytes), bytes.length, out));
      const grammar = created();
      check(x.chord_constraint_new(grammar, vocab, out));
      const constraint = created();
      return {
        reset: () => x.chord_constraint_reset(constraint),
        mask: () => check(x.chord_constraint_filter(constraint, logits, texts.length, 0)),
        accept: (token) => x.chord_constraint_accept(constraint, token) === 0,
      };
    },
  };
}

async function xgrammar() {
  const [xg, load] = await timed(async () => {
    // It calls itself a module and is a script for `require`.
    const path = fileURLToPath(theirs);
    const loaded = { exports: {} };
    new Function('exports', 'module', 'require', '__filename', '__dirname', readFileSync(path, 'utf8'))(
      ...[loaded.exports, loaded, createRequire(path), path, dirname(path)],
    );
    await loaded.exports.Grammar.builtinJSONGrammar();
    return loaded.exports;
  });
  const [compiler, prepare] = await timed(async () => {
    const info = await xg.TokenizerInfo.createTokenizerInfo(tokens, 'byte_level', false, tokens.length, [endToken]);
    return xg.GrammarCompiler.createGrammarCompiler(info, false);
  });
  return {
    name: '@mlc-ai/web-xgrammar',
    files: [theirs],
    load,
    prepare,
    async compile(schema) {
      const compiled = await compiler.compileJSONSchema(JSON.stringify(schema));
      const matcher = await xg.GrammarMatcher.createGrammarMatcher(compiled);
      return {
        reset: () => matcher.reset(),
        mask: () => matcher.getNextTokenBitmask(),
        accept: (token) => matcher.acceptToken(token),
      };
    },
  };
}

const ms = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(2)).padStart(9);

async function follow(matcher, ids) {
  matcher.reset();
  const times = [];
  for (const id of ids) {
    const begin = performance.now();
    await matcher.mask();
    const accepted = matcher.accept(id);
    times.push(performance.now() - begin);
    if (!accepted) return undefined;
  }
  return times;
}

const mean = (times) => times.reduce((sum, time) => sum + time, 0) / times.length;

for (const open of [ours, xgrammar]) {
  const engine = await open();
  const bytes = Buffer.concat(engine.files.map((file) => readFileSync(file)));
  console.log(
    `${engine.name}: ${(bytes.length / 1000).toFixed(0)} KB, ${(gzipSync(bytes).length / 1000).toFixed(0)} KB gzip`,
  );
  console.log(`  ms: load${ms(engine.load)}, vocabulary of ${tokens.length} tokens${ms(engine.prepare)}`);
  console.log('  ms                   compile  a token of the first text  slowest  of later ones  slowest');
  for (const [name, [schema, text]] of Object.entries(cases)) {
    try {
      const [matcher, compile] = await timed(() => engine.compile(schema));
      const ids = tokenize(text);
      const first = await follow(matcher, ids);
      const later = await follow(matcher, ids);
      const figures = first
        ? `${ms(mean(first))}                  ${ms(Math.max(...first))}      ${ms(mean(later))}${ms(Math.max(...later))}`
        : '  does not accept the text';
      console.log(`  ${name.padEnd(19)}${ms(compile)}${figures}`);
    } catch (error) {
      console.log(`  ${name.padEnd(19)}  refused: ${String(error.message ?? error).slice(0, 80)}`);
    }
  }
}
process.exit(0);
