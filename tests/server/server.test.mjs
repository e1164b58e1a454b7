// `clearpipe serve`: what it gives, what it refuses, and that nothing that is sent to it ends it or is left open.
// What needs no connection is tested in crates/server.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildCommand } from '../../scripts/lib/command.mjs';
import { ATTACKS, ask, attacks, descriptors, giveUp, peakMemory } from './hostile.mjs';
import { startedServers } from './started.mjs';

const LARGE = 32 * 2 ** 20;
const SECRET = 'nobody may read this';

/** @type {string} */
let parent;
/** @type {string} */
let folder;

// Where it has not been built before, that takes minutes.
beforeAll(buildCommand, 20 * 60_000);

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'clearpipe-server-'));
  folder = join(parent, 'dist');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  mkdirSync(join(folder, '.git'));
  mkdirSync(join(parent, 'outside'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>\n');
  writeFileSync(join(folder, 'clearpipe.html'), '<!doctype html>\n');
  writeFileSync(join(folder, 'empty.txt'), '');
  writeFileSync(join(folder, 'assets/a b.js'), 'export {};\n');
  for (const path of [
    'secret.txt',
    'outside/secret.txt',
    'dist/.hidden',
    'dist/assets/.hidden',
    'dist/.git/config',
  ])
    writeFileSync(join(parent, path), SECRET);
  symlinkSync('../secret.txt', join(folder, 'link-out.txt'));
  symlinkSync('../outside', join(folder, 'link-out'));
  symlinkSync('link-loop', join(folder, 'link-loop'));
  symlinkSync('nowhere', join(folder, 'link-nowhere'));
  symlinkSync('assets/a b.js', join(folder, 'link-inside.js'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, 'pipe')]);
  writeFileSync(join(folder, 'large.wasm'), '');
  truncateSync(join(folder, 'large.wasm'), LARGE);
});

afterAll(() => {
  rmSync(parent, { recursive: true });
});

const start = startedServers(() => folder);

/**
 * @param {number} port
 * @param {string} target
 * @param {string} host
 */
async function statusOf(port, target = '/', host = `127.0.0.1:${port}`) {
  const text = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return Number((await ask(port, text)).slice(9, 12));
}

describe('what it gives', () => {
  test('files, with the headers that keep the page to itself', async () => {
    const { url } = await start();
    const page = await fetch(url);
    expect(await page.text()).toBe('<!doctype html>\n');
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-length': '16',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    const policy = page.headers.get('content-security-policy')?.split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    for (const path of ['assets/a%20b.js', 'link-inside.js?x=%', 'assets/a b.js#x']) {
      expect(await (await fetch(`${url}${path}`)).text()).toBe('export {};\n');
    }
    expect(await (await fetch(`${url}empty.txt`)).text()).toBe('');
    expect((await (await fetch(`${url}large.wasm`)).arrayBuffer()).byteLength).toBe(LARGE);
  });

  test('only the headers, if only these are asked for; refusals have them too', async () => {
    const { url } = await start({ isolated: false });
    const head = await fetch(`${url}large.wasm`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(LARGE));
    expect(head.headers.get('cross-origin-opener-policy')).toBeNull();
    const refused = await fetch(url, { method: 'POST', body: 'x' });
    expect(refused.status).toBe(405);
    expect(refused.headers.get('allow')).toBe('GET, HEAD');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('the answers to requests that are sent at once come in order', async () => {
    const { port } = await start();
    const request = (/** @type {string} */ path) =>
      `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
    const answer = await ask(
      port,
      ['/assets/a%20b.js', '/', '/nothing', '/'].map(request).join(''),
    );
    const found = [...answer.matchAll(/^(?:<!doctype|export|Not found)/gm)].map(([text]) => text);
    expect(found).toEqual(['export', '<!doctype', 'Not found', '<!doctype']);
  });
});

test('the page as one file is to be kept, not to be shown', async () => {
  const { url } = await start();
  const { headers } = await fetch(`${url}clearpipe.html?x`);
  expect(headers.get('content-disposition')).toBe('attachment');
  expect((await fetch(url)).headers.get('content-disposition')).toBeNull();
});

describe('files that the build has compressed', () => {
  const SCRIPT = 'export const text = "unpacked";\n';
  const packed = brotliCompressSync(SCRIPT);

  /**
   * @param {string} name
   * @param {number} age of the compressed form, compared with the file, in seconds
   */
  function write(name, age = 0) {
    const path = join(folder, name);
    writeFileSync(path, SCRIPT);
    writeFileSync(`${path}.br`, packed);
    utimesSync(path, 1000, 1000);
    utimesSync(`${path}.br`, 1000 - age, 1000 - age);
  }

  beforeAll(() => {
    write('assets/packed.js');
    write('assets/stale.js', 1);
    writeFileSync(join(folder, 'assets/plain.js'), SCRIPT);
    writeFileSync(join(folder, 'assets/alone.js.br'), packed);
    writeFileSync(join(folder, '.hidden.js.br'), packed);
    symlinkSync('assets/packed.js', join(folder, 'link-to-packed.js'));
    symlinkSync('assets/packed.js.br', join(folder, 'link-to-compressed.js'));
    writeFileSync(join(folder, 'leads-out.js'), SCRIPT);
    symlinkSync('../secret.txt', join(folder, 'leads-out.js.br'));
    writeFileSync(join(folder, 'folder.js'), SCRIPT);
    mkdirSync(join(folder, 'folder.js.br'));
  });

  /**
   * @param {number} port
   * @param {string} path
   * @param {string} accepted
   */
  async function answerTo(port, path, accepted, method = 'GET') {
    const lines = [`${method} ${path} HTTP/1.1`, `Host: localhost:${port}`, accepted];
    const answer = await ask(port, `${lines.filter(Boolean).join('\r\n')}\r\n\r\n`);
    const [head, ...body] = answer.split('\r\n\r\n');
    const [status, ...fields] = head.split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => [field.split(':')[0].toLowerCase(), field.replace(/^.*?: /, '')]),
    );
    return { status: Number(status.slice(9, 12)), headers, body: body.join('\r\n\r\n') };
  }

  test('go to clients that accept Brotli; all others get the file itself', async () => {
    const { url, port } = await start();
    for (const path of ['/assets/packed.js', '/link-to-packed.js']) {
      const { status, headers, body } = await answerTo(port, path, 'Accept-Encoding: gzip, br');
      expect(status).toBe(200);
      expect(Buffer.from(body, 'latin1')).toEqual(packed);
      expect(headers).toMatchObject({
        'content-encoding': 'br',
        'content-length': String(packed.length),
        'content-type': 'text/javascript; charset=utf-8',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
        vary: 'Accept-Encoding',
      });
    }
    for (const accepted of ['', 'Accept-Encoding: gzip', 'Accept-Encoding: gzip, br;q=0']) {
      const { headers, body } = await answerTo(port, '/assets/packed.js', accepted);
      expect(body).toBe(SCRIPT);
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers).toMatchObject({
        'content-length': String(SCRIPT.length),
        vary: 'Accept-Encoding',
      });
    }
    // As a browser does it.
    expect(await (await fetch(`${url}assets/packed.js`)).text()).toBe(SCRIPT);
  });

  test('the headers alone are those of the same answer', async () => {
    const { port } = await start();
    const ask = (/** @type {string} */ accepted) =>
      answerTo(port, '/assets/packed.js', accepted, 'HEAD');
    const { headers, body } = await ask('Accept-Encoding: br');
    expect(body).toBe('');
    expect(headers).toMatchObject({
      'content-encoding': 'br',
      'content-length': String(packed.length),
    });
    const plain = await ask('Accept-Encoding: identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.headers['content-length']).toBe(String(SCRIPT.length));
  });

  test('are left alone if they are missing, older than the file, or lead elsewhere', async () => {
    const { port } = await start();
    for (const name of ['assets/plain.js', 'assets/stale.js', 'leads-out.js', 'folder.js']) {
      const { status, headers, body } = await answerTo(port, `/${name}`, 'Accept-Encoding: br');
      expect(status, name).toBe(200);
      expect(headers['content-encoding'], name).toBeUndefined();
      expect(body, name).toBe(SCRIPT);
    }
  });

  test('are no files of the page', async () => {
    const { port } = await start();
    for (const name of [
      ...['assets/packed.js.br', 'assets/alone.js.br', 'assets/alone.js', '.hidden.js'],
      ...['.hidden.js.br', 'link-to-compressed.js', 'leads-out.js.br', 'folder.js.br'],
    ]) {
      expect((await answerTo(port, `/${name}`, 'Accept-Encoding: br')).status, name).toBe(404);
    }
  });
});

test('it answers to its own names, to those that are allowed, and to pages of its own', async () => {
  const { port } = await start({ allowedHosts: ['pc.example'] });
  expect(await statusOf(port, '/', 'pc.example')).toBe(200);
  expect(await statusOf(port, '/', `localhost:${port}`)).toBe(200);
  expect(await statusOf(port, '/', `evil.example:${port}`)).toBe(421);
  expect(await statusOf(port, `http://pc.example:${port}/empty.txt`, 'evil.example')).toBe(200);
  for (const [origin, status] of [
    [`http://localhost:${port}`, 200],
    ['https://pc.example', 200],
    [`http://evil.example:${port}`, 403],
    ['http://localhost:3000', 403],
    ['null', 403],
  ]) {
    const request = `GET / HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${origin}\r\nConnection: close\r\n\r\n`;
    expect(Number((await ask(port, request)).slice(9, 12)), String(origin)).toBe(status);
  }
});

describe('what it survives', () => {
  /**
   * Waits until the server has as many descriptors as before, because it has closed everything.
   * @param {number} pid
   * @param {number | undefined} before
   */
  async function sameAs(pid, before) {
    if (before === undefined) return;
    await vi.waitFor(() => expect(descriptors(pid)).toBeLessThanOrEqual(before), {
      timeout: 20_000,
      interval: 20,
    });
  }

  test(`${ATTACKS} hostile requests: each is answered, and none gets what is outside the folder`, async () => {
    const { port, pid, printed } = await start();
    expect(await statusOf(port)).toBe(200);
    const before = descriptors(pid);
    const all = attacks(port);
    expect(all).toHaveLength(ATTACKS);
    expect(new Set(all.map(({ name }) => name)).size).toBe(ATTACKS);
    for (const { name, bytes, statuses } of all) {
      const answer = await ask(port, bytes);
      expect(answer, name).not.toContain(SECRET);
      expect(answer, name).not.toContain('root:');
      const status = Number(/^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? 0);
      if (statuses) expect(statuses, name).toContain(status);
    }
    expect(await statusOf(port)).toBe(200);
    await sameAs(pid, before);
    expect(printed()).not.toContain('error');
  }, 60_000);

  test('500 downloads that are given up', async () => {
    const { port, pid } = await start();
    expect(await statusOf(port)).toBe(200);
    const before = descriptors(pid);
    for (let round = 0; round < 50; round += 1) {
      const some = Array.from({ length: 10 }, (_, at) => giveUp(port, '/large.wasm', at * 50_000));
      await Promise.all(some);
    }
    expect(await statusOf(port)).toBe(200);
    await sameAs(pid, before);
    // The file is there once, not once for each of them.
    expect(peakMemory(pid) ?? 0).toBeLessThan(4 * LARGE);
  }, 60_000);

  test('clients that are slow to ask, and slow to take', async () => {
    const { port, pid } = await start({ args: ['--patience=300ms'] });
    expect(await statusOf(port)).toBe(200);
    const before = descriptors(pid);
    const closed = (/** @type {string} */ text) =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.pause();
        socket.on('error', () => undefined);
        // A paused socket does not hear that it was closed.
        const timer = setInterval(() => socket.write('X'), 50);
        socket.on('close', () => {
          clearInterval(timer);
          resolve(undefined);
        });
      });
    await Promise.all([
      closed(''),
      closed('GET / HT'),
      closed('GET / HTTP/1.1\r\nHost: x\r\nX: '),
      closed(`POST / HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 1000000\r\n\r\n`),
    ]);
    // One that takes nothing of what it has asked for.
    const silent = connect(port, '127.0.0.1', () => {
      silent.write(`GET /large.wasm HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
    });
    silent.on('error', () => undefined);
    await new Promise((begun) => silent.once('data', () => begun(silent.pause())));
    // The server gives up the connection; this side has its socket yet.
    await sameAs(pid, before);
    silent.destroy();
    expect(await statusOf(port)).toBe(200);
  }, 60_000);

  test('many connections: there is room for one more', async () => {
    const { port } = await start();
    const sockets = Array.from({ length: 600 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('connect', done))));
    expect(await statusOf(port)).toBe(200);
    // Many files at once, too, and many requests behind each other on one connection.
    const request = `GET /index.html HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask(port, request.repeat(100))),
    );
    for (const answer of answers) expect(answer.split('HTTP/1.1 200 OK')).toHaveLength(101);
    for (const socket of sockets) socket.destroy();
  }, 60_000);

  test('connections that are all busy: the oldest makes room for one more', async () => {
    const { port, pid } = await start();
    const busy = await Promise.all(
      Array.from({ length: 256 }, async () => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(`GET /large.wasm HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
        });
        socket.on('error', () => undefined);
        // The answer has begun, and is not taken any further.
        await new Promise((begun) => socket.once('data', () => begun(socket.pause())));
        return socket;
      }),
    );
    expect(await statusOf(port)).toBe(200);
    expect(peakMemory(pid) ?? 0).toBeLessThan(4 * LARGE);
    for (const socket of busy) socket.destroy();
  }, 60_000);

  test.skipIf(process.platform === 'win32')('connections that could not be accepted', async () => {
    const few = /** @type {const} */ (['sh', '-c', 'ulimit -n 32 && exec "$0" "$@"']);
    const { port } = await start({ within: few });
    const sockets = Array.from({ length: 64 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => undefined);
    await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('connect', done))));
    for (const socket of sockets) socket.destroy();
    expect(await statusOf(port)).toBe(200);
  });

  test('a file that changes, or goes, while it is served', async () => {
    const path = join(folder, 'shrinks.wasm');
    writeFileSync(path, 'as it was');
    const { url } = await start();
    writeFileSync(path, '');
    expect(await (await fetch(`${url}shrinks.wasm`)).text()).toBe('as it was');
    rmSync(path);
    expect(await (await fetch(`${url}shrinks.wasm`)).text()).toBe('as it was');
  });
});
