// Makes the page work offline: after the first visit the browser has all of its files, including those of the engine.
//
// Online, everything is fetched from the network, except for files with a content hash in their name. So a new build
// takes effect on the next reload, and its parts always fit together. Each build has its own cache, which is filled
// before it is used and never changed.

/**
 * A hash of the contents of the files, and their addresses relative to this one. scripts/lib/offline.mjs inserts both.
 */
declare const VERSION: string;
declare const FILES: string[];

const worker = self as unknown as ServiceWorkerGlobalScope;
const PREFIX = 'clearpipe-';
const CACHE = `${PREFIX}${VERSION}`;

worker.addEventListener('install', (event) => {
  event.waitUntil(fill());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(removeOthers());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOurs = request.url.startsWith(worker.registration.scope);
  if (request.method !== 'GET' || !isOurs) return;
  event.respondWith(isHashed(request.url) ? fromCache(request) : fromNetwork(request));
});

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  // Bypass the browser's HTTP cache, which may have files of an earlier build.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })));
  await worker.skipWaiting();
}

async function removeOthers(): Promise<void> {
  // A page of an earlier build that is open in another tab may still need a file of it.
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (pages.length > 1) return;
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

function isHashed(url: string): boolean {
  return url.startsWith(new URL('assets/', worker.registration.scope).href);
}

async function fromCache(request: Request): Promise<Response> {
  // From any build: files with the same name are identical.
  return (await caches.match(request)) ?? fetch(request);
}

async function fromNetwork(request: Request): Promise<Response> {
  if (!worker.navigator.onLine) {
    const kept = await keptFor(request);
    if (kept) return kept;
  }
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await keptFor(request);
    if (kept) return kept;
    throw error;
  }
}

async function keptFor(request: Request): Promise<Response | undefined> {
  const cache = await caches.open(CACHE);
  const page = request.mode === 'navigate' ? worker.registration.scope : request;
  return cache.match(page, { ignoreSearch: true });
}
