// The builds of the package, for the tools and the tests.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { selfTest } from './gpu_cases.mjs';
import { minified } from './wgsl.mjs';

export const webRoot = fileURLToPath(new URL('../', import.meta.url));
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));
export const wasmFolder = `${repositoryRoot}build/wasm/bin`;
export const testFolder = `${repositoryRoot}build/web-tests`;

// What `#platform`, `#machine` and `#gpu` stand for in each.
export const builds = {
  node: { platform: 'node', gpu: 'none' },
  'node-webgpu': { platform: 'node', gpu: 'webgpu' },
  'web-cpu': { platform: 'web', gpu: 'none' },
  'web-webgpu': { platform: 'web', gpu: 'webgpu' },
};

export function aliases({ platform, gpu }) {
  return {
    '#platform': `${webRoot}src/platform/${platform}.ts`,
    '#machine': `${webRoot}src/bench/machine_${platform}.ts`,
    '#engine-host': `${webRoot}src/engine/host_${platform}.ts`,
    '#gpu': `${webRoot}src/gpu/${gpu === 'webgpu' ? 'lazy' : gpu}.ts`,
    '#gpu-sketch': `${webRoot}src/gpu/${gpu === 'webgpu' ? 'sketch' : 'no_sketch'}.ts`,
    '#gpu-presence': `${webRoot}src/gpu/presence_${platform}.ts`,
    '#gpu-api': `${webRoot}src/gpu/api_${platform}.ts`,
  };
}

// A few results of each kernel are enough to see that it works.
function selfTestCases() {
  const rounded = ({ integer, expected }) =>
    expected.slice(0, 4).map((value) => (integer ? value : Number(value.toPrecision(6))));
  return selfTest().map((kernel) => ({ ...kernel, expected: rounded(kernel) }));
}

// `#gpu-data`: the files of src/webgpu/shaders by name, minified, and what a device has to pass; JSON, compressed.
export const shaders = {
  name: 'shaders',
  setup(builder) {
    const folder = `${repositoryRoot}src/webgpu/shaders/`;
    builder.onResolve({ filter: /^#gpu-data$/ }, ({ path }) => ({ path, namespace: 'shaders' }));
    builder.onLoad({ filter: /^#gpu-data$/, namespace: 'shaders' }, () => {
      const files = readdirSync(folder).filter((file) => file.endsWith('.wgsl'));
      const texts = files.map((file) => [file.replace('.wgsl', ''), readFileSync(folder + file, 'utf8')]);
      const data = JSON.stringify({ shaders: minified(Object.fromEntries(texts)), cases: selfTestCases() });
      const packed = deflateSync(data, { level: 9 }).toString('base64');
      return { contents: `export const packed = ${JSON.stringify(packed)};`, watchDirs: [folder] };
    });
  },
};

/** The file in `folder` of a build's module. */
export function moduleFile({ gpu }, name) {
  return gpu === 'webgpu' && name === 'chord.wasm' ? 'chord-webgpu.wasm' : name;
}

export function wasmModules(folder) {
  if (!existsSync(`${folder}/chord.wasm`)) {
    throw new Error(`${folder}/chord.wasm is missing: run ./dev build wasm`);
  }
  return readdirSync(folder).filter((name) => /^(chord|chord-grammar|kernels-[\w-]+)\.wasm$/.test(name));
}
