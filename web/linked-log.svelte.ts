// An event log that a link names beside the page: `?log=lesson.events#v1&at=1.2s`. It is loaded once that is asked for.

import { isLogFile } from './log-file/is-log-file';
import { offeredBy, withoutLog } from './log-file/offered';
import type { OfferedLog } from './log-file/offered';
import { readUpTo } from './log-file/read-up-to';
import type { Recording } from './recording/recording';
import type { Session } from './session.svelte';
import { fromHash } from './settings/link';
import { NO_VIEW } from './settings/link-view';

/** The largest log that is loaded, in bytes. It has some 100 million events. */
const MOST = 64 * 2 ** 20;

export class LinkedLog {
  /** The log that the link names, until it is on screen or dismissed. */
  offered = $state.raw<OfferedLog | null>(null);
  isLoading = $state(false);
  /** The recording of it, once it was shown. */
  #opened = $state.raw<Recording | null>(null);
  /** Why it could not be loaded. */
  problem = $state('');
  readonly #session: Session;
  #loading = new AbortController();

  constructor(session: Session) {
    this.#session = session;
    this.offered = offeredBy(location);
  }

  /** Loads it and shows it, at the moment that the link says. */
  async open(): Promise<void> {
    const { offered } = this;
    if (!offered?.isHere || this.isLoading) return;
    this.isLoading = true;
    this.problem = '';
    const { signal } = (this.#loading = new AbortController());
    try {
      const log = await load(offered.url, signal);
      if (!(await isLogFile(log))) throw new NotLoaded('it is not an event log');
      if (signal.aborted) return;
      const session = this.#session;
      if (session.isRunning) throw new NotLoaded('a run goes on; open it when that has ended');
      const before = session.screen.recording;
      await session.choose([new File([log], offered.name)]);
      const { recording } = session.screen;
      // Otherwise the page says why it isn't there.
      if (recording === before || recording?.origin !== 'file') return;
      this.offered = null;
      this.#opened = recording;
      const view = fromHash(location.hash)?.view ?? NO_VIEW;
      if (view !== NO_VIEW) session.screen.showView(view);
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error instanceof NotLoaded ? error.message : 'it could not be reached';
    } finally {
      this.isLoading = false;
    }
  }

  /** Whether it is what the page shows. */
  get isOnScreen(): boolean {
    return this.#opened !== null && this.#session.screen.recording === this.#opened;
  }

  /** The query of a link to what is on screen: it leads to the log only if that is what is shown. */
  get search(): string {
    return this.isOnScreen ? location.search : withoutLog(location.search);
  }

  /** Offers it no longer, also when the page is loaded again. */
  dismiss(): void {
    this.#loading.abort();
    this.offered = null;
    history.replaceState(history.state, '', `${location.pathname}${this.search}${location.hash}`);
  }
}

/** Why a log isn't loaded, to follow a colon. */
class NotLoaded extends Error {}

async function load(url: URL, signal: AbortSignal): Promise<Blob> {
  const answer = await fetch(url, { signal });
  if (answer.status === 404) throw new NotLoaded('it isn’t there');
  if (!answer.ok || !answer.body) throw new NotLoaded(`the server answers ${answer.status}`);
  const log = await readUpTo(answer.body, MOST);
  if (!log) throw new NotLoaded('it is larger than 64 MiB; download it and drop it here');
  return log;
}
