/** A literal of a grammar. */
export function literal(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/**
 * Rules for a text up to the first `mark`, and then the rule `next`; they begin with the rule `name`. `mayEnd`: the text
 * may also end before there is a mark.
 */
export function textUntil(name: string, mark: string, next: string, mayEnd: boolean): string {
  const characters = [...new Set(mark)];
  const others = `[^${characters.map((c) => (/[\\\]^-]/.test(c) ? `\\${c}` : c)).join('')}]`;
  // A state for each beginning of the mark that the text so far ends with.
  return Array.from(mark, (_, length) => {
    const ways = characters.map((c) => {
      const end = mark.slice(0, length) + c;
      if (end === mark) return `${literal(c)} ${next}`;
      let matched = end.length;
      while (!mark.startsWith(end.slice(end.length - matched))) matched -= 1;
      return `${literal(c)} ${name}${matched}`;
    });
    return `${name}${length} ::= ${mayEnd ? '"" | ' : ''}${others} ${name}0 | ${ways.join(' | ')}`;
  })
    .concat(`${name} ::= ${name}0`)
    .join('\n');
}
