// Bundles the tests, and runs them with the node that runs this:
//   node tools/test.mjs [node|browser|webgpu|firefox|package]
// node: x.test.ts beside the sources over fake modules, and test/node/ on the shipped build; browser:
// test/browser/, on the shipped builds in headless Chromium; webgpu: test/webgpu/, on SwiftShader, in this node and in
// headless Chromium; firefox: test/firefox/, in headless Firefox; package: test/package/, on the tarball that tools/pack.mjs makes.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { aliases, builds, repositoryRoot, shaders, testFolder, webRoot } from './builds.mjs';

const suites = {
  node: ['src', 'demo', 'test/node'],
  browser: ['test/browser'],
  webgpu: ['test/webgpu'],
  firefox: ['test/firefox'],
  package: ['test/package'],
};

// Vulkan on the CPU, from Debian's chromium.
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';

function compileFakes() {
  const sdk = process.env.WASI_SDK_PATH;
  const clang = sdk ? [`${sdk}/bin/clang`, '--target=wasm32-wasip1'] : ['clang-22', '--target=wasm32-wasi'];
  const common = [
    '-O2',
    '-fno-builtin',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Wno-deprecated',
    `-I${repositoryRoot}include`,
  ];
  const compile = (name, ...options) =>
    execFileSync(clang[0], [
      ...clang.slice(1),
      ...common,
      `${webRoot}test/fake/${name}.c`,
      '-o',
      `${testFolder}/${name}.wasm`,
      ...options,
    ]);
  compile(
    'control',
    '-DCHORD_EXPORTS',
    '-fvisibility=hidden',
    '-mexec-model=reactor',
    '-Wl,--export-dynamic,--export=malloc,--export=free,--export-table,--growable-table',
  );
  compile('kernels', '-nostdlib', '-Wl,--no-entry,--import-memory,--export=__heap_base');
}

// The package as its users have it; and the tools as they are, which find the repository by their own place.
const shipped = {
  name: 'shipped',
  setup(builder) {
    builder.onResolve({ filter: /^wasm-chord$/ }, () => ({ path: `${webRoot}dist/node/index.js`, external: true }));
    // Too large to bundle; the bundles lie where node would not find them by name.
    builder.onResolve({ filter: /^(playwright-core|puppeteer-core|typescript|webgpu)$/ }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
      external: true,
    }));
    builder.onResolve({ filter: /\/tools\/\w+\.mjs$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path),
      external: true,
    }));
  },
};

async function bundle(name, folders) {
  const entryPoints = folders.flatMap((folder) =>
    readdirSync(webRoot + folder, { recursive: true })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => join(webRoot, folder, file)),
  );
  const outdir = `${testFolder}/${name}`;
  rmSync(outdir, { recursive: true, force: true });
  await build({
    entryPoints,
    outdir,
    outbase: webRoot,
    outExtension: { '.js': '.mjs' },
    alias: aliases(builds[name === 'webgpu' ? 'node-webgpu' : 'node']),
    plugins: [shipped, shaders],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
  });
  return readdirSync(outdir, { recursive: true })
    .filter((file) => file.endsWith('.test.mjs'))
    .map((file) => join(outdir, file));
}

const suite = process.argv[2] ?? 'node';
if (!(suite in suites)) {
  console.error(`there is no suite '${suite}'; there are: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
mkdirSync(testFolder, { recursive: true });
if (suite === 'node') compileFakes();
const files = await bundle(suite, suites[suite]);
// Node would leave a core free, of two that is half.
const concurrency = `--test-concurrency=${availableParallelism()}`;
const options = ['--test', concurrency, '--test-reporter=spec', '--enable-source-maps', '--test-timeout=240000'];
const env = { ...process.env, VK_ICD_FILENAMES: process.env.VK_ICD_FILENAMES ?? swiftShader };
process.exit(spawnSync(process.execPath, [...options, ...files], { stdio: 'inherit', cwd: webRoot, env }).status ?? 1);
