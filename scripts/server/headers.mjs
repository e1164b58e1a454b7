// The headers that the page is served with, by our server and by Vite's.

/** Threads require cross-origin isolation. */
export const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * The page may only load its own files, and doesn't send data anywhere. Images may also be blobs, which only the page
 * itself can make: it draws pictures that it exports as SVG, and makes their pixels of that.
 */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' blob:",
  'font-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

/** @param {Record<string, string>} policy */
function protection(policy) {
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** For the built page, in addition to [`ISOLATION`]. */
export const PROTECTION = protection(POLICY);

/**
 * For Vite's development server, which inserts styles into the page and communicates with it over a
 * web socket.
 */
export const DEVELOPMENT = protection({
  ...POLICY,
  'style-src': "'self' 'unsafe-inline'",
  'connect-src': "'self' ws:",
});
