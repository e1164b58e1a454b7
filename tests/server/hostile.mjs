// What a server of files should survive: 200 requests that no browser sends, and downloads that are given up.

import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * @typedef {object} Attack
 * @property {string} name
 * @property {Buffer} bytes
 * @property {readonly number[] | null} statuses one of which the answer must have; null if it may be anything, or nothing
 */

/** The status of no answer. */
const CLOSED = 0;

/** How many there are. */
export const ATTACKS = 200;

/**
 * The same ones each time.
 * @param {number} port of the server, on 127.0.0.1
 * @returns {Attack[]}
 */
export function attacks(port) {
  const host = `127.0.0.1:${port}`;
  /** @type {Attack[]} */
  const all = [];
  /** @type {(name: string, text: string | Buffer, ...statuses: number[]) => void} */
  const add = (name, text, ...statuses) => {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    all.push({ name, bytes, statuses });
  };
  /** @type {(target: string, headers?: string, method?: string) => string} */
  const request = (target, headers = '', method = 'GET') =>
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`;

  for (const path of PATHS) add(`GET ${path.slice(0, 60)}`, request(path), 404);
  for (const length of [255, 256, 4095, 4096, 15_000]) {
    add(`a name of ${length}`, request(`/${'a'.repeat(length)}`), 404);
    add(`names of ${length} together`, request(`/${'b/'.repeat(length / 2)}`), 404);
    add(`${length} encoded`, request(`/${'%41'.repeat(length / 3)}`), 404);
  }
  add('a target without end', request(`/${'a'.repeat(20_000)}`), 431);

  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'LINK']) {
    add(method, request('/', '', method), 405);
    add(`${method} with a body`, `${request('/', 'Content-Length: 5\r\n', method)}12345`, 405);
    add(
      `${method} with half a body`,
      `${request('/', 'Content-Length: 500\r\n', method)}12345`,
      405,
    );
    add(`${method} to nowhere`, request('/%', 'Transfer-Encoding: chunked\r\n', method), 405);
  }
  add('CONNECT', request(host, '', 'CONNECT'), 405);
  add('OPTIONS *', request('*', '', 'OPTIONS'), 405);
  for (const method of ['FOO', 'get']) add(`method ${method}`, request('/', '', method), 405);
  for (const method of ['G\0T', '']) add(`method ${method}`, request('/', '', method), 400);

  for (const wrong of HOSTS(port)) {
    const text = `GET / HTTP/1.1\r\nHost: ${wrong}\r\nConnection: close\r\n\r\n`;
    add(`Host: ${wrong}`, text, 421);
  }
  add('without a host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400);
  add('HTTP/1.0 without a host', 'GET / HTTP/1.0\r\n\r\n', 400);
  add('two hosts', request('/', 'Host: evil.example\r\n'), 400);
  add('two equal hosts', request('/', `Host: ${host}\r\n`), 400);
  for (const target of ['http://evil.example/', `http://${host}.evil.example/`, 'HTTP://evil/'])
    add(target, request(target), 421);
  for (const target of [
    '/\x7f',
    'ftp://x/',
    `https://${host}/`,
    `http://${host}@evil/`,
    'index.html',
    '?',
    'http://',
  ])
    add(target, request(target), 400);

  for (const [name, headers, ...statuses] of HEADERS)
    add(name, request('/nothing', headers), ...statuses);
  add('a version to come', `GET / HTTP/3.7\r\nHost: ${host}\r\n\r\n`, 400, 505);
  add('an old version', 'GET /\r\n\r\n', 400);
  add('TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400);
  // The answer would be none in HTTP/2: the connection is closed.
  add('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', CLOSED);
  add('SSH', 'SSH-2.0-OpenSSH_9.6\r\n', 400);
  add('NULs', '\0'.repeat(1000), 400);
  add('many requests at once', request('/nothing').replace('close', 'keep-alive').repeat(500), 404);
  for (let count = 1; count <= 5; count += 1) {
    add(`noise of ${count * 100}`, Buffer.from(noise(count * 100, count)), 400);
  }

  // An ordinary request with some of its bytes changed.
  const random = numbers(1);
  while (all.length < ATTACKS) {
    const bytes = Buffer.from(request('/index.html', 'Range: bytes=0-9\r\nAccept: */*\r\n'));
    for (let count = 0; count < 4; count += 1) {
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    }
    all.push({
      name: `changed: ${JSON.stringify(bytes.toString('latin1'))}`,
      bytes,
      statuses: null,
    });
  }
  return all.slice(0, ATTACKS);
}

const PATHS = [
  ...['/%', '/%4', '/%zz', '/%E0%A4%A', '/%c0%ae%c0%ae/secret.txt', '/%ff', '/index.html%'],
  ...['/%00', '/index.html%00', '/index.html%00.png', '/%00/../secret.txt', '/%0d%0aX:%20y'],
  ...[
    '/../secret.txt',
    '/..',
    '/../',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/.%2e/secret.txt',
  ],
  ...['/%2e%2e%2fsecret.txt', '/assets/../../secret.txt', '/assets/..%2f..%2fsecret.txt'],
  ...['/..\\secret.txt', '/..%5csecret.txt', '/%5c..%5csecret.txt', '/....//secret.txt'],
  ...['//etc/passwd', '///etc/passwd', '/%2fetc%2fpasswd', '//index.html', '/./index.html'],
  ...[
    '/../../../../../../../../../../etc/passwd',
    '/assets/..;/secret.txt',
    '/%252e%252e/secret.txt',
  ],
  ...['/.hidden', '/.git/config', '/assets/.hidden', '/link-out.txt', '/link-out/secret.txt'],
  ...['/link-loop', '/link-nowhere', '/pipe', '/assets', '/index.html/', '/index.html/x'],
  ...['/C:/Windows/win.ini', '/con', '/index.html::$DATA', '/;', '/*', '/~root', '/nothing?x=/../'],
];

const HOSTS = (/** @type {number} */ port) => [
  ...['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1'],
  ...[`localhost:${port + 1}`, `localhost.:${port}`, `localhost:${port}@evil.example`, '[::1', ''],
  ...[`localhost:${port}, evil.example`, `user@localhost:${port}`, `2130706433:${port}`, ':', '*'],
  ...[`192.168.1.1:${port}`, `[::ffff:127.0.0.1]:${port}`, `localhost:0${port}0`, `127.1:${port}`],
];

/** @type {[name: string, headers: string, ...statuses: number[]][]} */
const HEADERS = [
  ['a long header', `X: ${'a'.repeat(20_000)}\r\n`, 431],
  ['many headers', 'X: yyyyyyyy\r\n'.repeat(3000), 431],
  ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n', 400],
  ['a negative length', 'Content-Length: -1\r\n', 400],
  ['an absurd length', 'Content-Length: 99999999999999999999999\r\n', 400],
  // RFC 9112, section 6.3: the chunks count, and nothing may follow on this connection.
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', 404],
  ['no chunk', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n', 400, 404],
  ['an unknown encoding', 'Transfer-Encoding: smoke\r\n', 400],
  ['a header without a name', ': x\r\n', 400],
  ['a header with a space', 'X : y\r\n', 400],
  ['a header without a colon', 'X\r\n', 400],
  ['a header with a NUL', 'X: a\0b\r\n', 400],
  ['an absurd range', 'Range: bytes=9999999999-1,-5,a-b\r\n', 404],
  ['an unknown expectation', 'Expect: the-unexpected\r\n', 417],
  ['an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', 404],
];

/**
 * @param {number} length
 * @param {number} seed
 */
function noise(length, seed) {
  const random = numbers(seed);
  // Its first byte is none that a method begins with.
  return Uint8Array.from({ length }, (_, at) => (at === 0 ? 255 : Math.floor(random() * 256)));
}

/**
 * Numbers from 0 to 1 that are the same each time.
 * @param {number} seed
 */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * What a server answers, up to the end of the connection.
 * @param {number} port
 * @param {string | Uint8Array} bytes
 * @returns {Promise<string>}
 */
export function ask(port, bytes) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    socket.setEncoding('latin1');
    socket.on('data', (text) => (answer += text));
    // A server may hang up on somebody who is still talking.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

/**
 * Begins to download a file, and gives up.
 * @param {number} port
 * @param {string} path
 * @param {number} after how many bytes
 * @returns {Promise<void>}
 */
export function giveUp(port, path, after) {
  return new Promise((resolve, reject) => {
    let received = 0;
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
      if (after === 0) socket.destroy();
    });
    socket.on('data', ({ length }) => {
      received += length;
      if (received >= after) socket.resetAndDestroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/**
 * How many descriptors a process has open; undefined where that can't be known.
 * @param {number} pid
 */
export function descriptors(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/**
 * The most memory that a process has had, in bytes; undefined where that can't be known.
 * @param {number} pid
 */
export function peakMemory(pid) {
  try {
    const [, kibibytes] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
