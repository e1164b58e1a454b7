/**
 * Caches the page in the browser, so that it also opens without a network. Only in a production build, since files that
 * change during development must not be cached, and only where the browser allows it: on https or localhost.
 */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Let the page load what it needs first.
  const register = () => {
    navigator.serviceWorker
      .register(`${import.meta.env.BASE_URL}service-worker.js`, { updateViaCache: 'none' })
      // The page works without it: if there is no space, in a private window, or offline.
      .catch(() => undefined);
  };
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
