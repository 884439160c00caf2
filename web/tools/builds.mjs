// The builds of the package, for the tools and the tests.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const webRoot = fileURLToPath(new URL('../', import.meta.url));
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));
export const wasmFolder = `${repositoryRoot}build/wasm/bin`;
export const testFolder = `${repositoryRoot}build/web-tests`;

// What `#platform`, `#machine` and `#gpu` stand for in each.
export const builds = {
  node: { platform: 'node', gpu: 'none' },
  'web-cpu': { platform: 'web', gpu: 'none' },
  'web-webgpu': { platform: 'web', gpu: 'detect' },
};

export function aliases({ platform, gpu }) {
  return {
    '#platform': `${webRoot}src/platform/${platform}.ts`,
    '#machine': `${webRoot}src/bench/machine_${platform}.ts`,
    '#gpu': `${webRoot}src/gpu/${gpu}.ts`,
  };
}

export function wasmModules(folder) {
  if (!existsSync(`${folder}/chord.wasm`)) {
    throw new Error(`${folder}/chord.wasm is missing: run ./dev build wasm`);
  }
  return readdirSync(folder).filter((name) => /^(chord|kernels-[\w-]+)\.wasm$/.test(name));
}
