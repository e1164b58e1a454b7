// The settings in the page's address: taken from it, and kept in it.

import type { Session } from './session.svelte';
import { LABELS } from './settings/labels';
import { fromHash, toHash } from './settings/link';
import { parseMapping } from './settings/mapping';

/** How long the settings must stay as they are before the address follows, in milliseconds. */
const DELAY = 300;

/** How long it says that the link was copied. */
const MESSAGE_DURATION = 4000;

export class Address {
  /** What of the link could not be taken, one sentence each: shown until the user has seen it. */
  problems = $state.raw<string[]>([]);
  /** What came of copying the link. */
  message = $state('');
  /** The link to copy by hand, where the browser does not let the page. */
  manualLink = $state<string | null>(null);
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** To be made while a component is: it follows the settings as long as that one lives. */
  constructor(session: Session) {
    this.#session = session;
    this.#readHash();
    $effect(() => {
      // What is read here is followed; what is wrong with it is known only later.
      toHash(session.settings);
      const timer = setTimeout(() => {
        void session.check().then(() => {
          this.#writeHash(toHash(session.settings, this.#wrong));
        });
      }, DELAY);
      return () => {
        clearTimeout(timer);
      };
    });
    $effect(() => {
      const take = () => {
        this.#readHash();
      };
      window.addEventListener('hashchange', take);
      return () => {
        window.removeEventListener('hashchange', take);
      };
    });
  }

  /** The whole address, for a link to these settings. */
  get link(): string {
    const hash = toHash(this.#session.settings, this.#wrong);
    return `${location.origin}${location.pathname}${location.search}${hash}`;
  }

  /** The paths of the settings that have to be mended first. */
  get #wrong(): string[] {
    const { problems, settings } = this.#session;
    // A mapping that does not fit this file may fit another one.
    const isReadable = parseMapping(settings.mapping).problems.length === 0;
    return problems.map(({ path }) => path).filter((path) => path !== 'input.map' || !isReadable);
  }

  /** What the link does not have, in words. */
  get #leftOut(): string {
    const { settings } = this.#session;
    const isLeftOut = (path: string) => toHash(settings, [path]) !== toHash(settings);
    const wrong = this.#wrong.filter(
      (path, at, all) => all.indexOf(path) === at && isLeftOut(path),
    );
    const names = wrong.map((path) => LABELS[path] ?? path);
    return names.length > 0 ? ` Left out, as it has to be mended: ${names.join(', ')}.` : '';
  }

  async copy(): Promise<void> {
    const { link } = this;
    clearTimeout(this.#timer);
    try {
      // Missing on plain http.
      await navigator.clipboard.writeText(link);
      this.manualLink = null;
      this.message = `The link to these settings is copied.${this.#leftOut}`;
      this.#timer = setTimeout(() => {
        this.clearMessage();
      }, MESSAGE_DURATION);
    } catch {
      this.message = `The browser does not let this page copy. Here is the link, to copy by hand:${this.#leftOut}`;
      this.manualLink = link;
    }
  }

  clearMessage(): void {
    this.message = '';
    this.manualLink = null;
  }

  dismissProblems(): void {
    this.problems = [];
  }

  #readHash(): void {
    const found = fromHash(location.hash);
    if (!found) return;
    this.problems = found.problems;
    this.#session.settings = found.settings;
  }

  #writeHash(hash: string): void {
    const present = fromHash(location.hash);
    // As its author wrote it, as long as it means the same; and an end that is no link's is left alone.
    if (present ? toHash(present.settings) === hash : hash === '') return;
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  }
}
