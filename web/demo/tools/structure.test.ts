import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAnswer, examples, structureOf } from './structure.js';

test('a schema counts when it is a JSON object', () => {
  assert.deepEqual(structureOf({ ...examples, kind: 'json' }), { kind: 'json' });
  assert.deepEqual(structureOf({ ...examples, kind: 'grammar' }), { kind: 'grammar', grammar: examples.grammar });
  const structure = structureOf({ ...examples, kind: 'schema' });
  assert.ok(typeof structure === 'object' && structure.kind === 'schema');
  assert.equal(structure.schema['type'], 'object');
  for (const [schema, problem] of [
    ['{', /no JSON/],
    ['[1]', /is an object/],
  ] as const) {
    const bad = structureOf({ ...examples, kind: 'schema', schema });
    assert.ok(typeof bad === 'string');
    assert.match(bad, problem);
  }
});

test('what came of an answer', () => {
  assert.equal(checkAnswer('{"a": 1}', { kind: 'json' }, true), 'valid JSON');
  assert.equal(checkAnswer('{"a": 1}', { kind: 'schema', schema: {} }, true), 'valid JSON, held to the schema');
  assert.match(checkAnswer('{"a": ', { kind: 'json' }, true), /^no valid JSON: /);
  assert.match(checkAnswer('{"a": ', { kind: 'json' }, false), /^cut off/);
});
