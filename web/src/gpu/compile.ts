import { phrases, shaders } from '#shaders';
import { ChordError } from '../errors.js';

// The analysis does not know that what subgroups differ in is uniform within each.
const matrixExtensions = `enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
`;

/**
 * The WGSL of a pipeline's key: names of files, whose texts are joined, and constants NAME=VALUE, which come before
 * them so that they can size arrays.
 */
export function sourceOf(key: string): string {
  const source = key
    .split(' ')
    .map((word) => {
      const equals = word.indexOf('=');
      if (equals > 0) return `const ${word.slice(0, equals)} = ${word.slice(equals + 1)};\n`;
      const text = shaders[word];
      if (text === undefined) throw new ChordError('internal', `there is no shader «${word}»`);
      return text.replace(/[`?$#'@]/g, (sign) => phrases[sign] ?? sign);
    })
    .join('');
  if (source.includes('subgroupMatrix')) return `${matrixExtensions}${source}`;
  return source.includes('subgroupAdd') ? `enable subgroups;\n${source}` : source;
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
