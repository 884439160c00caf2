// Makes dist/: for each build the bundled scripts and the wasm modules beside them, the type declarations for import
// and for require, and the program wasm-chord over the build for Node. The modules come from build/wasm/bin, or from
// the folder named as argument.
import { copyFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { aliases, builds, moduleFile, shaders, wasmFolder, wasmModules, webRoot } from './builds.mjs';

const from = process.argv[2] ?? wasmFolder;
const modules = wasmModules(from);
rmSync(`${webRoot}dist`, { recursive: true, force: true });
for (const [name, variant] of Object.entries(builds)) {
  const folder = `${webRoot}dist/${name}`;
  const common = {
    outdir: folder,
    alias: aliases(variant),
    plugins: [shaders],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: variant.platform === 'node' ? 'node' : 'browser',
    minify: true,
    sourcemap: true,
    legalComments: 'none',
  };
  await build({
    ...common,
    entryPoints: { index: `${webRoot}src/index.ts`, bench: `${webRoot}src/bench.ts` },
    splitting: true,
    chunkNames: 'chunk-[hash]',
  });
  // Each in one file, so that a page can have a copy of its own of it, and bundlers make one of it in any format.
  await build({
    ...common,
    entryPoints: {
      'kernels-worker': `${webRoot}src/worker/${variant.platform}.ts`,
      'engine-worker': `${webRoot}src/worker/engine_${variant.platform}.ts`,
    },
  });
  for (const module of modules) copyFileSync(`${from}/${moduleFile(variant, module)}`, `${folder}/${module}`);
}
// For require(): the same in one file each, beside the modules and the workers of the build for import.
for (const name of ['node', 'node-webgpu']) {
  await build({
    entryPoints: { index: `${webRoot}src/index.ts`, bench: `${webRoot}src/bench.ts` },
    outdir: `${webRoot}dist/${name}`,
    outExtension: { '.js': '.cjs' },
    alias: aliases(builds[name]),
    plugins: [shaders],
    bundle: true,
    format: 'cjs',
    target: 'es2022',
    platform: 'node',
    define: { 'import.meta.url': '__chordUrl' },
    banner: { js: "const __chordUrl = require('node:url').pathToFileURL(__filename).href;" },
    minify: true,
    legalComments: 'none',
  });
}
await build({
  entryPoints: [`${webRoot}src/cli/main.ts`],
  outfile: `${webRoot}dist/cli.js`,
  alias: { 'wasm-chord': './node-webgpu/index.js', 'wasm-chord/bench': './node-webgpu/bench.js' },
  external: ['./node-webgpu/*'],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'node',
});
execFileSync(process.execPath, [`${webRoot}node_modules/typescript/bin/tsc`, '-p', `${webRoot}tsconfig.types.json`], {
  stdio: 'inherit',
});
// TypeScript takes declarations for those of a CommonJS module by the nearest package.json.
cpSync(`${webRoot}dist/types`, `${webRoot}dist/types-cjs`, { recursive: true });
writeFileSync(`${webRoot}dist/types-cjs/package.json`, '{ "type": "commonjs" }\n');
console.log(`wrote ${Object.keys(builds).join(', ')} and types to web/dist`);
