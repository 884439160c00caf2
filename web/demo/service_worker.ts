// Keeps the page's own files, and sends them with the headers that isolate a page. Models are not its business: they
// are large, fetched in ranges, and kept by the engine.
declare const self: ServiceWorkerGlobalScope;

// The build puts them in: the files of the page but for models, and what changes with any of them.
declare const buildFiles: readonly string[];
declare const buildVersion: string;

const page = self.registration.scope;
const ours = `wasm-chord page at ${page}, `;
const cacheName = ours + buildVersion;

// A newer one waits until the last tab of the one before is closed, so that no tab loses files that it has yet to load.
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([page, ...buildFiles])));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([deleteOlder(), self.clients.claim()]));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const isOurs = url.href.startsWith(page) && request.method === 'GET';
  if (!isOurs || request.headers.has('range') || url.pathname.endsWith('.gguf')) return;
  event.respondWith(request.mode === 'navigate' ? newestPage(request) : keptFile(request));
});

/** From the host if it can be reached: a new version is not missed. */
async function newestPage(request: Request): Promise<Response> {
  try {
    return isolated(await fetch(request));
  } catch (error) {
    const kept = await caches.match(page, { cacheName });
    if (kept) return isolated(kept);
    throw error;
  }
}

/** Files of a build have names of their own, so one that is kept stays right. */
async function keptFile(request: Request): Promise<Response> {
  return isolated((await caches.match(request, { cacheName })) ?? (await fetch(request)));
}

async function deleteOlder(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(ours) && name !== cacheName);
  await Promise.all(names.map((name) => caches.delete(name)));
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
