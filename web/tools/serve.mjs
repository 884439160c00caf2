// A static server of the repository's files, for the pages and for the tests of loading.
import { createServer } from 'node:http';
import { createReadStream, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from './builds.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Serves `root` on the loopback interface. ranges: whether Range is answered; wasmType: the type that modules are
 * served as; isolated: whether pages are cross-origin isolated, so that threads can share memory; headers: sent with
 * each file besides; onRequest: called with the method, the path and the Range header of each request.
 */
export function serve({
  root = repositoryRoot,
  port = 0,
  ranges = true,
  wasmType = types['.wasm'],
  isolated = false,
  headers: more = {},
  onRequest,
} = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    onRequest?.(request.method, path, request.headers.range);
    const file = join(root, normalize(path));
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory() && !path.endsWith('/'))
      return void response.writeHead(301, { location: `${path}/` }).end();
    const found = stats?.isDirectory() ? join(file, 'index.html') : file;
    const size = statSync(found, { throwIfNoEntry: false })?.size;
    if (size === undefined || !found.startsWith(root)) return void response.writeHead(404).end('not found');
    const type = extname(found) === '.wasm' ? wasmType : (types[extname(found)] ?? 'application/octet-stream');
    const headers = {
      'content-type': type,
      'cache-control': 'no-cache',
      ...(ranges && { 'accept-ranges': 'bytes' }),
      ...(isolated && isolation),
      ...more,
    };
    const range = ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null;
    const start = range ? Number(range[1]) : 0;
    const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
    if (range && start >= size) return void response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    response.writeHead(range ? 206 : 200, {
      ...headers,
      'content-length': end - start + 1,
      ...(range && { 'content-range': `bytes ${start}-${end}/${size}` }),
    });
    if (request.method === 'HEAD' || size === 0) return void response.end();
    createReadStream(found, { start, end })
      .on('error', () => response.destroy())
      .pipe(response);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ server, origin: `http://127.0.0.1:${server.address().port}` }));
  });
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
  const { origin } = await serve({ port: Number(values.port), isolated: true });
  console.log(`the page:              ${origin}/web/demo/dist/`);
  console.log(`the checks to look at: ${origin}/web/pages/test-async.html, and on the GPU test-webgpu.html`);
}
