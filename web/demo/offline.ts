// The service worker: the page without a network, and isolated where the host sends no headers.

// Before which time the page goes on without it.
const patienceMs = 4000;
const reloadedKey = 'wasm-chord page: reloaded';

/**
 * Resolves when the service worker sees the page's requests, so that what it asks for from then on is there offline;
 * or when it is plain that none will. `?service-worker=off` does without, and removes one that is there. Where the
 * page is not cross-origin isolated by its host, it is reloaded once: `mayReload` says whether that loses nothing.
 */
export async function openOffline(mayReload: () => boolean): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  if (new URLSearchParams(location.search).get('service-worker') === 'off') {
    const registration = await serviceWorker.getRegistration();
    await registration?.unregister();
    return;
  }
  try {
    await serviceWorker.register(new URL('service-worker.js', document.baseURI));
    if (!(await within(patienceMs, controlled()))) return;
  } catch {
    // It works without, too: private windows and some settings forbid it.
    return;
  }
  if (!crossOriginIsolated && mayReload() && isFirst()) {
    location.reload();
    await new Promise(() => undefined);
  }
}

function controlled(): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker.controller) return Promise.resolve();
  return new Promise((resolve) => {
    serviceWorker.addEventListener(
      'controllerchange',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

/** Whether it came in time. */
function within(ms: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, ms, false);
    work.then(() => {
      resolve(true);
    }, reject);
  });
}

// A browser that is not isolated by that either is not reloaded for ever.
function isFirst(): boolean {
  try {
    if (sessionStorage.getItem(reloadedKey) !== null) return false;
    sessionStorage.setItem(reloadedKey, '');
    return true;
  } catch {
    return false;
  }
}
