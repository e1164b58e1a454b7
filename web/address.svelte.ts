// Keeps the settings in the page's address, and reads them from it.

import type { Session } from './session.svelte';
import { LABELS } from './settings/labels';
import { fromHash, toHash } from './settings/link';
import { parseMapping } from './settings/mapping';

/** How long settings must not change before the address is updated, in milliseconds. */
const DELAY = 300;

/** How long the message about a copied link is displayed, in milliseconds. */
const MESSAGE_DURATION = 4000;

export class Address {
  /** What could not be applied from a link, a sentence each; displayed until dismissed. */
  problems = $state.raw<string[]>([]);
  /** The outcome of copying the link. */
  message = $state('');
  /** The link to copy by hand, if the browser doesn't let the page copy it. */
  manualLink = $state<string | null>(null);
  readonly #session: Session;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Must be called during component initialization. Follows the settings as long as the component
   * lives.
   */
  constructor(session: Session) {
    this.#session = session;
    this.#readHash();
    $effect(() => {
      // Reading them here tracks them. Problems are known only later.
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

  /** The complete address of a link to these settings. */
  get link(): string {
    const hash = toHash(this.#session.settings, this.#wrong);
    return `${location.origin}${location.pathname}${location.search}${hash}`;
  }

  /** The paths of invalid settings. */
  get #wrong(): string[] {
    const { problems, settings } = this.#session;
    // A mapping that doesn't fit this file may fit another one.
    const isReadable = parseMapping(settings.mapping).problems.length === 0;
    return problems.map(({ path }) => path).filter((path) => path !== 'input.map' || !isReadable);
  }

  /** Describes what the link omits. */
  get #leftOut(): string {
    const { settings } = this.#session;
    const isLeftOut = (path: string) => toHash(settings, [path]) !== toHash(settings);
    const wrong = this.#wrong.filter(
      (path, at, all) => all.indexOf(path) === at && isLeftOut(path),
    );
    const names = wrong.map((path) => LABELS[path] ?? path);
    return names.length > 0 ? ` Left out until fixed: ${names.join(', ')}.` : '';
  }

  async copy(): Promise<void> {
    const { link } = this;
    clearTimeout(this.#timer);
    try {
      // Undefined on plain http.
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
    // Keep the author's spelling if it means the same, and leave a hash alone that isn't a link.
    if (present ? toHash(present.settings) === hash : hash === '') return;
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  }
}
