// Writes src/text/unicode/char_class.inc: the class of every code point, from the Unicode data of the Node
// that runs this. Usage: node tools/unicode_tables.mjs > src/text/unicode/char_class.inc
//
// Classes are numbered as in src/text/char_class.h. Runs of equal class are bytes: the low 3 bits the class,
// bit 3 whether more length follows, the high 4 bits the low bits of (length - 1); further length bytes hold
// 7 bits each, low bits first, with bit 7 set while more follow. What comes after the last run is `other`.

const classes = [
  ['other', null],
  ['letter', /\p{L}/u],
  ['mark', /\p{M}/u],
  ['number', /\p{N}/u],
  ['punctuation', /\p{P}/u],
  ['symbol', /\p{S}/u],
  ['space', /\p{White_Space}/u],
];

function classOf(codePoint) {
  const text = String.fromCodePoint(codePoint);
  const found = classes.findIndex(([, pattern]) => pattern?.test(text));
  return found < 0 ? 0 : found;
}

const bytes = [];
function pushRun(value, length) {
  let rest = length - 1;
  bytes.push(value | (rest > 15 ? 8 : 0) | ((rest & 15) << 4));
  rest >>= 4;
  if (length - 1 <= 15) return;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>= 7;
  }
  bytes.push(rest);
}

let start = 0;
let current = classOf(0);
for (let codePoint = 1; codePoint <= 0x110000; ++codePoint) {
  const next = codePoint < 0x110000 ? classOf(codePoint) : -1;
  if (next === current) continue;
  if (codePoint < 0x110000 || current !== 0) pushRun(current, codePoint - start);
  start = codePoint;
  current = next;
}

const lines = [
  `// Unicode ${process.versions.unicode}. Made by tools/unicode_tables.mjs, which says how to read it.`,
  `inline constexpr char kUnicodeVersion[] = "${process.versions.unicode}";`,
  `inline constexpr uint8_t kCharClassRuns[] = {`,
];
for (let i = 0; i < bytes.length; i += 28) lines.push(`    ${bytes.slice(i, i + 28).join(',')},`);
lines.push('};');
console.log(lines.join('\n'));
