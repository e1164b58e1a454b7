import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FromWorker, ToWorker } from './engine/protocol';
import type { Session } from './session.svelte';

type Look = Extract<ToWorker, { type: 'look' }>;

/** An engine's worker that answers when a test wants. */
class FakeWorker extends EventTarget {
  static looks: { look: Look; worker: FakeWorker }[] = [];
  static count = 0;

  constructor() {
    super();
    FakeWorker.count += 1;
    this.say({ type: 'loaded' });
  }

  say(message: FromWorker): void {
    void Promise.resolve().then(() =>
      this.dispatchEvent(new MessageEvent('message', { data: message })),
    );
  }

  postMessage(message: ToWorker): void {
    if (message.type === 'start') {
      const engine = { kind: 'threads' as const, version: '0', threads: message.threads };
      this.say({ type: 'started', engine: { ...engine, defaults: {} as never } });
    }
    if (message.type === 'ping') this.say({ type: 'pong' });
    if (message.type === 'look') FakeWorker.looks.push({ look: message, worker: this });
  }

  terminate(): void {
    // It says nothing more by itself.
  }
}

/** The looks that were asked for and not answered, each with its file's name. */
const waiting = () =>
  FakeWorker.looks.map(({ look }) => `${(look.file as File).name} ${look.encoding}`);

/** Answers the look that has waited for so long. */
async function answer(at = 0, text = 'a,b\n1,2\n'): Promise<void> {
  const [found] = FakeWorker.looks.splice(at, 1);
  if (!found) throw new Error('nothing is waiting');
  const bytes = new TextEncoder().encode(text);
  const { id } = found.look;
  found.worker.say({ type: 'looked', id, bytes, whole: true, problem: null, mayBeEncoded: false });
  await settle();
}

/** Ends the engine that looks. */
async function trap(): Promise<void> {
  const [found] = FakeWorker.looks;
  FakeWorker.looks = [];
  found?.worker.say({ type: 'broken', message: 'It trapped.', details: null });
  await settle();
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

const file = (name: string) => new File(['a,b\n1,2\n'], name);

let session: Session;

beforeEach(async () => {
  FakeWorker.looks = [];
  FakeWorker.count = 0;
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('navigator', { hardwareConcurrency: 2, storage: {} });
  vi.stubGlobal('document', { baseURI: 'http://localhost/', hidden: false });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  const { Session } = await import('./session.svelte');
  session = new Session();
  await settle();
});

afterEach(() => {
  session.engine.close();
  vi.unstubAllGlobals();
});

async function chosen(name: string): Promise<void> {
  const choosing = session.choose([file(name)]);
  await settle();
  await answer();
  await choosing;
}

test('a file that is chosen is looked at once', async () => {
  await chosen('a.csv');
  expect(waiting()).toEqual([]);
  expect(session.start?.table?.rows).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});

test('files are looked at again only in another encoding', async () => {
  const choosing = session.choose([file('a.csv'), file('b.csv')]);
  await settle();
  await answer();
  await answer(0, 'c;d\n');
  await choosing;
  session.settings.delimiter = ';';
  await session.look();
  const [first] = session.files;
  if (first) await session.remove(first);
  expect(waiting()).toEqual([]);
  expect(session.start?.table?.rows).toEqual([['c', 'd']]);
  session.settings.encoding = 'utf-8';
  const look = session.look();
  await settle();
  expect(waiting()).toEqual(['b.csv utf-8']);
  await answer();
  await look;
});

test('the encoding of one file is not that of the next, unless a link brought it', async () => {
  session.settings.source = 'file';
  session.settings.encoding = 'windows-1252';
  await chosen('a.csv');
  expect(session.settings.encoding).toBe('windows-1252');
  const choosing = session.choose([file('b.csv')]);
  await settle();
  expect(waiting()).toEqual(['b.csv auto']);
  await answer();
  await choosing;
  expect(session.settings.encoding).toBe('auto');
});

test('the last of several choices counts, and a preset ends one', async () => {
  const first = session.choose([file('a.csv')]);
  const second = session.choose([file('b.csv')]);
  await settle();
  expect(waiting()).toEqual(['a.csv auto', 'b.csv auto']);
  await answer(1);
  await answer(0);
  await Promise.all([first, second]);
  expect(session.files.map(({ name }) => name)).toEqual(['b.csv']);

  const third = session.choose([file('c.csv')]);
  await settle();
  const { settings } = session;
  await session.beginWith({ ...settings, source: 'generator' });
  await answer();
  await third;
  expect(session.files.map(({ name }) => name)).toEqual(['b.csv']);
  expect(session.settings.source).toBe('generator');
});

test('the last change of the encoding counts', async () => {
  await chosen('a.csv');
  session.settings.encoding = 'windows-1252';
  const first = session.look();
  session.settings.encoding = 'utf-8';
  const second = session.look();
  await settle();
  expect(waiting()).toEqual(['a.csv windows-1252', 'a.csv utf-8']);
  await answer(1, 'right\n');
  await answer(0, 'wrong\n');
  await Promise.all([first, second]);
  expect(session.start?.table?.rows).toEqual([['right']]);
});

test('that files are being looked at is said if it takes a while', async () => {
  const choosing = session.choose([file('a.csv'), file('b.csv')]);
  await settle();
  expect(session.looking).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 350));
  expect(session.looking).toBe('Looking at the files…');
  await answer();
  await answer();
  await choosing;
  expect(session.looking).toBeNull();
});

test('a file that ends the engine is looked at once more, and others are looked at all the same', async () => {
  const choosing = session.choose([file('bad.csv'), file('good.csv')]);
  await settle();
  await trap();
  expect(waiting()).toEqual(['bad.csv auto']);
  await trap();
  expect(waiting()).toEqual(['good.csv auto']);
  await answer();
  await choosing;
  expect(FakeWorker.count).toBe(3);
  expect(session.starts.map((start) => start !== null)).toEqual([false, true]);

  // In another encoding both at once: one ends the engine of the other.
  session.settings.encoding = 'utf-8';
  const look = session.look();
  await settle();
  expect(waiting()).toEqual(['bad.csv utf-8', 'good.csv utf-8']);
  await trap();
  expect(waiting()).toEqual(['good.csv utf-8']);
  await answer();
  await look;
  expect(session.starts.map((start) => start !== null)).toEqual([false, true]);
  expect(FakeWorker.count).toBe(4);
});
