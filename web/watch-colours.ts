// What is painted with colours of the page has to be painted again when they change.

/**
 * Calls back when colours of the page may have changed: by the system, or by the user's choice of a theme.
 *
 * @returns a function that ends it
 */
export function watchColours(onchange: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', onchange);
  const themes = new MutationObserver(onchange);
  themes.observe(document.documentElement, { attributes: true });
  return () => {
    for (const query of queries) query.removeEventListener('change', onchange);
    themes.disconnect();
  };
}
