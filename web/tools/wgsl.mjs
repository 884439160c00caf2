// Shaders without what only people read.

// Words of the language that are as short as the new names.
const reserved = new Set(['as', 'do', 'fn', 'if', 'in', 'is', 'of', 'or']);
const words = /(?<![@#])\b[a-zA-Z_]\w*/g; // neither attributes nor indices of #i<N{…}#i

const withoutComments = (text) => text.replace(/\/\/.*$/gm, '');

function* shortNames(taken) {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (const first of ['', ...letters]) {
    for (const last of letters) if (!reserved.has(first + last) && !taken.has(first + last)) yield first + last;
  }
}

// What the files declare gets the same short name in all of them, since their texts are joined. Constants of keys are
// declared nowhere; parts of vectors keep their names; those in _A and _B are told apart when a file is joined a second
// time.
function renamed(texts) {
  const all = Object.values(texts).join('\n');
  const kept = (word) => word === 'main' || /^[xyzw]{1,4}$|_[AB]$/.test(word);
  const declarations =
    /\b(?:fn|let|const|struct|alias|var(?:<[^>]*>)?)\s+(\w+)|[({,]\s*(?:@builtin\(\w+\)\s*)?(\w+)\s*:/g;
  const declared = new Set([...all.matchAll(declarations)].map(([, name, parameter]) => name ?? parameter));
  const count = new Map();
  for (const [word] of all.matchAll(words)) count.set(word, (count.get(word) ?? 0) + 1);
  const own = [...count.keys()].filter((word) => declared.has(word) && !kept(word));
  const names = shortNames(new Set([...count.keys()].filter((word) => !own.includes(word))));
  own.sort((a, b) => count.get(b) * b.length - count.get(a) * a.length);
  return new Map(own.map((word) => [word, names.next().value]));
}

/** The files' texts by name, shorter: they mean the same as long as they are joined with each other only. */
export function minified(texts) {
  const bare = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, withoutComments(text)]));
  const names = renamed(bare);
  const shorten = (text) =>
    text
      .replace(words, (word) => names.get(word) ?? word)
      .replace(/\bvec([234])<([fiu])32>/g, 'vec$1$2')
      .replace(/\s+/g, ' ')
      .replace(/ ?([^\w ]) ?/g, '$1')
      .replace(/\b(\d+\.)0(?=[^\d])/g, '$1')
      .trim();
  return Object.fromEntries(Object.entries(bare).map(([name, text]) => [name, `${shorten(text)}\n`]));
}
