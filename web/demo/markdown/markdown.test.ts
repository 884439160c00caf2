import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lexer } from 'marked';
import { decodeEntities } from './entities.js';
import { settledLength } from './split.js';

test('a text that grows settles block by block, and what is settled stays the same', () => {
  const text =
    '# Title\n\nA paragraph with **bold**\nin two lines.\n\n1. one\n2. two\n\n```js\nlet a = 1;\n\nlet b;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end.\n';
  const whole = lexer(text);
  let settled = 0;
  const blocks: string[] = [];
  for (let end = 1; end <= text.length; end++) {
    const tokens = lexer(text.slice(settled, end));
    const length = settledLength(tokens);
    let raw = 0;
    for (const token of tokens) {
      raw += token.raw.length;
      if (raw <= length && token.type !== 'space') blocks.push(token.type);
    }
    settled += length;
  }
  assert.ok(settled > text.length - 20, `${settled} of ${text.length}`);
  assert.deepEqual(
    blocks,
    whole
      .map(({ type }) => type)
      .filter((type) => type !== 'space')
      .slice(0, -1),
  );
});

test('entities become the characters that they name', () => {
  assert.equal(decodeEntities('a &lt; b &amp;&amp; &#39;c&#x27; &nosuch; &#0; &'), "a < b && 'c' &nosuch; &#0; &");
});
