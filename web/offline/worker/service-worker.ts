// The page without a network: after the first visit all its files are in the browser, those of the engine too.
//
// With a network everything comes from it, but for files that have a hash of what is in them in their name: so a page
// that was built anew is there with the next reload, and its parts always fit together. Each build has a cache of its
// own, filled before it is used and never changed.

/** What is in the files, as a hash; and their addresses beside this one. scripts/lib/offline.mjs puts them here. */
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
  // Not what an earlier build has left in the browser's ordinary cache.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: 'no-cache' })));
  await worker.skipWaiting();
}

async function removeOthers(): Promise<void> {
  // A page of an earlier build that is still open in another tab may want a file of it yet.
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
  // Of any build: what has the same name is the same.
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
