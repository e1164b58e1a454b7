/**
 * Keeps the page in the browser, so that it opens without a network too. Only where it is built (files that change
 * while one works on them are not to be kept), and where the browser allows it: on https or on this same machine.
 */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Not before the page has what it needs itself.
  const register = () => {
    navigator.serviceWorker
      .register(`${import.meta.env.BASE_URL}service-worker.js`, { updateViaCache: 'none' })
      // The page does without: with no room for it, in a private window, without a network.
      .catch(() => undefined);
  };
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
