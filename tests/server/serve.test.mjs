// `clearpipe serve` as a command: what it prints, for whom it can be reached, and how it ends.

import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { get } from 'node:https';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCommand, command } from '../../scripts/lib/command.mjs';
import { startedServers } from './started.mjs';

// Where it has not been built before, that takes minutes.
beforeAll(buildCommand, 20 * 60_000);

/** @type {string} */
let folder;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearpipe-serve-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const start = startedServers(() => folder);

/**
 * Runs `clearpipe serve` where it fails.
 * @param {string[]} args
 * @returns {Promise<{ status: unknown, out: string, err: string }>}
 */
function refused(...args) {
  return new Promise((resolve) => {
    execFile(command, ['serve', ...args], { timeout: 60_000 }, (error, out, err) =>
      resolve({ status: error?.code ?? 0, out, err }),
    );
  });
}

describe('how it ends', () => {
  test
    .skipIf(process.platform === 'win32')
    .each(/** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))(
    '%s stops it, with success, whatever is open',
    async (signal) => {
      const { port, pid, printed, close } = await start();
      const socket = connect(port, '127.0.0.1', () => socket.write('GET / HT'));
      socket.on('error', () => undefined);
      await new Promise((connected) => socket.once('connect', connected));
      process.kill(pid, signal);
      await new Promise((closed) => socket.once('close', closed));
      expect(await close()).toBe(0);
      expect(printed()).not.toContain('error');
    },
  );

  test('a port that is taken is named', async () => {
    const other = createServer();
    await new Promise((listening) => other.listen(0, '127.0.0.1', () => listening(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
    const { status, out, err } = await refused(`--folder=${folder}`, `--port=${port}`);
    other.close();
    expect(status).toBe(1);
    expect(out).toBe('');
    expect(err).toBe(
      `error: port ${port} on 127.0.0.1 is taken: choose another one with --port, or 0 for any free one\n`,
    );
  });

  test('a host that is none of this machine', async () => {
    const { status, err } = await refused(`--folder=${folder}`, '--port=0', '--host=192.0.2.77');
    expect(status).toBe(1);
    expect(err).toMatch(/^error: cannot listen on port 0 of 192\.0\.2\.77: .+\n$/);
  });

  test('a folder without a page, and a port that is none', async () => {
    mkdirSync(join(folder, 'empty'));
    const { status, err } = await refused(`--folder=${join(folder, 'empty')}`);
    expect(status).toBe(2);
    expect(err).toMatch(/^error: cannot serve .*empty: the folder has no `index\.html`\n$/);
    expect((await refused(`--folder=${join(folder, 'missing')}`)).status).toBe(2);
    expect((await refused('--port=65536')).status).toBe(2);
    for (const patience of ['0', '1e300h', '-1s']) {
      expect((await refused(`--folder=${folder}`, `--patience=${patience}`)).status).toBe(2);
    }
  });
});

describe('what it prints', () => {
  test('its address, and how to stop it', async () => {
    const { port, printed } = await start();
    expect(printed()).toBe(`Clearpipe is open at  http://127.0.0.1:${port}/\n(Ctrl-C stops it)\n`);
  });

  test('without a port, the first one that is free from 4180 on', async () => {
    const servers = [
      await start({ args: ['--color=never'], port: null }),
      await start({ port: null }),
    ];
    expect(new Set(servers.map(({ port }) => port)).size).toBe(2);
    for (const { port, url } of servers) {
      expect(port).toBeGreaterThanOrEqual(4180);
      expect((await fetch(url)).status).toBe(200);
    }
  });
});

test.runIf(process.platform === 'linux')(
  'a browser opens the page, if that is asked for',
  async () => {
    const opener = join(folder, 'bin', 'xdg-open');
    const opened = join(folder, 'opened.txt');
    mkdirSync(join(folder, 'bin'));
    writeFileSync(
      opener,
      `#!/bin/sh\necho "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`,
    );
    chmodSync(opener, 0o755);
    const within = /** @type {const} */ ([
      'env',
      `PATH=${join(folder, 'bin')}:${process.env.PATH}`,
    ]);
    await start({ within });
    const { url } = await start({ within, args: ['--open'] });
    await expect.poll(() => existsSync(opened)).toBe(true);
    expect(readFileSync(opened, 'utf8')).toBe(`${url}\n`);
  },
);

describe('https', () => {
  /**
   * The certificate that a server shows.
   * @param {number} port
   * @returns {Promise<import('node:tls').PeerCertificate>}
   */
  function certificateOf(port) {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  /**
   * @param {string} url
   * @param {string} ca
   * @returns {Promise<{ status: number | undefined, headers: import('node:http').IncomingHttpHeaders, body: string }>}
   */
  function ask(url, ca) {
    return new Promise((resolve, reject) => {
      get(url, { ca, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => (body += text));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body }),
        );
      }).on('error', reject);
    });
  }

  test('its certificate has the fingerprint that it prints, and all its names', async () => {
    const { url, port, printed } = await start({ args: ['--tls'], allowedHosts: ['pc.example'] });
    expect(url).toBe(`https://127.0.0.1:${port}/`);
    const certificate = await certificateOf(port);
    expect(printed()).toContain(`\n${certificate.fingerprint256}\n`);
    expect(certificate.subjectaltname).toContain('DNS:localhost');
    expect(certificate.subjectaltname).toContain('DNS:pc.example');
    expect(new Date(certificate.valid_from).getTime()).toBeLessThan(Date.now());
    const days = (new Date(certificate.valid_to).getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(80);
    expect(days).toBeLessThan(100);

    // Whoever trusts it has nothing to complain about.
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
    for (const name of ['127.0.0.1', 'localhost']) {
      const { status, headers, body } = await ask(`https://${name}:${port}/`, pem);
      expect([status, body]).toEqual([200, '<!doctype html>\n']);
      expect(headers['cross-origin-opener-policy']).toBe('same-origin');
    }
  });

  test('each start has a certificate of its own', async () => {
    const servers = [await start({ args: ['--tls'] }), await start({ args: ['--tls'] })];
    const [one, other] = await Promise.all(servers.map(({ port }) => certificateOf(port)));
    expect(one?.fingerprint256).not.toBe(other?.fingerprint256);
  });

  test('who speaks no TLS, or nothing, is not answered, and nobody waits for them', async () => {
    const { port, url } = await start({ args: ['--tls', '--patience=300ms'] });
    for (const text of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '']) {
      const answer = await new Promise((resolve) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.setEncoding('latin1').on('data', (text) => (answer += text));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(answer));
      });
      expect(answer).not.toContain('HTTP/1.1');
    }
    const certificate = await certificateOf(port);
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.raw.toString('base64')}\n-----END CERTIFICATE-----\n`;
    expect((await ask(url, pem)).status).toBe(200);
  });
});

describe('for a room', () => {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(
      ({ family, internal, address }) =>
        family === 'IPv4' && !internal && !/^169\.254/.test(address),
    )
    .map(({ address }) => address);

  test.runIf(addresses.length > 0)('its address in the network, also as a QR code', async () => {
    const { port, printed } = await start({ args: ['--room'] });
    const urls = [...printed().matchAll(/In this network: +(\S+)/g)].map(([, url]) => url);
    expect(urls.toSorted()).toEqual(
      addresses.map((address) => `http://${address}:${port}/`).toSorted(),
    );
    for (const url of urls) expect((await fetch(String(url))).status).toBe(200);
    // What the code means is tested in crates/server/src/qr.rs.
    const code = printed()
      .split('\n')
      .filter((line) => /^[█▀▄ ]{25,}$/.test(line));
    expect(code.length).toBeGreaterThan(12);
    expect(code.every((line) => line.length === code[0]?.length)).toBe(true);
    expect(printed()).toContain('one thread');
    expect(printed()).not.toContain('\u001b');
  });

  test.runIf(addresses.length > 0)('with https, nobody is told of one thread', async () => {
    const { port, printed } = await start({ args: ['--room', '--tls'] });
    for (const address of addresses) expect(printed()).toContain(`https://${address}:${port}/`);
    expect(printed()).not.toContain('one thread');
  });

  test('an address that only this machine can reach is none', async () => {
    const { status, err } = await refused(
      `--folder=${folder}`,
      '--port=0',
      '--room',
      '--host=127.0.0.1',
    );
    expect(status).toBe(1);
    expect(err).toMatch(
      /^error: this machine has no address that other devices could reach: .*\n$/,
    );
  });
});
