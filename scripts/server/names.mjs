// The names by which the server may be addressed. Another site can make its own name resolve to
// this machine (“DNS rebinding”) and then read what is served here, unless the server only answers
// to its own names.

import { isIP } from 'node:net';

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];
const EVERYWHERE = ['0.0.0.0', '::'];

/** @param {string} host */
export const inUrl = (host) => (host.includes(':') ? `[${host}]` : host);

/**
 * Returns what a request asks for: a path, and the name of the server. Null if it is unclear.
 * @param {string | undefined} target the target in the first line of the request
 * @param {readonly string[] | undefined} hosts its `Host` headers
 * @returns {{ path: string, host: string } | null}
 */
export function wantedBy(target = '', hosts = []) {
  const [host, ...others] = hosts;
  if (others.length > 0) return null;
  if (target.startsWith('/')) {
    const path = target.split(/[?#]/, 1)[0];
    return host === undefined ? null : { path, host };
  }
  // The form for a proxy.
  const whole = /^http:\/\/([^/?#@]+)(\/[^?#]*)?(?:[?#]|$)/i.exec(target);
  return whole && { path: whole[2] || '/', host: whole[1] };
}

/**
 * Returns whether a `Host` is a name of this server.
 * @param {string} host
 * @param {{ host: string, port: number }} bound what it listens on
 * @param {readonly string[]} allowed further names: with a port, or for any
 */
export function isOurs(host, bound, allowed) {
  const parts = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(host.toLowerCase());
  if (!parts) return false;
  const [whole, name, port = '80'] = parts;
  if (allowed.some((other) => [name, whole].includes(other.toLowerCase()))) return true;
  if (Number(port) !== bound.port) return false;
  // An IP address isn't a name that could resolve differently later.
  const isAddress = isIP(name.replace(/^\[|\]$/g, '')) > 0;
  return (
    LOCAL.includes(name) ||
    name === inUrl(bound.host).toLowerCase() ||
    (isAddress && EVERYWHERE.includes(bound.host))
  );
}
