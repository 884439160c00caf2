import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChordError } from '../errors.js';
import { formatMessages, formatNames } from './formats.js';

const conversation = [
  { role: 'system', content: ' Be kind.\n' },
  { role: 'user', content: ' Hi! ' },
  { role: 'assistant', content: ' Hello. ' },
  { role: 'user', content: 'Why?' },
];

// As the core's multi-turn tests have them, where it has them.
const expected: Record<string, string> = {
  chatml:
    '<|im_start|>system\n Be kind.\n<|im_end|>\n<|im_start|>user\n Hi! <|im_end|>\n' +
    '<|im_start|>assistant\n Hello. <|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
  llama2: '[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nHi! [/INST] Hello. </s><s>[INST] Why? [/INST]',
  llama3:
    '<|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|>' +
    '<|start_header_id|>user<|end_header_id|>\n\nHi!<|eot_id|>' +
    '<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>' +
    '<|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
  alpaca:
    ' Be kind.\n\n\n### Instruction:\n Hi! \n\n### Response:\n Hello. \n\n### Instruction:\nWhy?\n\n### Response:\n',
  mistral: '[INST]  Be kind.\n\n\n Hi!  [/INST]  Hello. </s>[INST] Why? [/INST]',
  gemma:
    '<start_of_turn>user\nBe kind.\n\nHi!<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n' +
    '<start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n',
  phi3: '<|system|>\n Be kind.\n<|end|>\n<|user|>\n Hi! <|end|>\n<|assistant|>\n Hello. <|end|>\n<|user|>\nWhy?<|end|>\n<|assistant|>\n',
  zephyr:
    '<|system|>\n Be kind.\n</s>\n<|user|>\n Hi! </s>\n<|assistant|>\n Hello. </s>\n<|user|>\nWhy?</s>\n<|assistant|>\n',
};

test('several turns in each named format', () => {
  assert.deepEqual(Object.keys(expected), formatNames);
  for (const name of formatNames) assert.equal(formatMessages(name, conversation, true), expected[name], name);
});

test('without the turn of the answer', () => {
  assert.equal(formatMessages('chatml', [{ role: 'user', content: 'a' }], false), '<|im_start|>user\na<|im_end|>\n');
});

test('alpaca says its own sentence where there is no system message', () => {
  assert.equal(
    formatMessages('alpaca', [{ role: 'user', content: 'a' }], true),
    'Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n' +
      '### Instruction:\na\n\n### Response:\n',
  );
});

test('what a format has no place for is an error', () => {
  const refused = (
    name: string,
    messages: { role: string; content: string; tool_calls?: [] }[],
    pattern: RegExp,
  ): void => {
    assert.throws(
      () => formatMessages(name, messages, true),
      (error) => error instanceof ChordError && error.code === 'invalid_argument' && pattern.test(error.message),
    );
  };
  const [system, user, assistant] = [
    { role: 'system', content: 's' },
    { role: 'user', content: 'u' },
    { role: 'assistant', content: 'a' },
  ];
  refused('vicuna', [user], /"vicuna" is not known; the known ones are chatml, llama2/);
  refused('constructor', [user], /is not known/);
  refused('chatml', [user, system], /messages\[1\] is a system message/);
  refused('chatml', [{ role: 'tool', content: 't' }], /messages\[0\] has the role tool/);
  refused('chatml', [{ ...assistant, tool_calls: [] }], /messages\[0\] has tool_calls/);
  refused('mistral', [user, user], /messages\[1\] is from user where .* needs one from assistant/);
  refused('gemma', [system, assistant], /messages\[1\] is from assistant where .* needs one from user/);
  refused('llama2', [system], /add one/);
});
