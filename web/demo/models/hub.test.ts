import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSupported, modelsIn } from './hub.js';

test('the models in a listing: parts are one, and what is no model is none', () => {
  const models = modelsIn([
    { type: 'file', path: 'README.md', size: 100 },
    { type: 'file', path: 'Big-F16-00002-of-00002.gguf', size: 500 },
    { type: 'file', path: 'Big-F16-00001-of-00002.gguf', size: 900 },
    { type: 'file', path: 'mmproj-model-f16.gguf', size: 5 },
    { type: 'file', path: 'small/tiny.IQ2_XS.gguf', size: 10 },
    { type: 'file', path: 'qwen2.5-0.5b-instruct-q4_k_m.gguf', size: 400 },
    { type: 'directory', path: 'small' },
    'nonsense',
  ]);
  assert.deepEqual(models, [
    { file: 'small/tiny.IQ2_XS.gguf', size: 10, parts: 1, quantization: 'IQ2_XS' },
    { file: 'qwen2.5-0.5b-instruct-q4_k_m.gguf', size: 400, parts: 1, quantization: 'Q4_K_M' },
    { file: 'Big-F16-00001-of-00002.gguf', size: 1400, parts: 2, quantization: 'F16' },
  ]);
  assert.deepEqual(models.map(isSupported), [false, true, true]);
});
