/** How many files the name of a file, its path or its URL stands for. */
export function shardCount(name: string): number {
  return Math.max(Number(/-00001-of-(\d{5})\.gguf([?#]|$)/.exec(name)?.[1] ?? 1), 1);
}

/** The name of another file than the first of a split model, in whatever precedes and follows it. */
export function shardName(first: string, number: number): string {
  return first.replace(/-00001-of-(?=\d{5}\.gguf)/, `-${String(number + 1).padStart(5, '0')}-of-`);
}
