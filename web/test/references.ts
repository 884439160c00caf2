// models/chord-tiny/reference.json: what PyTorch computes from the F16 file, greedily.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

export interface Reference {
  prompt: string;
  prompt_ids: number[];
  greedy_ids: number[];
  greedy_text: string;
}

function isReferences(value: unknown): value is { references: Reference[] } {
  return typeof value === 'object' && value !== null && 'references' in value && Array.isArray(value.references);
}

const folder = 'models/chord-tiny/';
const quants = '../shared/quants/';

/** The references, seen from the folder `root` of the repository. */
export function readReferences(root: string): Reference[] {
  const json: unknown = JSON.parse(readFileSync(`${root}${folder}reference.json`, 'utf8'));
  assert.ok(isReferences(json));
  assert.equal(json.references.length, 9);
  return json.references;
}

/** The answers, which every file must give; the two stories pass near ties that only F16 decides the same way. */
export function answers(references: Reference[]): Reference[] {
  const short = references.filter(({ greedy_ids }) => greedy_ids.length < 100);
  assert.equal(short.length, 7);
  return short;
}

/** What a generation of the references' length returns. */
export const textOf = ({ greedy_text }: Reference): string => greedy_text.replace(/<\|im_end\|>$/, '');

/** Paths from `root` of the files that must give the answers; llama.cpp's are there where ../shared is. */
export function filesWithAnswers(root: string): string[] {
  const ours = [`${folder}chord-tiny-f16.gguf`, `${folder}chord-tiny-q8_0.gguf`];
  if (!existsSync(root + quants)) return ours;
  const theirs = readdirSync(root + quants).filter((name) => name.endsWith('.gguf'));
  return [...ours, ...theirs.map((name) => quants + name)];
}
