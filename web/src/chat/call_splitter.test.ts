import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallSplitter, callFormats } from './call_splitter.js';
import type { CallPart } from './call_splitter.js';

interface Split {
  content: string;
  calls: { name: string; arguments: string }[];
}

function split(format: keyof typeof callFormats, pieces: Iterable<string>): Split {
  const splitter = new CallSplitter(callFormats[format], ['f', 'get_time']);
  const all: Split = { content: '', calls: [] };
  const add = (parts: readonly CallPart[]): void => {
    for (const part of parts) {
      if (part.kind === 'content') {
        all.content += part.text;
        continue;
      }
      const call = (all.calls[part.index] ??= { name: part.name ?? '', arguments: '' });
      call.arguments += part.arguments;
    }
  };
  for (const piece of pieces) add(splitter.push(piece));
  add(splitter.end());
  assert.equal(splitter.calls, all.calls.length);
  return all;
}

function* cuts(text: string): Generator<string[]> {
  for (let size = 1; size <= text.length; size += 1) {
    yield Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
  }
}

const call = (name: string, json: string): Split['calls'][number] => ({ name, arguments: json });

const cases: { format: keyof typeof callFormats; text: string; expected: Split }[] = [
  // chord-tiny's, Qwen's and Hermes'.
  {
    format: 'hermes',
    text: '<tool_call>\n{"name": "f", "arguments": {"city": "Mexico City"}}\n</tool_call>',
    expected: { content: '', calls: [call('f', '{"city": "Mexico City"}')] },
  },
  {
    format: 'hermes',
    text: 'Let me look.\n\n<tool_call>\n{"name": "f", "arguments": {"a": [1, {"b": "}\\"{"}], "c": null}}\n</tool_call>\n<tool_call>\n{"name": "g", "arguments": {}}\n</tool_call>',
    expected: { content: 'Let me look.', calls: [call('f', '{"a": [1, {"b": "}\\"{"}], "c": null}'), call('g', '{}')] },
  },
  {
    format: 'hermes',
    text: '<tool_call>{"arguments": {"x": 1}, "name": "f"}</tool_call> Done.',
    expected: { content: ' Done.', calls: [call('f', '{"x": 1}')] },
  },
  {
    format: 'hermes',
    text: '<tool_call>{"name": "f", "arguments": "{\\"x\\": 1}"}</tool_call>',
    expected: { content: '', calls: [call('f', '{"x": 1}')] },
  },
  {
    format: 'hermes',
    text: '<tool_call>{"id": 7, "name": "f"}</tool_call>',
    expected: { content: '', calls: [call('f', '{}')] },
  },
  // Cut off by a limit.
  {
    format: 'hermes',
    text: '<tool_call>\n{"name": "f", "arguments": {"x": 1',
    expected: { content: '', calls: [call('f', '{"x": 1')] },
  },
  { format: 'hermes', text: '<tool_call>\n{"na', expected: { content: '<tool_call>\n{"na', calls: [] } },
  // No calls.
  { format: 'hermes', text: ' a < b <tool> \n', expected: { content: ' a < b <tool> \n', calls: [] } },
  { format: 'hermes', text: 'Say <tool_call> twice.', expected: { content: 'Say <tool_call> twice.', calls: [] } },
  {
    format: 'hermes',
    text: '<tool_call>{"x": 1}</tool_call>',
    expected: { content: '<tool_call>{"x": 1}</tool_call>', calls: [] },
  },
  {
    format: 'mistral',
    text: '[TOOL_CALLS][{"name": "f", "arguments": {"x": [1]}}, {"name": "g", "arguments": {}, "id": "abcdefghi"}]',
    expected: { content: '', calls: [call('f', '{"x": [1]}'), call('g', '{}')] },
  },
  {
    format: 'mistral',
    text: 'I call. [TOOL_CALLS] [{"name": "f", "arguments": {"x": 1.5}}]',
    expected: { content: 'I call.', calls: [call('f', '{"x": 1.5}')] },
  },
  { format: 'mistral', text: '[1, 2]', expected: { content: '[1, 2]', calls: [] } },
  {
    format: 'llama3',
    text: '{"name": "get_time", "parameters": {"city": "Rome"}}',
    expected: { content: '', calls: [call('get_time', '{"city": "Rome"}')] },
  },
  {
    format: 'llama3',
    text: '<|python_tag|>{"type": "function", "name": "f", "parameters": {}}; {"name": "get_time", "parameters": {"x": true}}',
    expected: { content: '', calls: [call('f', '{}'), call('get_time', '{"x": true}')] },
  },
  {
    format: 'llama3',
    text: '{"name": "Ada", "parameters": {}}',
    expected: { content: '{"name": "Ada", "parameters": {}}', calls: [] },
  },
  { format: 'llama3', text: 'It is {"name": "f"}.', expected: { content: 'It is {"name": "f"}.', calls: [] } },
];

test('calls are parted from text wherever the pieces end', () => {
  for (const { format, text, expected } of cases) {
    for (const pieces of cuts(text)) assert.deepEqual(split(format, pieces), expected, JSON.stringify(pieces));
  }
});

test('name and arguments are given out as they are written', () => {
  const splitter = new CallSplitter(callFormats.hermes, ['f']);
  assert.deepEqual(splitter.push('<tool_call>\n{"name": "f'), []);
  assert.deepEqual(splitter.push('", "arg'), [{ kind: 'call', index: 0, name: 'f', arguments: '' }]);
  assert.deepEqual(splitter.push('uments": {"x'), [{ kind: 'call', index: 0, arguments: '{"x' }]);
  assert.deepEqual(splitter.push('": 1}'), [{ kind: 'call', index: 0, arguments: '": 1}' }]);
  assert.deepEqual(splitter.push('}\n</tool_call>'), []);
  assert.deepEqual(splitter.end(), []);
});
