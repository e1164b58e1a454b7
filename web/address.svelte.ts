// The settings in the page's address: taken from it, and kept in it.

import type { Session } from './session.svelte';
import { fromHash, toHash } from './settings/link';

/** How long the settings must stay as they are before the address follows, in milliseconds. */
const DELAY = 300;

/** How long it says that the link was copied. */
const SAID = 4000;

export class Address {
  /** What of the link could not be taken, one sentence each. */
  problems = $state.raw<string[]>([]);
  /** What came of copying the link. */
  said = $state('');
  /** The link to copy by hand, where the browser does not let the page. */
  byHand = $state<string | null>(null);
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** To be made while a component is: it follows the settings as long as that one lives. */
  constructor(session: Session) {
    this.#session = session;
    this.#take();
    $effect(() => {
      const hash = toHash(session.settings);
      const timer = setTimeout(() => {
        this.#write(hash);
      }, DELAY);
      return () => {
        clearTimeout(timer);
      };
    });
    $effect(() => {
      const take = () => {
        this.#take();
      };
      window.addEventListener('hashchange', take);
      return () => {
        window.removeEventListener('hashchange', take);
      };
    });
  }

  /** The whole address, for a link to these settings. */
  get link(): string {
    return `${location.origin}${location.pathname}${location.search}${toHash(this.#session.settings)}`;
  }

  async copy(): Promise<void> {
    const { link } = this;
    clearTimeout(this.#timer);
    try {
      // Missing on plain http.
      await navigator.clipboard.writeText(link);
      this.byHand = null;
      this.said = 'The link to these settings is copied.';
      this.#timer = setTimeout(() => {
        this.forget();
      }, SAID);
    } catch {
      this.said = 'The browser does not let this page copy. Here is the link, to copy by hand:';
      this.byHand = link;
    }
  }

  forget(): void {
    this.said = '';
    this.byHand = null;
  }

  #take(): void {
    const found = fromHash(location.hash);
    this.problems = found?.problems ?? [];
    if (found) this.#session.settings = found.settings;
  }

  #write(hash: string): void {
    const present = fromHash(location.hash);
    // As its author wrote it, as long as it means the same; and an end that is no link's is left alone.
    if (present ? toHash(present.settings) === hash : hash === '') return;
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
    this.problems = [];
  }
}
