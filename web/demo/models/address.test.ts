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
    assert.ok(typeof parsed === 'object' && parsed.kind === 'model', `${typed}: ${JSON.stringify(parsed)}`);
    assert.deepEqual(parsed.source, source);
  }
  const spaced = parseAddress('https://example.com/models/a%20b.gguf?x=1');
  assert.ok(typeof spaced === 'object' && spaced.kind === 'model' && spaced.name === 'a b.gguf');
});

test('repositories, whose files are to be listed', () => {
  const main = { kind: 'repository', repo: 'Qwen/Qwen3-0.6B-GGUF', revision: 'main' };
  for (const [typed, repository] of [
    ['Qwen/Qwen3-0.6B-GGUF', main],
    ['https://huggingface.co/Qwen/Qwen3-0.6B-GGUF', main],
    ['https://huggingface.co/Qwen/Qwen3-0.6B-GGUF/tree/main', main],
    ['a/b@v1.0', { kind: 'repository', repo: 'a/b', revision: 'v1.0' }],
  ] as const) {
    assert.deepEqual(parseAddress(typed), repository);
  }
});

test('what is no address says why', () => {
  for (const [typed, problem] of [
    ['  ', /Enter the address/],
    ['a model please', /neither a URL/],
    ['model.gguf', /neither a URL/],
    ['owner/repository/model.safetensors', /“model.safetensors” does not end in .gguf/],
    ['file:///tmp/model.gguf', /not from file:/],
    ['https://', /not well-formed/],
  ] as const) {
    const parsed = parseAddress(typed);
    assert.ok(typeof parsed === 'string', typed);
    assert.match(parsed, problem);
  }
});
