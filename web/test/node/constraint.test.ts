// Texts that follow a grammar or a JSON schema, on the shipped build.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ChordError, load } from 'wasm-chord';
import type { ChatCompletionTool, Engine, GenerateOptions } from 'wasm-chord';

const path = '../models/chord-tiny/chord-tiny-q8_0.gguf';
const question = [{ role: 'user', content: 'What is the capital of France?' }] as const;

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 20 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    born: { type: 'string', format: 'date' },
    tags: { type: 'array', items: { enum: ['new', 'old', 'été'] }, maxItems: 3 },
    home: { anyOf: [{ $ref: '#/$defs/place' }, { type: 'null' }] },
  },
  required: ['name', 'age', 'home'],
  additionalProperties: false,
  $defs: {
    place: {
      type: 'object',
      properties: { city: { type: 'string' }, near: { type: 'array', items: { $ref: '#/$defs/place' } } },
      required: ['city'],
      additionalProperties: false,
    },
  },
};
const schemas = [
  person,
  { type: 'array', items: { type: 'number', multipleOf: 0.5, exclusiveMaximum: 10 }, minItems: 2, maxItems: 5 },
  { type: 'string', pattern: '^[A-Z][a-z]+( [A-Z][a-z]+)?$' },
  { oneOf: [{ const: 'yes' }, { const: 'no' }, { type: 'object', additionalProperties: { type: 'boolean' } }] },
  {},
];

function hasCode(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ChordError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

let engine: Engine;
before(async () => {
  engine = await load(path);
});
after(() => engine.dispose());

const textOf = (options: GenerateOptions): Promise<string> => engine.generate(question, options).text();

test('with a schema every answer parses and validates', async () => {
  const ajv = new Ajv2020({ formats: { date: /^\d{4}-\d\d-\d\d$/ } });
  for (const schema of schemas) {
    const validate = ajv.compile(schema);
    for (let seed = 0; seed < 4; seed += 1) {
      const sampling = { temperature: 1, topP: 1, topK: 0, seed, maxTokens: 120 };
      const { text, finishReason } = await engine.generate(question, {
        ...sampling,
        responseFormat: { type: 'json_schema', schema },
      }).result;
      assert.ok(validate(JSON.parse(text)), `${text}: ${ajv.errorsText(validate.errors)}`);
      assert.equal(finishReason, 'stop', text);
    }
  }
});

test('a text comes to its end within the tokens that it may have', async () => {
  const schema = { type: 'array', items: { type: 'string' }, minItems: 3 };
  for (let seed = 0; seed < 4; seed += 1) {
    const text = await textOf({ maxTokens: 16, temperature: 2, seed, responseFormat: { type: 'json_schema', schema } });
    assert.ok(Array.isArray(JSON.parse(text)), text);
  }
});

test('a grammar is followed, in this thread too, and the answer is the same', async () => {
  const grammar = 'root ::= ("Paris" | "Lyon") ", " [a-zé]+ "."';
  const options = { grammar, seed: 5, temperature: 1, maxTokens: 40 };
  const text = await textOf(options);
  assert.match(text, /^(Paris|Lyon), [a-zé]+\.$/);
  const here = await load(path, { worker: false });
  assert.equal(await here.generate(question, options).text(), text);
  await here.dispose();
  const mixed = { gbnf: 'root ::= "age: " age', schemas: { age: { type: 'integer', minimum: 18, maximum: 21 } } };
  assert.match(await textOf({ grammar: mixed, maxTokens: 20 }), /^age: \s?(18|19|20|21)$/);
});

test('what is allowed anyway is not changed', async () => {
  const free = await textOf({ temperature: 0 });
  assert.equal(await textOf({ temperature: 0, grammar: 'root ::= .*' }), free);
});

test('grammars and schemas that cannot be enforced are refused, and say where', async () => {
  const schema = (of: object): GenerateOptions => ({ responseFormat: { type: 'json_schema', schema: { ...of } } });
  await assert.rejects(
    textOf(schema({ properties: { a: { if: {} } } })),
    hasCode('unsupported_format', /at "\/properties\/a\/if": "if" cannot be enforced/),
  );
  await assert.rejects(textOf(schema({ type: 'strin' })), hasCode('invalid_argument', /at "\/type"/));
  await assert.rejects(textOf({ grammar: 'root ::= (' }), hasCode('invalid_argument', /line 1, column 11/));
  assert.throws(() => engine.generate('', { grammar: 'root ::= .', responseFormat: { type: 'json_object' } }), /both/);
  // And the engine goes on.
  assert.equal(await textOf({ grammar: 'root ::= "ok"' }), 'ok');
});

test('response_format and grammar in the shapes of OpenAI', async () => {
  const json_schema = { name: 'person', schema: person, strict: true };
  const sampling = { temperature: 1, seed: 3, max_tokens: 120 };
  const whole = await engine.chat.completions.create({
    messages: question,
    ...sampling,
    response_format: { type: 'json_schema', json_schema },
  });
  const content = whole.choices[0]?.message.content ?? '';
  assert.ok(new Ajv2020({ formats: { date: true } }).compile(person)(JSON.parse(content)), content);
  let streamed = '';
  const stream = await engine.chat.completions.create({
    messages: question,
    ...sampling,
    response_format: { type: 'json_object' },
    stream: true,
  });
  for await (const { choices } of stream) streamed += choices[0]?.delta.content ?? '';
  assert.equal(typeof JSON.parse(streamed), 'object');
  const completed = await engine.completions.create({ prompt: 'Once', grammar: 'root ::= " upon"', max_tokens: 5 });
  assert.equal(completed.choices[0]?.text, ' upon');
});

const tools: ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string', maxLength: 12 }, unit: { enum: ['C', 'F'] } },
        required: ['city', 'unit'],
        additionalProperties: false,
      },
    },
  },
  { type: 'function', function: { name: 'stop' } },
];

test('a required call is made, with arguments that follow the schema', async () => {
  const named = { type: 'function', function: { name: 'get_weather' } } as const;
  for (const [seed, tool_choice] of [
    [0, 'required'],
    [1, 'required'],
    [2, named],
    [3, named],
  ] as const) {
    const { choices } = await engine.chat.completions.create({
      messages: question,
      tools,
      tool_choice,
      temperature: 1,
      seed,
      max_tokens: 100,
    });
    const [choice] = choices;
    assert.equal(choice?.finish_reason, 'tool_calls');
    const calls = choice.message.tool_calls ?? [];
    assert.ok(calls.length >= 1);
    for (const { function: called } of calls) {
      const given: unknown = JSON.parse(called.arguments);
      assert.ok(typeof given === 'object' && given !== null);
      assert.deepEqual(Object.keys(given), called.name === 'stop' ? [] : ['city', 'unit']);
    }
    if (tool_choice !== 'required')
      assert.deepEqual(
        calls.map((call) => call.function.name),
        ['get_weather'],
      );
  }
});

test('strict functions leave the model its choice, and no wrong call', async () => {
  const strict = tools.map((tool) => ({ ...tool, function: { ...tool.function, strict: true } }));
  const { choices } = await engine.chat.completions.create({
    messages: question,
    tools: strict,
    temperature: 0,
    max_tokens: 60,
  });
  assert.ok(choices[0]?.message.content !== null || choices[0].message.tool_calls !== undefined);
});
