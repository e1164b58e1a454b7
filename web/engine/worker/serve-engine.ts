// Answers the page from the engine's worker. It keeps the event loop there free; the pool does the work.

import type { EngineKind } from '../engine-kind';
import { engineFailureOf, isEngineError, rawText } from '../engine-failure';
import { Job } from './job';
import { Logs } from './logs';
import type { EngineModule, LoadedEngine } from './module';
import { problemsIn } from './check';
import { Schedules } from './schedule';
import { makeTrace } from './trace';
import { simulate } from './simulate';
import { problemsOf, toProblem } from '../problems';
import type { EngineSource } from '../host';
import type { PartialConfig } from '../partial';
import type { FileHead, FromWorker, RequestName, Requests, ToWorker } from '../protocol';

function send(message: FromWorker): void {
  // Transfer copies of events: the worker doesn't need them.
  const words =
    message.type === 'events' ? message.words : message.type === 'answer' && message.answer;
  self.postMessage(message, words instanceof BigUint64Array ? { transfer: [words.buffer] } : {});
}

/** Loads the engine: the build that is wanted, or else the best one. */
export type LoadEngine = (source: EngineSource, kind: EngineKind | null) => Promise<LoadedEngine>;

let engine: Promise<LoadedEngine> | undefined;
let job: Job | undefined;

async function start(loading: Promise<LoadedEngine>, wanted: number): Promise<LoadedEngine> {
  const loaded = await loading;
  const { kind, module } = loaded;
  const threads = module.initThreadPool ? wanted : 1;
  // One more than for the stages: it serves their timers.
  await module.initThreadPool?.(threads + 1);
  const defaults = module.defaultConfig();
  send({ type: 'started', engine: { kind, version: module.version(), threads, defaults } });
  return loaded;
}

async function run(request: Extract<ToWorker, { type: 'run' }>): Promise<void> {
  const current = new Job(request, send);
  job = current;
  try {
    const loaded = await engine;
    // Otherwise the page already knows that there is no engine.
    if (loaded) send({ type: 'finished', ...(await current.run(loaded)) });
  } catch (error) {
    send({ type: 'failed', ...current.failureOf(error) });
  } finally {
    job = undefined;
  }
}

async function measureLoop(config: PartialConfig): Promise<void> {
  try {
    const loaded = await engine;
    if (loaded) send({ type: 'loop-measured', seconds: loaded.module.measureLoop(config) });
  } catch (error) {
    if (isEngineError(error)) send({ type: 'broken', ...engineFailureOf(error) });
    else
      send({
        type: 'loop-failed',
        message:
          problemsOf(error)
            ?.map(({ path, text }) => `${path} ${text}`.trim())
            .join('; ') ?? rawText(error),
      });
  }
}

/** How much of a file to read if less yields nothing: more than the largest block of bzip2. */
const MAX_HEAD = 2 ** 20;

function readHead(
  module: EngineModule,
  { file, most, reading }: Requests['read-head']['request'],
): Promise<FileHead> {
  const first = async (length: number): Promise<FileHead> => {
    const start = new Uint8Array(await file.slice(0, length).arrayBuffer());
    const { format, encoding, delimiter } = reading;
    const isWhole = start.length === file.size;
    const found = new module.FileStart(
      ...([start, isWhole, most, file.name, format, encoding, delimiter] as const),
    );
    const { bytes, whole, mayBeEncoded, contents } = found;
    found.free();
    const { problem } = contents;
    return { bytes, whole, mayBeEncoded, ...contents, problem: problem && toProblem(problem) };
  };
  return first(most).then((found) =>
    found.bytes.length === 0 && !found.whole ? first(MAX_HEAD) : found,
  );
}

const logs = new Logs();
const schedules = new Schedules();

/** Answers each kind of request. */
const ANSWERS: {
  [Name in RequestName]: (
    module: EngineModule,
    request: Requests[Name]['request'],
    signal: AbortSignal,
  ) => Requests[Name]['answer'] | Promise<Requests[Name]['answer']>;
} = {
  check: problemsIn,
  'read-head': readHead,
  simulate,
  schedule: (module, request) => schedules.at(module, request),
  trace: makeTrace,
  'open-log': (module, file) => logs.open(module, file),
  'next-events': (_, log) => logs.next(log),
  'close-log': (_, log) => logs.close(log),
};

/** The requests that are being answered, by number. */
const answering = new Map<number, AbortController>();

async function answer<Name extends RequestName>(
  id: number,
  name: Name,
  request: Requests[Name]['request'],
): Promise<void> {
  const controller = new AbortController();
  answering.set(id, controller);
  const { signal } = controller;
  try {
    const module = (await engine)?.module;
    // Otherwise the page already knows that there is no engine.
    if (module) send({ type: 'answer', id, answer: await ANSWERS[name](module, request, signal) });
  } catch (error) {
    // After a trap, an engine can't be used for anything else.
    if (isEngineError(error)) send({ type: 'broken', ...engineFailureOf(error) });
    else send({ type: 'refusal', id, message: rawText(error) });
  } finally {
    answering.delete(id);
  }
}

function receive(data: ToWorker, load: LoadEngine): void {
  switch (data.type) {
    case 'start':
      engine = start(load(data.source, data.kind), data.threads);
      engine.catch((error: unknown) => {
        send({ type: 'not-started', message: rawText(error) });
      });
      break;
    case 'request':
      void answer(data.id, data.name, data.request);
      break;
    case 'cancel':
      answering.get(data.id)?.abort();
      break;
    case 'run':
      void run(data);
      break;
    case 'loop':
      void measureLoop(data.config);
      break;
    case 'command':
      job?.command(data.command);
      break;
    case 'adjust':
      job?.adjust(data.config);
      break;
    case 'pace':
      job?.pace(data.factor);
      break;
    case 'drained':
      job?.drained();
      break;
    case 'ping':
      send({ type: 'pong' });
      break;
  }
}

/** Answers the page from now on. Must be called once, when the worker begins. */
export function serveEngine(load: LoadEngine): void {
  self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    receive(data, load);
  });
  // WebAssembly traps end up here, since the task in which they happen isn't awaited.
  self.addEventListener('unhandledrejection', (event) => {
    // The page reports it.
    event.preventDefault();
    const { reason } = event as { reason: unknown };
    send({ type: 'broken', ...engineFailureOf(reason) });
  });
  send({ type: 'loaded' });
}
