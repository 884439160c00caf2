// The templates of well-known models, as their cards have them, and the prompts that their documentation shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChordError } from '../errors.js';
import type { ChordErrorCode } from '../errors.js';
import type { ChatMessage } from './messages.js';
import { renderPrompt } from './template.js';
import type { ChatTemplateOptions, ModelTemplates } from './template.js';

function model(templates: Partial<ModelTemplates>, tokens: readonly string[] = []): ModelTemplates {
  return { named: {}, hasToken: (text) => Promise.resolve(tokens.includes(text)), ...templates };
}

function refuses(
  code: ChordErrorCode,
  pattern: RegExp,
  messages: readonly ChatMessage[],
  from: Partial<ModelTemplates>,
  options?: ChatTemplateOptions,
): Promise<void> {
  return assert.rejects(renderPrompt(model(from), messages, options), (error) => {
    assert.ok(error instanceof ChordError);
    assert.match(error.message, pattern);
    assert.equal(error.code, code);
    return true;
  });
}

// What a caller without types may pass.
function isMessages(value: unknown): value is readonly ChatMessage[] {
  return value !== undefined;
}

const conversation: ChatMessage[] = [
  { role: 'user', content: 'Hi there!' },
  { role: 'assistant', content: ' Nice to meet you! ' },
  { role: 'user', content: 'Can I ask a question?' },
];
const withSystem: ChatMessage[] = [{ role: 'system', content: 'Be kind.' }, ...conversation];
const question: ChatMessage[] = [{ role: 'user', content: 'Hi' }];

const llama3 =
  "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
const mistral =
  "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}";
const gemma =
  "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}";
const phi3 =
  "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}";
// Of TinyLlama, too.
const zephyr =
  "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}";

test('Llama 3', async () => {
  const header = (role: string): string => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
  assert.equal(
    await renderPrompt(model({ source: llama3, bosToken: '<|begin_of_text|>' }), withSystem),
    `<|begin_of_text|>${header('system')}Be kind.<|eot_id|>${header('user')}Hi there!<|eot_id|>` +
      `${header('assistant')}Nice to meet you!<|eot_id|>${header('user')}Can I ask a question?<|eot_id|>` +
      header('assistant'),
  );
});

test('Mistral', async () => {
  const from = { source: mistral, bosToken: '<s>', eosToken: '</s>' };
  assert.equal(
    await renderPrompt(model(from), conversation),
    '<s>[INST] Hi there! [/INST] Nice to meet you! </s>[INST] Can I ask a question? [/INST]',
  );
  await refuses('invalid_argument', /refuses these messages: .*must alternate/, withSystem, from);
});

test('Gemma', async () => {
  const from = { source: gemma, bosToken: '<bos>' };
  assert.equal(
    await renderPrompt(model(from), conversation),
    '<bos><start_of_turn>user\nHi there!<end_of_turn>\n<start_of_turn>model\nNice to meet you!<end_of_turn>\n' +
      '<start_of_turn>user\nCan I ask a question?<end_of_turn>\n<start_of_turn>model\n',
  );
  await refuses('invalid_argument', /System role not supported/, withSystem, from);
});

test('Phi-3', async () => {
  assert.equal(
    await renderPrompt(model({ source: phi3, eosToken: '<|endoftext|>' }), withSystem),
    '<|system|>\nBe kind.<|end|>\n<|user|>\nHi there!<|end|>\n<|assistant|>\n Nice to meet you! <|end|>\n' +
      '<|user|>\nCan I ask a question?<|end|>\n<|assistant|>\n',
  );
  assert.equal(
    await renderPrompt(model({ source: phi3, eosToken: '<|endoftext|>' }), question, { addGenerationPrompt: false }),
    '<|user|>\nHi<|end|>\n<|endoftext|>',
  );
});

test('Zephyr and TinyLlama: lines that hold a block alone leave nothing behind', async () => {
  assert.equal(
    await renderPrompt(model({ source: zephyr, eosToken: '</s>' }), withSystem),
    '<|system|>\nBe kind.</s>\n<|user|>\nHi there!</s>\n<|assistant|>\n Nice to meet you! </s>\n' +
      '<|user|>\nCan I ask a question?</s>\n<|assistant|>\n',
  );
});

test('what templates of the day use: namespaces, slices, methods, tojson, dates', async () => {
  const source = `
    {%- set ns = namespace(last=0) %}
    {%- for message in messages[::-1] %}
        {%- if message.role == "user" and not ns.last %}{%- set ns.last = messages | length - loop.index0 %}{%- endif %}
    {%- endfor %}
    {{- ns.last ~ '|' }}
    {%- for message in messages if message.role != 'system' %}
        {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
        {{- content ~ (loop.last and '.' or ',') }}
    {%- endfor %}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '|off' }}{%- endif %}
    {{- '|' ~ (tools | tojson) ~ '|' }}
    {%- for key, value in tools[0].function.items() %}{{- key ~ '=' ~ value ~ ' ' }}{%- endfor %}
    {{- strftime_now('%Y') | length }}
    {%- macro twice(x) %}{{- x ~ x }}{%- endmacro %}
    {{- twice('!' if bos_token is defined else '?') }}`;
  const messages: ChatMessage[] = [
    { role: 'system', content: 's' },
    { role: 'user', content: 'a' },
    { role: 'assistant', content: '<think>\nhm\n</think>\n\nb' },
  ];
  const tools = [{ function: { name: 'f', description: 'é "<&>' } }];
  assert.equal(
    await renderPrompt(model({ source }), messages, { tools, variables: { enable_thinking: false } }),
    '2|a,b.|off|[{"function": {"name": "f", "description": "é \\"<&>"}}]|name=f description=é "<&> 4??',
  );
});

test('content in parts, empty content and calls are as templates expect them', async () => {
  const source =
    "{% for m in messages %}{{ m.role ~ ':' ~ m.content }}{% if m.tool_calls %}{{ m.tool_calls[0].function.arguments | tojson }}{% endif %};{% endfor %}";
  const messages: ChatMessage[] = [
    { role: 'developer', content: 'd' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{"x":[1,2.5]}' } }],
    },
    { role: 'tool', content: 'r', tool_call_id: '1' },
  ];
  assert.equal(
    await renderPrompt(model({ source }), messages),
    'system:d;user:one\ntwo;assistant:{"x": [1, 2.5]};tool:r;',
  );
});

test('calls are given in the form that the template expects', async () => {
  const called: ChatMessage[] = [
    {
      role: 'assistant',
      tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
    },
  ];
  const call = (source: string): Promise<string> =>
    renderPrompt(model({ source: `{% for m in messages %}${source}{% endfor %}` }), called);
  // Llama 3's, Qwen's and Mistral's write the object themselves, DeepSeek's adds JSON to a text.
  assert.equal(await call('{{ m.tool_calls[0].function.arguments | tojson }}'), '{"x": 1}');
  assert.equal(await call("{{ ':' + m.tool_calls[0].function.arguments }}"), ':{"x":1}');
  assert.equal(await call("{% if m.content is not none %}{{ m.content + '.' }}{% endif %}"), '');
  assert.equal(await call("{{ m.content + '.' }}"), '.');
  assert.equal(await call("{{ m.content + m.tool_calls[0].function.arguments + '.' }}"), '{"x":1}.');
  const said: ChatMessage[] = [{ role: 'user', content: '[object Map]' }];
  assert.equal(await renderPrompt(model({ source: '{{ messages[0].content }}' }), said), '[object Map]');
});

test('a model may have several templates', async () => {
  const from = model({ source: 'own', named: { tool_use: 'tools', rag: 'rag', chatml: "the model's" } });
  assert.equal(await renderPrompt(from, question), 'own');
  assert.equal(await renderPrompt(from, question, { tools: [{}] }), 'tools');
  assert.equal(await renderPrompt(from, question, { tools: [] }), 'own');
  assert.equal(await renderPrompt(from, question, { template: 'rag' }), 'rag');
  assert.equal(await renderPrompt(from, question, { template: 'chatml' }), "the model's");
  assert.equal(await renderPrompt(from, question, { template: 'mistral' }), '[INST] Hi [/INST]');
  assert.equal(await renderPrompt(from, question, { template: '{{ messages[0].content }}!' }), 'Hi!');
  assert.equal(await renderPrompt(model({ named: { default: 'default' } }), question), 'default');
});

test('a model without a template gets ChatML if it knows its marks', async () => {
  const chatml = model({}, ['<|im_start|>', '<|im_end|>']);
  assert.equal(await renderPrompt(chatml, question), '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
  await refuses('invalid_argument', /has no chat template.*chatml, llama2/, question, {});
});

test('errors say what was wrong and what to do', async () => {
  const source = '{{ messages[0].content }}';
  const anything = (value: unknown): readonly ChatMessage[] => {
    assert.ok(isMessages(value));
    return value;
  };
  await refuses('invalid_argument', /messages is empty/, [], { source });
  await refuses('invalid_argument', /messages is \{"role":"user"\}/, anything({ role: 'user' }), { source });
  await refuses(
    'invalid_argument',
    /messages\[0\]\.role is "bot"; the roles are system,/,
    anything([{ role: 'bot' }]),
    { source },
  );
  await refuses('invalid_argument', /messages\[0\]\.content is undefined/, anything([{ role: 'user' }]), { source });
  const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }];
  await refuses('unsupported_field', /messages\[0\]\.content\[0\]\.type is "image_url"/, anything(image), { source });
  await refuses(
    'invalid_argument',
    /the template "vicuna" is not known; give one of rag, chatml/,
    question,
    { source, named: { rag: '' } },
    { template: 'vicuna' },
  );
  await refuses('unsupported_format', /cannot be rendered/, question, { source: '{% if %}' });
  await refuses('unsupported_format', /at most 100000/, question, {
    source: '{% for i in range(1000000000) %}{% endfor %}',
  });
  await refuses(
    'invalid_argument',
    /the template variable messages cannot be given/,
    question,
    { source },
    { variables: { messages: [] } },
  );
  await refuses(
    'invalid_argument',
    /the template variable range cannot be given/,
    question,
    { source },
    { variables: { range: 1 } },
  );
  await refuses(
    'unsupported_field',
    /^tools: .*"chatml" has no place/,
    question,
    {},
    { template: 'chatml', tools: [{}] },
  );
  await refuses(
    'unsupported_field',
    /^variables: "enable_thinking"/,
    question,
    {},
    { template: 'chatml', variables: { enable_thinking: false } },
  );
});
