import { ChordError } from '../errors.js';
import type { Shaders } from './data.js';

// The analysis does not know that what subgroups differ in is uniform within each.
const matrixExtensions = `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
`;

/**
 * The WGSL of a pipeline's key: names of files, whose texts are joined, and constants NAME=VALUE, which come before
 * them so that they can size arrays. What ends in _A ends in _B in a +file, so that two types of weights can meet.
 */
export function sourceOf(key: string, shaders: Shaders): string {
  const source = key
    .split(' ')
    .map((word) => {
      const equals = word.indexOf('=');
      if (equals > 0) return `const ${word.slice(0, equals)} = ${word.slice(equals + 1)};\n`;
      const second = word.startsWith('+');
      const text = shaders[second ? word.slice(1) : word];
      if (text === undefined) throw new ChordError('internal', `there is no shader «${word}»`);
      return second ? text.replace(/_A\b/g, '_B') : text;
    })
    .join('');
  const code = unrolled(source, key);
  if (code.includes('subgroupMatrix') || code.includes('subgroup_matrix')) return `${matrixExtensions}${code}`;
  return code.includes('subgroup') ? `enable subgroups;\n${code}` : code;
}

// #i<N{text}#i is the text N times, with 0, 1 … in place of #i: of what has to lie in registers, no compiler makes sure.
function unrolled(source: string, key: string): string {
  const inner = /#(\w)<(\w+)\{((?:(?!#\w<\w+\{)[^])*?)\}#\1/;
  for (let found = inner.exec(source); found; found = inner.exec(source)) {
    const [whole, index = '', count = '', text = ''] = found;
    const times = Number(count) || Number(new RegExp(`\\b${count}=(\\d+)`).exec(key)?.[1]);
    const copies = Array.from({ length: times }, (_, i) => text.replaceAll(`#${index}`, String(i)));
    source = source.replace(whole, () => copies.join(''));
  }
  return source;
}

/** The buffers that a source declares. */
export function layoutOf(source: string): GPUBindGroupLayoutDescriptor {
  const declarations = source.matchAll(/@binding\((\d+)\)\s*var<(uniform|storage,read|storage,read_write)>/g);
  return {
    entries: [...declarations].map(([, binding, kind]) => ({
      binding: Number(binding),
      visibility: 4, // GPUShaderStage.COMPUTE
      buffer: { type: kind === 'uniform' ? 'uniform' : kind === 'storage,read' ? 'read-only-storage' : 'storage' },
    })),
  };
}
