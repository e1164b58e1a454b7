// Keeps the settings in the page's address, and reads them from it. A link can also say what of the picture was looked at;
// the page shows that as soon as there is a run with these settings.

import { untrack } from 'svelte';
import type { Compare } from './compare/compare.svelte';
import type { Learning } from './learning.svelte';
import type { Session } from './session.svelte';
import { count } from './format';
import { MAX_LINKED_EVENTS } from './recording/event-log';
import { LinkedLog } from './linked-log.svelte';
import { LogNotOpened } from './log-file/not-opened';
import { LABELS } from './settings/labels';
import { fromHash, toHash } from './settings/link';
import type { FromHash } from './settings/link';
import { NO_VIEW } from './settings/link-view';
import type { LinkedView } from './settings/link-view';
import { openingRun } from './settings/settings';
import type { Settings } from './settings/settings';
import { parseMapping } from './settings/mapping';

/** How long settings must not change before the address is updated, in milliseconds. */
const DELAY = 300;

/** How long the message about a copied link is displayed, in milliseconds. */
const MESSAGE_DURATION = 4000;

/**
 * A run of a link begins by itself only if it has no more records and workers than this: nobody has asked for it on this
 * page.
 */
const [MAX_RECORDS, MAX_WORKERS] = [20_000, 1000];

/** What a link shows of the next run with its settings. */
interface Planned {
  view: LinkedView;
  /** What is said of it until then; empty for nothing. */
  text: string;
  /** The hash of its settings. */
  settings: string;
  /** How many runs there had been. */
  runs: number;
}

export class Address {
  /** What could not be applied from a link, a sentence each; displayed until dismissed. */
  problems = $state.raw<string[]>([]);
  /** The outcome of copying the link, or why the link of the page shows nothing. */
  #said = $state('');
  /** The link to copy by hand, if the browser doesn't let the page copy it. */
  manualLink = $state<string | null>(null);
  /** The event log that the address names. */
  readonly linkedLog: LinkedLog;
  readonly #session: Session;
  readonly #comparing: Compare;
  readonly #learning: Learning;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #planned = $state.raw<Planned | null>(null);
  /** Counts links that were taken; the last one counts. */
  #links = 0;

  /**
   * Must be called during component initialization. Follows the settings as long as the component
   * lives.
   */
  constructor(session: Session, comparing: Compare, learning: Learning) {
    this.#session = session;
    this.#comparing = comparing;
    this.#learning = learning;
    this.linkedLog = new LinkedLog(session);
    this.#readHash();
    $effect(() => {
      // Reading them here tracks them. Problems are known only later.
      toHash(session.settings);
      const { linked } = learning;
      const links = this.#links;
      const timer = setTimeout(() => {
        void session.check().then(() => {
          // Another link may have come meanwhile.
          if (links !== this.#links) return;
          this.#writeHash(linked ? lessonHash(linked) : toHash(session.settings, this.#wrong));
        });
      }, DELAY);
      return () => {
        clearTimeout(timer);
      };
    });
    $effect(() => {
      const planned = this.#planned;
      if (!planned || session.runs <= planned.runs) return;
      this.#planned = null;
      untrack(() => {
        const isSame = session.isOnScreen && toHash(session.settings) === planned.settings;
        if (!isSame) return;
        session.screen.showView(planned.view);
        void this.#checkDigest(planned.view);
      });
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

  /** What there is to say about the link of the page, or about one that was copied; empty for nothing. */
  get message(): string {
    if (this.#said !== '') return this.#said;
    const planned = this.#planned;
    return planned && toHash(this.#session.settings) === planned.settings ? planned.text : '';
  }

  /**
   * Returns what brings the run on screen back as it was: its digest, if it follows from the settings, or else its events,
   * if there are few.
   *
   * @param at the time on screen, in nanoseconds
   */
  async #evidence(at: number | null): Promise<Pick<LinkedView, 'digest' | 'events'>> {
    const none = { digest: null, events: null };
    const { isReproducible, isFinishedOnScreen, info, screen } = this.#session;
    const { recording } = screen;
    if (!recording || !isFinishedOnScreen || this.#comparing.current) return none;
    // The link leads to its file.
    if (this.linkedLog.isOnScreen) return none;
    if (!isReproducible) {
      const { toLinkText } = await import('./log-file/in-link');
      return { ...none, events: await toLinkText(recording) };
    }
    // The log of the command may have other events of the same run.
    if (at === null || !info || recording.origin !== 'over') return none;
    const { digestOf } = await import('./log-file/in-link');
    const digest = await digestOf(recording);
    return { ...none, digest: digest === null ? null : { version: info.version, digest } };
  }

  /** The settings of two runs on screen that a link brings back; null if there is one run, or if it can't. */
  get #compared(): { a: Settings; other: Settings } | null {
    const { simulatedFrom: a, settings: other } = this.#comparing.current ?? {};
    return a && other ? { a, other } : null;
  }

  /** What is on screen of a run with these settings. A log that they don't bring back is only in its file. */
  get #view(): LinkedView {
    const { isOnScreen, areOfLog, isReproducible, screen } = this.#session;
    const { current } = this.#comparing;
    if (current) return this.#compared ? current.a.linkedView : NO_VIEW;
    return isOnScreen && (!areOfLog || isReproducible) ? screen.linkedView : NO_VIEW;
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

  /** Where a link doesn't lead. */
  get #limits(): string {
    return location.protocol === 'file:'
      ? ' It leads to this file, so it works only on this machine.'
      : '';
  }

  /** Describes what was copied, and what a link can't carry. */
  #copied({ at, events }: LinkedView): string {
    const { areOfLog, isReproducible, isFinishedOnScreen, settings } = this.#session;
    const isMoment = at !== null;
    if (events !== null) {
      const privacy =
        settings.mapping === ''
          ? 'No value of a record is in it.'
          : 'No value of a record is in it, but the mapping with its columns and constants.';
      return `The link to this moment is copied, with the recording of the run (${count(events.length)} characters). ${privacy}`;
    }
    if (this.#compared) return 'The link to both runs is copied: they are simulated again.';
    if (this.#comparing.current) {
      return 'The link to these settings is copied. The two runs themselves aren’t in it.';
    }
    if (areOfLog) {
      return isReproducible
        ? 'The link to this moment is copied: on the virtual clock the settings of the log give the same run. The recording itself is in its file.'
        : 'The link to the settings of this log is copied. The recording itself is in its file.';
    }
    if (!isMoment) return 'The link to these settings is copied.';
    if (isReproducible) return 'The link to this moment is copied.';
    const why =
      settings.runtime === 'virtual' && settings.source === 'generator'
        ? 'The run was changed or stopped on its way, so that they don’t bring back this very run'
        : 'On real threads every run goes a little differently, so it can’t bring back this very run';
    const long = isFinishedOnScreen
      ? ': its recording is too long for a link. “More” saves it as an event log'
      : '';
    return `The link to these settings and this moment is copied. ${why}${long}.`;
  }

  async copy(): Promise<void> {
    const { linked } = this.#learning;
    const what = linked?.level ? (linked.level.path.length > 0 ? 'path' : 'level') : 'lesson';
    if (linked)
      await this.#copy(lessonHash(linked), `The link to this ${what} is copied.${this.#limits}`);
    else await this.#copyRun();
  }

  /** Copies a link to what is on screen of a run. */
  async #copyRun(): Promise<void> {
    // All of it is taken now: what is done while the recording is compressed belongs to the next link.
    const { a, other } = this.#compared ?? {
      a: $state.snapshot(this.#session.settings),
      other: null,
    };
    const [wrong, view, linkedView] = [this.#wrong, this.#view, this.#session.screen.linkedView];
    // Without it, the link is worth copying all the same.
    const { digest, events } = await this.#evidence(view.at).catch(() => NO_VIEW);
    const shown = { ...(events === null ? view : linkedView), digest, events };
    const hash = `${this.linkedLog.search}${toHash(a, wrong, shown, other)}`;
    await this.#copy(hash, `${this.#copied(shown)}${this.#limits}${this.#leftOut}`);
  }

  /** Copies a link to the page with a hash, and says so. */
  async #copy(hash: string, copied: string): Promise<void> {
    // Some browsers give a file no origin.
    const page = location.href.replace(/[?#].*$/, '');
    const link = `${page}${hash}`;
    clearTimeout(this.#timer);
    try {
      // Undefined on plain http.
      await navigator.clipboard.writeText(link);
      this.manualLink = null;
      this.#said = copied;
      this.#timer = setTimeout(() => {
        this.#said = '';
      }, MESSAGE_DURATION);
    } catch {
      this.#said = `The browser does not let this page copy. Here is the link, to copy by hand:${this.#limits}${this.#leftOut}`;
      this.manualLink = link;
    }
  }

  clearMessage(): void {
    clearTimeout(this.#timer);
    this.#said = '';
    this.manualLink = null;
    if (this.#planned) this.#planned = { ...this.#planned, text: '' };
  }

  dismissProblems(): void {
    this.problems = [];
  }

  #readHash(): void {
    const found = fromHash(location.hash);
    if (!found) return;
    this.#links += 1;
    clearTimeout(this.#timer);
    this.#said = '';
    this.manualLink = null;
    this.problems = found.problems;
    this.#session.settings = found.settings;
    if (found.view.level) void this.#learning.openLevel(found.view.level);
    else if (found.view.lesson) void this.#learning.open(found.view.lesson);
    else {
      this.#learning.drop();
      this.#show(found);
    }
  }

  /** Shows what a link says of the picture: at once if the run can be had again, or else with the next run. */
  #show({ settings, view, other }: FromHash): void {
    const session = this.#session;
    this.#planned = null;
    // What is looked at is in that log.
    if (this.linkedLog.offered) return;
    if (other) {
      this.#compare(settings, other, view);
      return;
    }
    if (view.events !== null) {
      void this.#open(view, view.events);
      return;
    }
    if (view === NO_VIEW) return;
    const isSimulated = settings.runtime === 'virtual' && settings.source === 'generator';
    const beginsNow = view.at !== null && isSimulated && isSmall(settings);
    const text =
      view.at === null || beginsNow
        ? ''
        : isSimulated
          ? 'The link shows a moment of a long run, which will stand there when it has ended.'
          : 'The link shows a moment of a run on real threads. A new run goes a little differently, and will stand there when it has ended.';
    this.#planned = { view, text, settings: toHash(settings), runs: session.runs };
    if (beginsNow) void session.beginWith(settings, true);
  }

  /** Shows the recording that a link has. */
  async #open(view: LinkedView, events: string): Promise<void> {
    const link = this.#links;
    let why = 'could not be shown. Reload the page to try again';
    const unpack = async () => {
      const { fromLinkText } = await import('./log-file/in-link');
      try {
        return await fromLinkText(events);
      } catch (error) {
        why = 'is damaged: perhaps the link was not copied completely';
        throw error;
      }
    };
    try {
      if (await this.#session.openLinked(unpack, MAX_LINKED_EVENTS)) {
        this.#session.screen.showView(view);
      }
    } catch (error) {
      if (link !== this.#links) return;
      if (error instanceof LogNotOpened) why = `can’t be shown: ${error.message}`;
      const problem = `The recording in the link ${why}. Only its settings were applied.`;
      this.problems = [...this.problems, problem];
    }
  }

  /** Says so if a run has gone differently from the one that a link was made of. */
  async #checkDigest({ digest: made }: LinkedView): Promise<void> {
    const { recording } = this.#session.screen;
    if (recording?.origin !== 'over' || !made || !this.#session.isReproducible) return;
    const link = this.#links;
    const { digestOf } = await import('./log-file/in-link');
    const digest = await digestOf(recording);
    if (link !== this.#links || this.#session.screen.recording !== recording) return;
    if (digest === null || digest === made.digest) return;
    const version = this.#session.info?.version ?? '';
    const why =
      made.version === version
        ? 'The run of this link went differently'
        : `The link was made by Clearpipe ${made.version}, and this is ${version}: here the run goes differently`;
    this.problems = [...this.problems, `${why}, so what is on screen may not be what was meant.`];
  }

  /** Compares the two runs of a link, at once unless they are large. */
  #compare(a: Settings, b: Settings, view: LinkedView): void {
    if (!isSmall(a) || !isSmall(b)) {
      this.#said =
        'The link compares two long runs, which don’t begin by themselves. “Compare with…” does it.';
      return;
    }
    void this.#comparing.withLinked(a, b).then(() => {
      const { current, failure } = this.#comparing;
      if (failure) this.#said = `The link compares two runs. ${failure}`;
      else current?.a.showView(view);
    });
  }

  #writeHash(hash: string): void {
    const present = fromHash(location.hash);
    // Keep the author's spelling if it means the same, and leave a hash alone that isn't a link.
    const { settings, view } = present ?? {};
    const isLesson = view && (view.level ?? view.lesson) !== null;
    const meant = isLesson ? lessonHash(view) : settings && toHash(settings);
    if (meant === undefined ? hash === '' : meant === hash) return;
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  }
}

/** The settings are those of the lesson or level. */
function lessonHash({ lesson, level }: Pick<LinkedView, 'lesson' | 'level'>): string {
  return toHash(openingRun(), [], { ...NO_VIEW, ...(level ? { level } : { lesson }) });
}

function isSmall({
  records,
  workers,
  validators,
  transformers,
  cores,
}: FromHash['settings']): boolean {
  const counts = [workers, validators, transformers, cores];
  return (records ?? 0) <= MAX_RECORDS && counts.every((count) => (count ?? 0) <= MAX_WORKERS);
}
