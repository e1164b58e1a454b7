import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_CONFIG } from './engine/generated/defaults';
import type { FromWorker, Request, ToWorker } from './engine/protocol';
import { servedEngine } from './engine/served';
import type { Session } from './session.svelte';

type ReadHead = Extract<Request, { name: 'read-head' }>;

/** A fake of the engine's worker, which answers on request of the test. */
class FakeWorker extends EventTarget {
  static headReads: { request: ReadHead; worker: FakeWorker }[] = [];
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
      this.say({ type: 'started', engine: { ...engine, defaults: DEFAULT_CONFIG } });
    }
    if (message.type === 'ping') this.say({ type: 'pong' });
    if (message.type !== 'request') return;
    if (message.name === 'read-head') FakeWorker.headReads.push({ request: message, worker: this });
  }

  terminate(): void {
    // It doesn't send anything else by itself.
  }
}

/** Returns the unanswered requests for file heads, with the name of the file and the encoding. */
const waiting = () =>
  FakeWorker.headReads.map(
    ({ request: { request } }) => `${request.file.name} ${request.reading.encoding}`,
  );

/** Answers the oldest request: it is a table with this header, in which all fields are guessed. */
async function answer(at = 0, header = ['a', 'b']): Promise<void> {
  const [found] = FakeWorker.headReads.splice(at, 1);
  if (!found) throw new Error('nothing is waiting');
  const { id } = found.request;
  const bytes = new TextEncoder().encode(`${header.join(',')}\n`);
  const guess = [
    { field: 'value' as const, origin: 'b', by_values: true },
    { field: 'unit' as const, origin: "'u'", by_values: false },
  ];
  const table = { header, delimiter: ',', decimal_commas: [], guess };
  const answer = { bytes, whole: true, problem: null, mayBeEncoded: false, records: [], table };
  found.worker.say({ type: 'answer', id, answer });
  await settle();
}

/** Ends the engine that is reading. */
async function trap(): Promise<void> {
  const [found] = FakeWorker.headReads;
  FakeWorker.headReads = [];
  found?.worker.say({ type: 'broken', message: 'It trapped.', details: null });
  await settle();
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

const file = (name: string) => new File(['a,b\n1,2\n'], name);

let session: Session;

beforeEach(async () => {
  FakeWorker.headReads = [];
  FakeWorker.count = 0;
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('navigator', { hardwareConcurrency: 2, storage: {} });
  vi.stubGlobal('document', { baseURI: 'http://localhost/', hidden: false });
  vi.stubGlobal('matchMedia', () => ({ matches: false }));
  const { Session } = await import('./session.svelte');
  session = new Session(servedEngine());
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
  expect(session.start?.table?.header).toEqual(['a', 'b']);
});

test('the guessed mapping is taken, and one of the user is kept', async () => {
  await chosen('a.csv');
  expect(session.settings.mapping).toBe("value=b\nunit='u'");
  expect(session.guessedByValues).toEqual(['value']);
  session.settings.mapping = 'value=a';
  session.settings.delimiter = ';';
  const inspection = session.inspectFiles();
  await settle();
  await answer(0, ['c']);
  await inspection;
  expect(session.settings.mapping).toBe('value=a');
});

test('files are looked at again only if they are read in another way', async () => {
  const choosing = session.choose([file('a.csv'), file('b.csv')]);
  await settle();
  await answer();
  await answer(0, ['c', 'd']);
  await choosing;
  await session.inspectFiles();
  const [first] = session.files;
  if (first) await session.remove(first);
  expect(waiting()).toEqual([]);
  expect(session.start?.table?.header).toEqual(['c', 'd']);
  session.settings.delimiter = ';';
  const again = session.inspectFiles();
  await settle();
  expect(FakeWorker.headReads.map(({ request }) => request.request.reading)).toEqual([
    { format: 'auto', encoding: 'auto', delimiter: ';' },
  ]);
  await answer();
  await again;
  session.settings.encoding = 'utf-8';
  const inspection = session.inspectFiles();
  await settle();
  expect(waiting()).toEqual(['b.csv utf-8']);
  await answer();
  await inspection;
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
  const first = session.inspectFiles();
  session.settings.encoding = 'utf-8';
  const second = session.inspectFiles();
  await settle();
  expect(waiting()).toEqual(['a.csv windows-1252', 'a.csv utf-8']);
  await answer(1, ['right']);
  await answer(0, ['wrong']);
  await Promise.all([first, second]);
  expect(session.start?.table?.header).toEqual(['right']);
});

test('that files are being looked at is said if it takes a while', async () => {
  const choosing = session.choose([file('a.csv'), file('b.csv')]);
  await settle();
  expect(session.inspecting).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 350));
  expect(session.inspecting).toBe('Looking at the files…');
  await answer();
  await answer();
  await choosing;
  expect(session.inspecting).toBeNull();
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

  // In another encoding, both together: one ends the engine of the other.
  session.settings.encoding = 'utf-8';
  const inspection = session.inspectFiles();
  await settle();
  expect(waiting()).toEqual(['bad.csv utf-8', 'good.csv utf-8']);
  await trap();
  expect(waiting()).toEqual(['good.csv utf-8']);
  await answer();
  await inspection;
  expect(session.starts.map((start) => start !== null)).toEqual([false, true]);
  expect(FakeWorker.count).toBe(4);
});

test('the problems of a check are known with its answer, even if another one has begun since', async () => {
  const answers: ((problems: never[]) => void)[] = [];
  vi.spyOn(session.engine, 'check').mockImplementation(
    () => new Promise((resolve) => answers.push(resolve)),
  );
  session.settings.records = 1.5;
  const first = session.check();
  const second = session.check();
  answers[0]?.([]);
  expect(await first).toHaveLength(1);
  expect(session.problems.map(({ path }) => path)).toEqual(['records']);
  // An old answer doesn't count any more after a newer one.
  session.settings.records = 2;
  const third = session.check();
  answers[2]?.([]);
  expect(await third).toEqual([]);
  answers[1]?.([]);
  await second;
  expect(session.problems).toEqual([]);
});
