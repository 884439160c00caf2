// The service worker: the page without a network, and isolated where the host sends no headers.

// Before which time the page goes on without it.
const patienceMs = 4000;
const reloadedKey = 'wasm-chord page: reloaded';

/**
 * Keeps the page for when there is no network. Where its host does not isolate it, the service worker does, which takes
 * one reload: resolves when that is over, or when it is not to be waited for. `mayReload` says whether a reload loses
 * nothing. `?service-worker=off` does without all this, and removes one that is there.
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
  } catch {
    // It works without, too: private windows and some settings forbid it.
    return;
  }
  if (crossOriginIsolated || wasReloaded()) return;
  const reloaded = controlled().then(async () => {
    if (!mayReload() || !noteReload()) return;
    location.reload();
    await new Promise(() => undefined);
  });
  await Promise.race([reloaded, new Promise((resolve) => setTimeout(resolve, patienceMs))]);
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

// A browser that is not isolated by that either is not reloaded for ever.
function wasReloaded(): boolean {
  try {
    return sessionStorage.getItem(reloadedKey) !== null;
  } catch {
    return true;
  }
}

function noteReload(): boolean {
  try {
    sessionStorage.setItem(reloadedKey, '');
    return true;
  } catch {
    return false;
  }
}
