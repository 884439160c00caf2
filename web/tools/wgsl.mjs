// Shaders without what only people read.

// Words of the language that are as short as the new names.
const reserved = new Set(['as', 'do', 'fn', 'if', 'in', 'is', 'of', 'or']);
const words = /(?<!@)\b[a-zA-Z_]\w*/g; // not attributes

/** What stands for a frequent phrase in a minified text: a character that is left without use, when all are replaced. */
export const phrases = {
  '`': 'fn main(@builtin(workgroup_id)',
  '?': '@builtin(',
  $: '@group(0)@binding(',
  '#': 'var<storage,read',
  "'": 'workgroupBarrier();',
  '@': '@compute@workgroup_size(',
};

const withoutComments = (text) => text.replace(/\/\/.*$/gm, '');

function* shortNames(taken) {
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (const first of ['', ...letters]) {
    for (const last of letters) if (!reserved.has(first + last) && !taken.has(first + last)) yield first + last;
  }
}

// What the files declare gets the same short name in all of them, since their texts are joined. Constants of keys are
// declared nowhere; a name that follows a dot somewhere may be a member's.
function renamed(texts) {
  const all = Object.values(texts).join('\n');
  const kept = new Set(['main', ...[...all.matchAll(/\.\s*([a-zA-Z_]\w*)/g)].map(([, name]) => name)]);
  const declarations =
    /\b(?:fn|let|const|struct|alias|var(?:<[^>]*>)?)\s+(\w+)|[(,]\s*(?:@builtin\(\w+\)\s*)?(\w+)\s*:/g;
  const declared = new Set([...all.matchAll(declarations)].map(([, name, parameter]) => name ?? parameter));
  const count = new Map();
  for (const [word] of all.matchAll(words)) count.set(word, (count.get(word) ?? 0) + 1);
  const own = [...count.keys()].filter((word) => declared.has(word) && !kept.has(word));
  const names = shortNames(new Set([...count.keys()].filter((word) => !own.includes(word))));
  own.sort((a, b) => count.get(b) * b.length - count.get(a) * a.length);
  return new Map(own.map((word) => [word, names.next().value]));
}

/**
 * The files' texts by name, shorter: they mean the same as long as they are joined with each other only, and the
 * phrases put back.
 */
export function minified(texts) {
  const bare = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, withoutComments(text)]));
  const names = renamed(bare);
  const abbreviate = (text) =>
    Object.entries(phrases).reduce((short, [sign, phrase]) => short.replaceAll(phrase, () => sign), text);
  const shorten = (text) =>
    text
      .replace(words, (word) => names.get(word) ?? word)
      .replace(/\bvec([234])<([fiu])32>/g, 'vec$1$2')
      .replace(/\s+/g, ' ')
      .replace(/ ?([^\w ]) ?/g, '$1')
      .trim();
  return Object.fromEntries(Object.entries(bare).map(([name, text]) => [name, `${abbreviate(shorten(text))}\n`]));
}
