// What can be exported, and the export that is being made. What makes it is loaded when it is first needed.

import { moment } from '../analysis/format-time';
import type { TimeWindow } from '../analysis/series';
import { bytes, counted } from '../format';
import { save } from '../results/save';
import type { Screen } from '../screen.svelte';
import type { TimelineView } from '../timeline/timeline-view.svelte';
import { visible } from '../visible';
import { fileName } from './file-name';
import type { PngSize, What } from './make';

export type { PngSize, What } from './make';

/** The sizes of a PNG, as buttons and actions name them. */
export const PNG_SIZES: readonly { size: PngSize; title: string }[] = [
  { size: 1, title: 'PNG' },
  { size: 2, title: 'PNG, 2×' },
  { size: 'projector', title: 'PNG, 1920 × 1080' },
];

type Maker = typeof import('./make');

const WORDS: Readonly<Record<What, readonly string[]>> = {
  picture: [],
  timeline: ['timeline'],
  both: ['with-timeline'],
};

const SIZES: Readonly<Record<PngSize, readonly string[]>> = {
  1: [],
  2: ['2x'],
  projector: ['1920x1080'],
};

export class Exports {
  /** What the buttons are about. */
  what = $state<What>('picture');
  /** What is being made, and how much of it is done, from 0 to 1; null if nothing is. */
  work = $state.raw<{ text: string; done: number; canCancel: boolean } | null>(null);
  /** What was made last. */
  note = $state('');
  problem = $state('');
  readonly #getScreen: () => Screen;
  readonly #timeline: TimelineView;
  readonly #hasTwo: () => boolean;
  #abort: AbortController | null = null;

  /**
   * @param screen returns what is on screen; of two runs beside each other, the first
   * @param hasTwo whether there are two
   */
  constructor(screen: () => Screen, timeline: TimelineView, hasTwo: () => boolean) {
    this.#getScreen = screen;
    this.#timeline = timeline;
    this.#hasTwo = hasTwo;
  }

  /** Whether there is another run on screen, which isn't exported. */
  get isOneOfTwo(): boolean {
    return this.#hasTwo();
  }

  get #screen(): Screen {
    return this.#getScreen();
  }

  /** Whether there is a run to export. */
  get hasRun(): boolean {
    return this.#screen.recording !== null && this.#screen.view.end > 0;
  }

  /** Whether an export can begin. */
  get isReady(): boolean {
    return this.hasRun && this.work === null;
  }

  /** Saves an SVG of what is on screen. */
  async svg(what: What): Promise<void> {
    const time = this.#time;
    await this.#make('Making the picture', async ({ makeSvg }) => ({
      name: fileName(time, WORDS[what], 'svg'),
      file: await makeSvg(this.#scene, what),
    }));
  }

  /** Saves a PNG of what is on screen. */
  async png(what: What, size: PngSize): Promise<void> {
    const time = this.#time;
    await this.#make('Making the picture', async ({ makePng }) => ({
      name: fileName(time, [...WORDS[what], ...SIZES[size]], 'png'),
      file: await makePng(this.#scene, what, size),
    }));
  }

  /** Saves a clip of the picture from the time on screen on. */
  async clip(): Promise<void> {
    if (this.work) return;
    const text = 'Making the clip';
    const abort = new AbortController();
    this.#abort = abort;
    await this.#make(text, async ({ makeClipOf }) => {
      const onprogress = (done: number) => {
        this.work = { text, done, canCancel: true };
      };
      const cores = navigator.hardwareConcurrency;
      const clip = await makeClipOf(this.#scene, { cores, onprogress, signal: abort.signal });
      const { from, to, width, height, frames, file } = clip;
      return {
        name: fileName(from, ['clip'], 'png'),
        file,
        more: `${counted(frames, 'frame')} of ${width} × ${height}, from ${moment(from)} to ${moment(to)}`,
      };
    });
  }

  /** Saves the numbers of the charts, of a part of the run or of all of it. */
  async csv(part: TimeWindow | null = null): Promise<void> {
    await this.#make('Writing the table', async ({ makeCsv }) => ({
      name: 'clearpipe-charts.csv',
      file: await makeCsv(this.#scene, part),
    }));
  }

  /** Stops what is being made. */
  cancel(): void {
    this.#abort?.abort();
  }

  get #scene() {
    return { screen: this.#screen, timeline: this.#timeline };
  }

  get #time(): number {
    return this.#screen.playback?.time ?? 0;
  }

  async #make(
    text: string,
    make: (maker: Maker) => Promise<{ name: string; file: Blob; more?: string }>,
  ): Promise<void> {
    if (this.work) return;
    this.note = '';
    this.problem = '';
    this.work = { text, done: 0, canCancel: this.#abort !== null };
    try {
      const { name, file, more } = await make(await import('./make'));
      save(file, name);
      this.note = `${name} is saved: ${bytes(file.size)}${more ? `, ${more}` : ''}.`;
    } catch (error) {
      if (this.#abort?.signal.aborted) this.note = 'Cancelled.';
      else this.problem = visible(error instanceof Error ? error.message : String(error));
    } finally {
      this.work = null;
      this.#abort = null;
    }
  }
}
