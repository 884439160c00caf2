import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// The page needs nobody else's scripts and no eval; models may come from anywhere.
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  'connect-src * data: blob:',
  "img-src 'self' data:",
].join('; ');

const contentSecurityPolicy = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
  ],
};

export default defineConfig({
  root: path('.'),
  // The page works in any folder of a host.
  base: './',
  resolve: { alias: { 'wasm-chord': path('../dist/web-webgpu/index.js') } },
  assetsInclude: ['**/*.gguf'],
  plugins: [contentSecurityPolicy],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
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
