// From logits to a token.
import { draw, gumbel } from '../gpu_reference.mjs';
import { bits, each, floatsOf, stepAt, stepWords } from './common.mjs';

const order = (value) => ((bits(value) & 0x80000000) !== 0 ? ~bits(value) : bits(value) | 0x80000000) >>> 0;
const sorted = (logits) =>
  logits.map((logit, token) => ({ logit, token })).sort((a, b) => b.logit - a.logit || a.token - b.token);

const settings = { seed: [0x12345678, 0x9abcdef0], position: [77, 0], temperature: 0, topK: 0, topP: 1, minP: 0 };

// The step's parameters: of the first row, how many candidates are wanted; how the token is drawn.
function samplingWords(wanted, given = {}, fromRow = false) {
  const { seed, position, temperature, topK, topP, minP } = { ...settings, ...given };
  const leastAbove = minP > 0 ? Math.log(minP) : -3e38;
  const draw = [...seed, ...position, bits(temperature), topK, bits(topP), bits(leastAbove), fromRow ? 1 : 0];
  return stepWords(0, ...each(16, () => 0), wanted, ...each(7, () => 0), ...draw, ...each(7, () => 0));
}

/** The second of two rows, in place: penalties of some tokens, some of which have left the window, then biases. */
export function penaltiesCase(vocab, { count = 70, seed = 85 } = {}) {
  const logits = [0, 'floats', seed, 2 * vocab];
  const [repetition, frequency, presence] = [1.25, 0.5, 0.125];
  const counts = each(count, (i) => [(i * 7) % vocab, i % 5]);
  const biases = [
    [3, 1.5],
    [vocab - 1, -2],
  ];
  const expected = floatsOf(logits).slice(vocab);
  for (const [token, count] of counts.filter(([, count]) => count > 0)) {
    const logit = expected[token];
    expected[token] = (logit > 0 ? logit / repetition : logit * repetition) - frequency * count - presence;
  }
  for (const [token, bias] of biases) expected[token] += bias;
  const pairs = [...counts, ...biases.map(([token, bias]) => [token, bits(bias)])].flat();
  const row = [0, bits(repetition), bits(frequency), bits(presence), 0, counts.length, counts.length, biases.length];
  return {
    name: 'penalties',
    key: `${stepAt} penalties VOCAB=${vocab}u`,
    groups: [1, 2, 1],
    inputs: [logits, [1, 'words', pairs], stepWords(0, ...each(24, () => 0), ...row)],
    output: [0, 2 * vocab],
    first: vocab,
    expected,
  };
}

/** The first chunk's list; `drawn`: by logit / temperature + noise. */
export function chunkCase(vocab, wanted, { drawn = false, seed = 81 } = {}) {
  const logits = [0, 'floats', seed, vocab];
  const given = { temperature: 0.75 };
  const score = (logit, token) => logit / 0.75 + gumbel(token, settings.seed, settings.position);
  const values = floatsOf(logits).slice(0, 1024);
  const first = sorted(drawn ? values.map(score) : values).slice(0, wanted);
  const chunks = Math.ceil(vocab / 1024);
  const lists = first.flatMap(({ logit, token }) => [order(logit), token]);
  return {
    name: 'chunk_candidates',
    key: `multiply_high order sort noise ${stepAt} chunk_candidates VOCAB=${vocab}u CHUNK=1024u ENTRIES=1024u CHUNKS=${chunks}u MOST=256u`,
    groups: [chunks, 1, 1],
    inputs: [logits, [2, 'words', 0, chunks * 2], samplingWords(wanted, given, drawn)],
    output: [1, chunks * 512],
    // Scores are not exact: of those, only the best token is compared.
    first: drawn ? 1 : 0,
    integer: true,
    expected: drawn ? lists.slice(1, 2) : lists,
  };
}

export function candidatesCase(vocab, wanted, seed = 81) {
  const logits = [0, 'floats', seed, vocab];
  const values = floatsOf(logits);
  const chunks = Math.ceil(vocab / 1024);
  const parts = each(chunks, (i) => values.slice(i * 1024, (i + 1) * 1024));
  const most = wanted + 1;
  const lists = parts.flatMap((part, i) => {
    const best = sorted(part).slice(0, wanted);
    return each(most, (j) => (best[j] ? [order(best[j].logit), i * 1024 + best[j].token] : [0, 0xffffffff])).flat();
  });
  const sums = parts.flatMap((part) => {
    const maximum = Math.max(...part);
    return [bits(maximum), bits(part.reduce((sum, value) => sum + Math.exp(value - maximum), 0))];
  });
  return {
    name: 'candidates',
    key: `order sort ${stepAt} candidates VOCAB=${vocab}u CHUNK=1024u ENTRIES=512u CHUNKS=${chunks}u MOST=${most}u`,
    groups: [1, 1, 1],
    inputs: [logits, [1, 'words', lists], [2, 'words', sums], samplingWords(wanted)],
    output: [3, 4 + 2 * most],
    first: 4,
    integer: true,
    expected: sorted(values)
      .slice(0, wanted)
      .flatMap(({ logit, token }) => [token, bits(logit)]),
  };
}

/** The token that is drawn from a list, as settings say, and what is kept of it. */
export function advanceCase(count, given = {}, seed = 91) {
  const chosenBy = { ...settings, ...given };
  const list = sorted(floatsOf([0, 'floats', seed, count]).map((value) => Math.fround(4 * value)));
  const sum = 1.5 * list.reduce((total, { logit }) => total + Math.exp(logit - list[0].logit), 0);
  const words = [bits(list[0].logit), bits(sum), count, 0, ...list.flatMap(({ logit, token }) => [token, bits(logit)])];
  const chosen = draw(list, { ...chosenBy, total: Math.fround(sum) });
  return {
    name: 'advance',
    key: `multiply_high order noise advance ${stepAt.replace(/step$/, '')}AHEAD=4u`,
    groups: [1, 1, 1],
    inputs: [
      [0, 'words', words],
      [1, 'words', samplingWords(count, given)[2]],
      [3, 'words', 0, 8],
    ],
    output: [2, words.length],
    first: 0,
    integer: true,
    expected: words.map((word, i) => (i === 3 ? chosen : word)),
  };
}
