// Prints what one user loads of each build, raw and compressed, and fails above the budgets.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { builds, webRoot } from './builds.mjs';

// In bytes, uncompressed: of all that one user loads, and of its parts. One kernel variant is loaded, not all.
const totals = { node: 740_000, 'node-webgpu': 844_000, 'web-cpu': 740_000, 'web-webgpu': 844_000 };
// Of the kernels the largest variant that there is.
const whenUsed = 'chunks, when used';
const parts = {
  'chord.wasm': 200_000,
  'kernels-*.wasm': 150_000,
  'index.js': 40_000,
  'kernels-worker.js': 2_000,
  [whenUsed]: 40_000,
};
const webgpuExtra = 100_000;

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
for (const build of Object.keys(builds)) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  console.log(`${build.padEnd(24)}${['raw', 'gzip', 'brotli'].map((title) => title.padStart(10)).join('')}`);
  for (const [name, limit] of Object.entries(parts)) {
    const bytes = bytesOf(`${webRoot}dist/${build}/`, name);
    const size = { raw: bytes.length, gzip: gzipSync(bytes).length, brotli: brotliCompressSync(bytes).length };
    // WebGPU's share of module and script has a budget of its own, below.
    const own = build.endsWith('-webgpu') ? limit + webgpuExtra : limit;
    console.log(row(name, size, own));
    tooLarge ||= size.raw > own;
    for (const key of Object.keys(sum)) sum[key] += size[key];
  }
  console.log(row('one user loads', sum, totals[build]));
  tooLarge ||= sum.raw > totals[build];
  totalOf[build] = sum.raw;
}
const extra = totalOf['web-webgpu'] - totalOf['web-cpu'];
console.log(`WebGPU adds ${kb(extra).trim()}, at most ${kb(webgpuExtra).trim()}`);
if (tooLarge || extra > webgpuExtra) {
  console.error('above the budgets');
  process.exit(1);
}
