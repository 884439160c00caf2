import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// The page needs nobody else's scripts and no eval; models may come from anywhere.
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  'connect-src * data: blob:',
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

const contentSecurityPolicy = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
  ],
};

// Tells the service worker what to keep, and makes it another one with every change.
const filesOfBuild = {
  name: 'files-of-build',
  enforce: 'post',
  generateBundle(_, bundle) {
    const kept = Object.values(bundle).filter(({ fileName }) => !/(\.gguf|\.md|service-worker\.js)$/.test(fileName));
    const hash = createHash('sha256');
    for (const file of kept) hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
    const files = kept.map(({ fileName }) => `./${fileName}`).filter((name) => name !== './index.html');
    const worker = bundle['service-worker.js'];
    worker.code = worker.code
      .replace('buildFiles', JSON.stringify(files.sort()))
      .replace('buildVersion', JSON.stringify(hash.digest('hex').slice(0, 16)));
  },
};

export default defineConfig({
  root: path('.'),
  // The page works in any folder of a host.
  base: './',
  resolve: { alias: { 'wasm-chord': path('../dist/web-webgpu/index.js') } },
  assetsInclude: ['**/*.gguf'],
  plugins: [contentSecurityPolicy, filesOfBuild],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Of what is bundled, which asks for it.
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: { page: path('index.html'), 'service-worker': path('service_worker.ts') },
      output: {
        // A service worker's scope is its folder, and its name stays.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
