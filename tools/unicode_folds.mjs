// Writes src/text/unicode/folds.inc: what WordPiece makes of a character before it looks for words, from the Unicode
// data of the Node that runs this. Usage: node tools/unicode_folds.mjs > src/text/unicode/folds.inc
//
// Two tables: the first code point of each character's canonical decomposition (but for Hangul syllables, which are a
// formula, and compatibility ideographs, which would take twice the room of all others), and the first code point of its lower case. A table is a list of runs by ascending code points; numbers are
// varints of 7 bits, low bits first, with bit 7 set while more follow, signed ones zigzag. A run is: the code points between the run before and this one; (count - 1) << 3 | kind; the first target less
// the last target before it. Its next code point and target are further on by, for each kind:
//   0: 1, 0   1: 1, 1   2: 2, 2   3: 1, 32 and -32 in turn   4: 1, as a signed number says
// A run behind all code points, of which there is but the first number, ends the list.

const steps = [() => [1, 0], () => [1, 1], () => [2, 2], (i) => [1, i % 2 === 0 ? 32 : -32]];

function entriesOf(fold) {
  const entries = [];
  for (let codePoint = 0; codePoint < 0x110000; ++codePoint) {
    if (codePoint >= 0xd800 && codePoint < 0xe000) continue;
    const target = fold(String.fromCodePoint(codePoint), codePoint);
    if (target !== codePoint) entries.push([codePoint, target]);
  }
  return entries;
}

const isFormula = (codePoint) => codePoint >= 0xac00 && codePoint <= 0xd7a3;
const isCompatibility = (codePoint) => (codePoint >= 0xf900 && codePoint <= 0xfaff) || codePoint >= 0x2f800;
const base = (text, codePoint) =>
  isFormula(codePoint) || isCompatibility(codePoint) ? codePoint : text.normalize('NFD').codePointAt(0);

const lower = (text) => text.toLowerCase().codePointAt(0);

function varint(value) {
  const bytes = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
const signed = (value) => varint(value < 0 ? -2 * value - 1 : 2 * value);

// How many entries from `begin` on a run of the kind can have.
function longest(entries, begin, kind) {
  let end = begin + 1;
  for (; end < entries.length; ++end) {
    const [[from, last], [to, target]] = [entries[end - 1], entries[end]];
    const [step, rise] = kind === 4 ? [1, target - last] : steps[kind](end - 1 - begin);
    if (to - from !== step || target - last !== rise) break;
  }
  return end - begin;
}

function runBytes(entries, begin, count, kind) {
  const gap = entries[begin][0] - (begin === 0 ? 0 : entries[begin - 1][0] + 1);
  const targets = entries.slice(Math.max(begin - 1, 0), begin + (kind === 4 ? count : 1)).map(([, target]) => target);
  if (begin === 0) targets.unshift(0);
  const rises = targets.slice(1).flatMap((target, i) => signed(target - targets[i]));
  return [...varint(gap), ...varint(((count - 1) << 3) | kind), ...rises];
}

// The shortest list of runs, found from the end.
function encode(entries) {
  const best = Array(entries.length + 1);
  best[entries.length] = { length: 0 };
  for (let begin = entries.length - 1; begin >= 0; --begin) {
    for (let kind = 0; kind < 5; ++kind) {
      const most = longest(entries, begin, kind);
      for (let count = most; count >= (kind === 4 ? 1 : most); --count) {
        const bytes = runBytes(entries, begin, count, kind);
        const length = bytes.length + best[begin + count].length;
        if (!best[begin] || length < best[begin].length) best[begin] = { length, bytes, next: begin + count };
      }
    }
  }
  const bytes = [];
  for (let at = 0; at < entries.length; at = best[at].next) bytes.push(...best[at].bytes);
  return [...bytes, ...varint(0x110000)];
}

function table(name, fold) {
  const bytes = encode(entriesOf(fold));
  const lines = [`inline constexpr uint8_t ${name}[] = {`];
  for (let i = 0; i < bytes.length; i += 28) lines.push(`    ${bytes.slice(i, i + 28).join(',')},`);
  return [...lines, '};'];
}

console.log(
  [
    `// Unicode ${process.versions.unicode}. Made by tools/unicode_folds.mjs, which says how to read it.`,
    ...table('kBaseRuns', base),
    ...table('kLowerCaseRuns', lower),
  ].join('\n'),
);
