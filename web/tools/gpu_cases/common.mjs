// What cases of kernels are made of.
import { decode, formats } from '../gpu_reference.mjs';
import { inputWords } from '../../src/gpu/inputs.mjs';

export const each = (length, make) => Array.from({ length }, (_, i) => make(i));

// Of an input that is looked at again and again.
const floatsMade = new WeakMap();
export function floatsOf(input) {
  const made = floatsMade.get(input) ?? [...new Float32Array(inputWords(input).buffer)];
  floatsMade.set(input, made);
  return made;
}
export const bytesOf = (input) => new Uint8Array(inputWords(input).buffer);
export const bits = (value) => new Uint32Array(Float32Array.of(value).buffer)[0];
export const float = (value) => `bitcast<f32>(${bits(value)}u)`;
export const constants = (values) =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
export const stepAt = 'TOKENS_AT=8u OUTPUTS_AT=16u SAMPLING_AT=24u DRAW_AT=32u TEXTS_AT=18u step';
export const stepWords = (first, ...more) => [7, 'words', [first, 0, 0, 0, 0, 0, 0, 0, ...more]];
/** With the cells of each row's text: where it begins and ends. */
export const textWords = (first, ...texts) => [
  7,
  'words',
  [first, 0, texts.length, ...each(15, () => 0), ...texts.flat()],
];

// Planes of `count` weights. The masks keep f16 scales finite, and leave every other bit to chance.
export function planes(type, count, seed) {
  const { main, rest } = formats[type];
  const blocks = count / (main >= 80 && type !== 'f32' ? 256 : 32);
  const kind = { f32: 'floats', f16: 'halves', bf16: 'halves', q4_k: 'heads36', q5_k: 'heads44' }[type] ?? 'words';
  const inputs = [[0, kind, seed, (blocks * main) / 4]];
  if (rest > 0) inputs.push([1, 'halves', seed + 1, Math.ceil((blocks * rest) / 4)]);
  if (rest === 0 && hasBlocks(type)) inputs.push([1, 'words', [0]]);
  return inputs;
}

export const types = Object.keys(formats);
const hasBlocks = (type) => !['f32', 'f16', 'bf16'].includes(type);
/** The files of a kernel that decodes weights of a type, and of one that multiplies their bytes. */
export const decodeFiles = (type) => `${formats[type].files}${hasBlocks(type) ? ' planes bytes decode' : ''}`;
export const dot8Files = (type) =>
  `planes spans ${formats[type].files} dot8_${/q[48]_0|q[46]_k/.test(type) ? type : 'any'}`;
/** Those that are multiplied as bytes. */
export const blockTypes = types.filter(hasBlocks);

export function weightsOf(type, inputs, count) {
  const rest = inputs[1]?.[0] === 1 ? bytesOf(inputs[1]) : new Uint8Array();
  return decode(type, bytesOf(inputs[0]), rest, count);
}
