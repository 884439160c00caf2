// What the presets wasm and wasi built of the kernels:
//
//   node --test src/cpu/kernels/kernels.test.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { WASI } from 'node:wasi';

const build = new URL('../../../build/', import.meta.url);

function compile(path) {
  return new WebAssembly.Module(readFileSync(fileURLToPath(new URL(path, build))));
}

// Node 20 has relaxed SIMD behind a flag; later versions have no such flag.
if (!WebAssembly.validate(readFileSync(fileURLToPath(new URL('wasm/bin/kernels-relaxed.wasm', build))))) {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}

for (const variant of ['simd128', 'relaxed']) {
  test(`kernels-${variant}.wasm imports its memory and nothing else`, () => {
    const module = compile(`wasm/bin/kernels-${variant}.wasm`);
    assert.deepEqual(WebAssembly.Module.imports(module), [{ module: 'env', name: 'memory', kind: 'memory' }]);
    assert.deepEqual(WebAssembly.Module.exports(module), [
      { name: 'run', kind: 'function' },
      { name: '__heap_base', kind: 'global' },
    ]);
  });
}

test('every kernel agrees with the reference in WebAssembly', () => {
  const wasi = new WASI({ version: 'preview1', args: ['kernels_test', '--gtest_brief=1'], returnOnExit: true });
  const instance = new WebAssembly.Instance(compile('wasi/bin/kernels_test.wasm'), wasi.getImportObject());
  assert.equal(wasi.start(instance), 0);
});
