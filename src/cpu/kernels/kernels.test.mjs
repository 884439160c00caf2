// What the presets wasm and wasi built of the kernels:
//
//   node --test src/cpu/kernels/kernels.test.mjs
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
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

// A module with a 64-bit memory of one page.
const memory64Probe = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x05, 0x03, 0x01, 0x04, 0x01];
const functionsOfThreads = ['set_team', 'work', 'lose'];

for (const variant of ['simd128', 'relaxed', 'relaxed64']) {
  for (const [name, more] of Object.entries({
    [variant]: [],
    [`${variant}-threads`]: [...functionsOfThreads, '__stack_pointer'],
  })) {
    const path = `wasm/bin/kernels-${name}.wasm`;
    const has64Bits = WebAssembly.validate(new Uint8Array(memory64Probe));
    const skip = variant === 'relaxed64' && !has64Bits ? 'this engine has no 64-bit memories' : false;
    test(`kernels-${name}.wasm imports its memory and nothing else`, { skip }, () => {
      const module = compile(path);
      assert.deepEqual(WebAssembly.Module.imports(module), [{ module: 'env', name: 'memory', kind: 'memory' }]);
      const exported = WebAssembly.Module.exports(module).map((entry) => entry.name);
      assert.deepEqual(exported.toSorted(), ['run', '__heap_base', ...more].toSorted());
      assert.ok(statSync(fileURLToPath(new URL(path, build))).size < 150_000);
    });
  }
}

test('every kernel agrees with the reference in WebAssembly', () => {
  const wasi = new WASI({
    version: 'preview1',
    args: ['kernels_test', '--gtest_brief=1'],
    returnOnExit: true,
  });
  const instance = new WebAssembly.Instance(compile('wasi/bin/kernels_test.wasm'), wasi.getImportObject());
  assert.equal(wasi.start(instance), 0);
});
