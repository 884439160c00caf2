// JSON-Schema-Test-Suite: each schema is refused, or its valid values are accepted and the others are not.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChordError } from '../../src/errors.js';
import { GrammarModule } from '../../src/grammar/grammar_module.js';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[];
}

const isSuite = (groups: unknown): groups is readonly Group[] => Array.isArray(groups);

// A token for each byte, and one that ends the text.
const vocabulary = {
  texts: Uint8Array.from({ length: 256 }, (_, byte) => byte),
  ends: new Uint8Array(Uint32Array.from({ length: 257 }, (_, token) => Math.min(token + 1, 256)).buffer),
  flags: Uint8Array.from({ length: 257 }, (_, token) => (token === 256 ? 1 : 0)),
};

// A value as JSON texts, with an object's members in every order.
function spellings(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  if (Array.isArray(value)) return joined(value.map(spellings)).map((text) => `[${text}]`);
  const orders = permutations(Object.entries(value));
  return orders.flatMap((members) =>
    joined(members.map(([key, member]) => spellings(member).map((text) => `${JSON.stringify(key)}:${text}`))).map(
      (text) => `{${text}}`,
    ),
  );
}

function joined(parts: readonly string[][]): string[] {
  const all = parts.reduce<string[][]>((heads, part) => heads.flatMap((head) => part.map((p) => [...head, p])), [[]]);
  return all.map((texts) => texts.join(','));
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1 || items.length > 5) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}

function follows(module: GrammarModule, constraint: number, text: string): boolean {
  module.reset(constraint);
  try {
    for (const byte of new TextEncoder().encode(text)) module.accept(constraint, byte);
  } catch (error) {
    assert.ok(error instanceof ChordError && error.code === 'invalid_argument');
    return false;
  }
  const logits = new Float32Array(257);
  module.filter(constraint, logits, 0);
  return logits[256] === 0;
}

const differences = new Set([
  // Numbers have at most 20 digits here, and integers no exponent.
  'optional/bignum.json: integer: a bignum is an integer',
  'optional/bignum.json: integer: a negative bignum is an integer',
  // Draft 4 had its own mind: what begins with // is no URI (RFC 3986), and 1.0, which is read as 1, no integer.
  'optional/format.json: validation of URIs: a valid protocol-relative URI',
  'optional/zeroTerminatedFloats.json: some languages do not distinguish between different types of numeric value: ' +
    'a float is not an integer even without fractional part',
]);

test('JSON-Schema-Test-Suite', async () => {
  const module = await GrammarModule.load('dist/node');
  const bytes = module.vocabulary(vocabulary);
  const folder = 'node_modules/json-schema-test-suite/tests/draft4';
  const refused = new Map<string, number>();
  const wrong: string[] = [];
  let [schemas, enforced, cases, different] = [0, 0, 0, 0];
  for (const file of readdirSync(folder, { recursive: true }).map(String)) {
    if (!file.endsWith('.json')) continue;
    const groups: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    assert.ok(isSuite(groups));
    for (const { description, schema, tests } of groups) {
      schemas += 1;
      const text = JSON.stringify(schema);
      let constraint: number;
      try {
        constraint = module.constraint({ kind: 'schema', text, rules: [], marks: [] }, bytes);
      } catch (error) {
        assert.ok(error instanceof ChordError && /^(unsupported_format|invalid_argument)$/.test(error.code));
        refused.set(error.message, (refused.get(error.message) ?? 0) + 1);
        continue;
      }
      enforced += 1;
      for (const one of tests) {
        cases += 1;
        const name = `${file}: ${description}: ${one.description}`;
        const accepted = spellings(one.data).some((spelling) => follows(module, constraint, spelling));
        if (accepted === one.valid) continue;
        if (differences.has(name)) different += 1;
        else wrong.push(`${name}: ${accepted ? 'accepted' : 'not accepted'}`);
      }
      module.freeConstraint(constraint);
    }
  }
  console.log(`${enforced} of ${schemas} schemas enforced, ${cases} values decided, ${different} of them otherwise`);
  for (const [message, count] of refused) console.log(`  refused ${count}: ${message}`);
  assert.deepEqual(wrong, []);
  assert.ok(enforced >= 70);
});
