// Keeps the page's own files, and sends them with the headers that isolate a page. Models are not its business: they
// are large, fetched in ranges, and kept by the engine.
declare const self: ServiceWorkerGlobalScope;

const cacheName = 'wasm-chord page';
const page = self.registration.scope;

self.addEventListener('install', (event) => {
  void self.skipWaiting();
  event.waitUntil(fetch(page).then(keepPage));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isOurs = url.href.startsWith(page) && request.method === 'GET';
  if (!isOurs || request.headers.has('range') || url.pathname.endsWith('.gguf')) return;
  event.respondWith(request.mode === 'navigate' ? newestPage(request) : keptAsset(request));
});

/** From the host if it can be reached: a new version is not missed. */
async function newestPage(request: Request): Promise<Response> {
  const kept = await caches.match(page);
  try {
    const response = await fetch(request);
    if (response.ok) {
      await keepPage(response.clone());
      return isolated(response);
    }
    return kept && response.status >= 500 ? isolated(kept) : response;
  } catch (error) {
    if (kept) return isolated(kept);
    throw error;
  }
}

/** Files of a build have names of their own, so one that is kept stays right. */
async function keptAsset(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return isolated(kept);
  const response = await fetch(request);
  if (response.ok) {
    const cache = await caches.open(cacheName);
    await cache.put(request, response.clone());
  }
  return isolated(response);
}

/** Keeps the page and what it names. With another version of it, what belonged to the one before goes. */
async function keepPage(response: Response): Promise<void> {
  const text = await response.clone().text();
  const before = await (await caches.match(page))?.text();
  if (text === before) return;
  const assets = [...text.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, path = '']) => new URL(path, page).href);
  await caches.delete(cacheName);
  const cache = await caches.open(cacheName);
  await Promise.all([cache.put(page, response), cache.addAll(assets)]);
}

function isolated(response: Response): Response {
  // An opaque or failed response has no headers to add to.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('cross-origin-resource-policy', 'same-origin');
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

export {};
