// By which names the server may be called. A page from elsewhere can have its own name lead to this machine (“DNS
// rebinding”) and then read what is served here, unless the server answers to its own names only.

import { isIP } from 'node:net';

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];
const EVERYWHERE = ['0.0.0.0', '::'];

/** @param {string} host */
export const inUrl = (host) => (host.includes(':') ? `[${host}]` : host);

/**
 * What a request asks for: a path, by a name of the server. Null if it can't be told.
 * @param {string | undefined} target what stands in the first line of the request
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
  // As to a proxy.
  const whole = /^http:\/\/([^/?#@]+)(\/[^?#]*)?(?:[?#]|$)/i.exec(target);
  return whole && { path: whole[2] || '/', host: whole[1] };
}

/**
 * Whether a `Host` is a name of this server.
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
  // An address is no name that could lead elsewhere tomorrow.
  const isAddress = isIP(name.replace(/^\[|\]$/g, '')) > 0;
  return (
    LOCAL.includes(name) ||
    name === inUrl(bound.host).toLowerCase() ||
    (isAddress && EVERYWHERE.includes(bound.host))
  );
}
