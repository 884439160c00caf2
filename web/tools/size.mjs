// Prints what one user loads of each build, raw and compressed, and fails above the budgets.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { builds, webRoot } from './builds.mjs';

// In bytes, uncompressed: of all that one user loads, and of its parts. One kernel variant is loaded, not all; and an
// engine's code in its worker, or in chunks where none can start.
const totals = { node: 740_000, 'node-webgpu': 844_000, 'web-cpu': 740_000, 'web-webgpu': 844_000 };
const whenUsed = 'chunks, when used';
// And how much more of each the builds with WebGPU may have.
const parts = {
  'chord.wasm': [200_000, 100_000],
  // The largest variant that there is.
  'kernels-*.wasm': [150_000, 0],
  'index.js': [40_000, 0],
  'engine-worker.js': [72_000, 60_000],
  'kernels-worker.js': [2_000, 0],
  [whenUsed]: [155_000, 60_000],
};
const webgpuExtra = 100_000;
// What is loaded only by those who constrain a text.
const apart = { 'chord-grammar.wasm': 115_000 };

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`.padStart(10);
const row = (name, { raw, gzip, brotli }, limit) =>
  `  ${name.padEnd(22)}${kb(raw)}${kb(gzip)}${kb(brotli)}   at most ${kb(limit).trim()}${raw > limit ? '  TOO LARGE' : ''}`;

// A script and the chunks that come with it.
function withImports(folder, name, files = new Set()) {
  if (files.has(name)) return files;
  files.add(name);
  const text = readFileSync(folder + name, 'utf8');
  for (const [, chunk] of text.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) withImports(folder, chunk, files);
  return files;
}

function bytesOf(folder, name) {
  if (name === whenUsed) return bytesOfAll(folder, lazyChunks(folder));
  if (name.endsWith('.js')) return bytesOfAll(folder, withImports(folder, name));
  const [begin, end] = name.split('*');
  const files = readdirSync(folder).filter((file) =>
    end === undefined ? file === name : file.startsWith(begin) && file.endsWith(end),
  );
  return files.map((file) => readFileSync(folder + file)).sort((a, b) => b.length - a.length)[0];
}

function bytesOfAll(folder, files) {
  return Buffer.concat([...files].map((file) => readFileSync(folder + file)));
}

// What no entry point loads at once.
function lazyChunks(folder) {
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.js'));
  const loaded = new Set();
  for (const file of scripts.filter((file) => !file.startsWith('chunk-'))) withImports(folder, file, loaded);
  return scripts.filter((file) => !loaded.has(file));
}

let tooLarge = false;
const totalOf = {};
const chunks = {};
for (const build of Object.keys(builds)) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  console.log(`${build.padEnd(24)}${['raw', 'gzip', 'brotli'].map((title) => title.padStart(10)).join('')}`);
  for (const [name, [limit, more]] of Object.entries(parts)) {
    const bytes = bytesOf(`${webRoot}dist/${build}/`, name);
    const size = { raw: bytes.length, gzip: gzipSync(bytes).length, brotli: brotliCompressSync(bytes).length };
    const own = build.endsWith('-webgpu') ? limit + more : limit;
    console.log(row(name, size, own));
    tooLarge ||= size.raw > own;
    for (const key of Object.keys(sum)) sum[key] += size[key];
    if (name === whenUsed) chunks[build] = size.raw;
  }
  console.log(row('one user loads', sum, totals[build]));
  for (const [name, limit] of Object.entries(apart)) {
    const bytes = bytesOf(`${webRoot}dist/${build}/`, name);
    const size = { raw: bytes.length, gzip: gzipSync(bytes).length, brotli: brotliCompressSync(bytes).length };
    console.log(row(name, size, limit));
    tooLarge ||= size.raw > limit;
  }
  tooLarge ||= sum.raw > totals[build];
  totalOf[build] = sum.raw;
}
// What the worker has need not be loaded once more in chunks.
const withoutChunks = (build) => totalOf[build] - chunks[build];
const extra = withoutChunks('web-webgpu') - withoutChunks('web-cpu');
console.log(`WebGPU adds ${kb(extra).trim()}, at most ${kb(webgpuExtra).trim()}`);
if (tooLarge || extra > webgpuExtra) {
  console.error('above the budgets');
  process.exit(1);
}
