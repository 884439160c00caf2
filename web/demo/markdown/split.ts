import type { Token } from 'marked';

/**
 * How many characters of a text that still grows are whole blocks that nothing to come can change: all but the last
 * block that is not blank. (A link whose target is defined later stays text; nobody writes so as he goes.)
 */
export function settledLength(tokens: readonly Token[]): number {
  const last = tokens.findLastIndex(({ type }) => type !== 'space');
  return tokens.slice(0, Math.max(last, 0)).reduce((length, { raw }) => length + raw.length, 0);
}
