import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from './address.js';

test('URLs, pages of files on Hugging Face, and files there by their names', () => {
  const resolved = 'https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B-Q8_0.gguf';
  for (const [typed, source] of [
    ['https://example.com/models/a%20b.gguf?x=1', 'https://example.com/models/a%20b.gguf?x=1'],
    ['  http://localhost:8080/tiny.gguf ', 'http://localhost:8080/tiny.gguf'],
    [
      'Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf',
      { repo: 'Qwen/Qwen3-0.6B-GGUF', file: 'Qwen3-0.6B-Q8_0.gguf', revision: undefined },
    ],
    ['https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/blob/main/Qwen3-0.6B-Q8_0.gguf', resolved],
    [resolved, resolved],
    ['a/b@v1.0/deep/file.GGUF', { repo: 'a/b', file: 'deep/file.GGUF', revision: 'v1.0' }],
  ] as const) {
    const parsed = parseAddress(typed);
    assert.ok(typeof parsed === 'object', `${typed}: ${JSON.stringify(parsed)}`);
    assert.deepEqual(parsed.source, source);
  }
  const spaced = parseAddress('https://example.com/models/a%20b.gguf?x=1');
  assert.ok(typeof spaced === 'object' && spaced.name === 'a b.gguf');
});

test('what is no address says why', () => {
  for (const [typed, problem] of [
    ['  ', /Enter the address/],
    ['a model please', /neither a URL/],
    ['owner/repository', /neither a URL/],
    ['owner/repository/model.safetensors', /“model.safetensors” does not end in .gguf/],
    ['file:///tmp/model.gguf', /not from file:/],
    ['https://', /not well-formed/],
  ] as const) {
    const parsed = parseAddress(typed);
    assert.ok(typeof parsed === 'string', typed);
    assert.match(parsed, problem);
  }
});
