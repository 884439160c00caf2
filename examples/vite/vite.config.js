// A page with these headers may use several threads; the server that it is shipped on has to send them, too.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default {
  server: { headers },
  preview: { headers },
  // It finds its wasm modules and workers beside its own files, where pre-bundling would not leave them.
  optimizeDeps: { exclude: ['wasm-chord'] },
};
