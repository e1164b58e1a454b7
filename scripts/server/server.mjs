// The server of the built page. It answers or closes every connection, whatever it receives, and
// keeps nothing open afterwards.

import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { distDir } from '../lib/paths.mjs';
import { acceptsBrotli } from './encodings.mjs';
import { codeOf, find } from './files.mjs';
import { ISOLATION, PROTECTION } from './headers.mjs';
import { inUrl, isOurs, wantedBy } from './names.mjs';

/**
 * Above this number, the oldest connection that isn't waiting for an answer is closed: a browser
 * keeps half a dozen.
 */
const MAX_CONNECTIONS = 256;

/** Milliseconds after which a client is dropped that sends or receives nothing. */
const PATIENCE = 20_000;

/** The maximum duration of an answer in milliseconds, however steadily the client receives it. */
const MAX_ANSWER = 10 * 60_000;

/**
 * @typedef {object} ServeOptions
 * @property {string} [host]
 * @property {number} [port] 0 for any that is free
 * @property {boolean} [isolated] with the headers that threads need
 * @property {readonly string[]} [allowedHosts] the names that it answers to, besides its address
 * @property {string} [folder] the folder to serve
 * @property {number} [patience] with slow clients, in milliseconds
 */

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {string} text
 * @property {Record<string, string>} [headers]
 */

/** The page as one file: it is there to be kept, since the policy of a served page forbids what is inline. */
const DOWNLOAD = '/clearpipe.html';

/** @type {Record<string, Answer>} */
const REFUSALS = {
  unclear: { status: 400, text: 'Bad request: it must name one host and a path.' },
  missing: { status: 404, text: 'Not found.' },
  method: { status: 405, text: 'Method not allowed.', headers: { Allow: 'GET, HEAD' } },
  host: {
    status: 421,
    text: 'This server does not answer to that name. Start it with --allow-host NAME to allow it.',
  },
  busy: { status: 503, text: 'Busy: try again.', headers: { 'Retry-After': '1' } },
  broken: { status: 500, text: 'The file could not be read.' },
};

/**
 * Starts the server. Rejects if the port is taken.
 * @param {ServeOptions} options
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export function serve({
  host = '127.0.0.1',
  port = 0,
  isolated = true,
  allowedHosts = [],
  folder = distDir,
  patience = PATIENCE,
}) {
  const bound = { host, port };
  const headers = { ...(isolated && ISOLATION), ...PROTECTION, 'Cache-Control': 'no-cache' };
  const connections = new Connections();

  const server = createServer(
    {
      headersTimeout: patience,
      requestTimeout: patience,
      connectionsCheckingInterval: Math.min(1000, patience / 2),
      // Checked below, so that the answer includes the reason.
      requireHostHeader: false,
    },
    (request, response) => {
      void connections.inTurn(request.socket, response, () => answer(request, response));
    },
  );
  server.timeout = patience;
  // A client that has finished sending still expects its answer. Node only documents this in its
  // source.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket) => connections.add(socket));
  // Without this, a request for a tunnel would get no answer.
  server.on('connect', (_, socket) => {
    socket.on('error', () => undefined);
    const answer =
      'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n';
    socket.end(answer, () => socket.destroy());
  });

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function answer(request, response) {
    // The body of a request isn't read, so no other request can follow it.
    const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
    if (length !== '0' || encoding !== undefined) response.setHeader('Connection', 'close');

    const wanted = wantedBy(request.url, request.headersDistinct.host);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(REFUSALS.method);
    if (!wanted) return refuse(REFUSALS.unclear);
    if (!isOurs(wanted.host, bound, allowedHosts)) return refuse(REFUSALS.host);

    let found;
    try {
      const brotli = acceptsBrotli(request.headers['accept-encoding']);
      found = await find(folder, wanted.path, brotli);
    } catch (error) {
      const isBusy = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'].includes(codeOf(error));
      return refuse(isBusy ? REFUSALS.busy : REFUSALS.broken);
    }
    if (!found) return refuse(REFUSALS.missing);

    const { handle, size, type } = found;
    try {
      response.writeHead(200, {
        ...headers,
        'Content-Type': type,
        'Content-Length': size,
        ...(found.encoding && { 'Content-Encoding': found.encoding }),
        ...(wanted.path === DOWNLOAD && { 'Content-Disposition': 'attachment' }),
        // A cache must not give one client what another one has accepted.
        Vary: 'Accept-Encoding',
      });
      if (request.method === 'HEAD' || size === 0) return response.end();
      const file = handle.createReadStream({ end: size - 1 });
      await pipeline(file, response, { end: false });
      // If the file has become shorter, the promised length can't be delivered.
      if (file.bytesRead === size) response.end();
      else response.destroy();
    } finally {
      await handle.close();
    }

    /** @param {Answer} refusal */
    function refuse({ status, text, headers: more }) {
      response.writeHead(status, {
        ...headers,
        ...more,
        'Content-Type': 'text/plain; charset=utf-8',
      });
      response.end(`${text}\n`);
    }
  }

  return new Promise((resolve, reject) => {
    // While it is listening, an error is about a connection that could not be accepted, and not a
    // reason to stop.
    server.on('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('not a TCP server');
      bound.port = address.port;
      resolve({
        url: `http://${inUrl(host)}:${address.port}/`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
            connections.close();
          }),
      });
    });
  });
}

/**
 * A connection: when it is closed, and its unanswered requests.
 * @typedef {object} Line
 * @property {Promise<unknown>} closed
 * @property {Promise<unknown>} last the answer to the last request
 * @property {number} waiting the number of unanswered requests
 */

/** All connections, the oldest first. */
class Connections {
  /** @type {Map<import('node:net').Socket, Line>} */
  #lines = new Map();

  /** @param {import('node:net').Socket} socket */
  add(socket) {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    this.#lines.set(socket, { closed, last: Promise.resolve(), waiting: 0 });
    void closed.then(() => this.#lines.delete(socket));
    if (this.#lines.size > MAX_CONNECTIONS) {
      // The new connection, which comes last, is only idle because it has not sent a request yet.
      const all = [...this.#lines].slice(0, -1);
      const [oldest] = all.find(([, { waiting }]) => waiting === 0) ?? all[0];
      oldest.destroy();
      this.#lines.delete(oldest);
    }
  }

  /**
   * Answers a request after the earlier ones on its connection: however many are sent together,
   * only one file is open.
   * @param {import('node:net').Socket} socket
   * @param {import('node:http').ServerResponse} response
   * @param {() => Promise<unknown>} answer
   */
  async inTurn(socket, response, answer) {
    const line = this.#lines.get(socket);
    if (!line) return;
    const isOver = new Promise((resolve) => response.once('close', resolve));
    const before = line.last;
    line.waiting += 1;
    line.last = before.then(async () => {
      if (socket.destroyed) return;
      const limit = setTimeout(() => socket.destroy(), MAX_ANSWER);
      try {
        await answer();
        await Promise.race([isOver, line.closed]);
      } catch {
        // The client or the file is gone, so there is no way to report the error.
        socket.destroy();
      } finally {
        clearTimeout(limit);
        line.waiting -= 1;
      }
    });
    await line.last;
  }

  close() {
    for (const socket of this.#lines.keys()) socket.destroy();
  }
}
