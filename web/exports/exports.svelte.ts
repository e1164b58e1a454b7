// What can be exported, and the export that is being made. What makes it is loaded when it is first needed.

import { part } from '../analysis/format-time';
import type { TimeWindow } from '../analysis/series';
import { bytes, counted } from '../format';
import { save } from '../results/save';
import type { Screen } from '../screen.svelte';
import type { TimelineView } from '../timeline/timeline-view.svelte';
import { visible } from '../visible';
import { planVideo } from './clip-plan';
import type { VideoPlan } from './clip-plan';
import type { Pair } from './difference-csv';
import { fileName } from './file-name';
import type { ClipOptions } from './frames';
import type { ClipOfRun, PngSize, What } from './make';
import { follow } from './scene';
import { videoCodec } from './video-codec';
import type { VideoCodec } from './video-codec';

export type { PngSize, What } from './make';

/** The sizes of a PNG, as buttons and actions name them. */
export const PNG_SIZES: readonly { size: PngSize; title: string }[] = [
  { size: 1, title: 'PNG' },
  { size: 2, title: 'PNG, 2×' },
  { size: 'projector', title: 'PNG, 1920 × 1080' },
];

type Maker = typeof import('./make');

/** A file that was made, and what is said of it besides its size. */
interface Made {
  name: string;
  file: Blob;
  more?: string;
}

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
  /** What encodes video, or why nothing does; null until it is found out. */
  #codec = $state.raw<VideoCodec | string | null>(null);
  readonly #getScreen: () => Screen;
  readonly #timeline: TimelineView;
  readonly #getPair: () => Pair | null;
  #abort: AbortController | null = null;

  /**
   * @param screen returns what is on screen; of two runs beside each other, the first
   * @param pair returns both, if there are two
   */
  constructor(screen: () => Screen, timeline: TimelineView, pair: () => Pair | null) {
    this.#getScreen = screen;
    this.#timeline = timeline;
    this.#getPair = pair;
  }

  /** Whether there is another run on screen, of which there are no pictures. */
  get isOneOfTwo(): boolean {
    return this.#getPair() !== null;
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

  /** Saves the picture from the time on screen on, as an animated PNG. */
  async clip(): Promise<void> {
    await this.#makeClip('clip', 'png', (maker, options) => maker.makeClipOf(this.#scene, options));
  }

  /** Saves picture and timeline, for the part of the run that the timeline shows, as a video. */
  async video(): Promise<void> {
    if (this.work) return;
    await this.findCodec();
    const codec = this.#codec;
    if (codec === null || typeof codec === 'string') {
      this.note = '';
      this.problem = this.noVideo;
      return;
    }
    await this.#makeClip('video', 'webm', (maker, options) =>
      maker.makeVideoOf(this.#scene, codec, options),
    );
  }

  /** Finds out whether the browser can encode video. */
  async findCodec(): Promise<void> {
    this.#codec ??= await videoCodec();
  }

  /** Whether the browser can encode video, as far as that has been found out. */
  get canVideo(): boolean {
    return this.#codec !== null && this.noVideo === '';
  }

  /** Why the browser can't encode video; empty if it can. */
  get noVideo(): string {
    return typeof this.#codec === 'string' ? this.#codec : '';
  }

  /** Which part of the run a video would show now, and how; null if there is none. */
  get videoPlan(): VideoPlan | null {
    const { begin, end, live, speed } = this.#screen.view;
    return planVideo(begin, end, this.#timeline.window, live ? 1 : Math.abs(speed));
  }

  /** Whether what is on screen goes on, so that there is nothing after it yet. */
  get isLive(): boolean {
    return this.#screen.view.live;
  }

  /** Has the timeline show the run on screen, also while it isn't on screen itself. */
  followRun(): void {
    const { recording } = this.#screen;
    if (recording) follow(this.#scene, recording);
  }

  async #makeClip(
    what: 'clip' | 'video',
    extension: string,
    make: (maker: Maker, options: Omit<ClipOptions, 'file'>) => Promise<ClipOfRun>,
  ): Promise<void> {
    if (this.work) return;
    const text = `Making the ${what}`;
    const { signal } = (this.#abort = new AbortController());
    await this.#make(text, async (maker) => {
      const onprogress = (done: number) => {
        this.work = { text, done, canCancel: true };
      };
      const cores = navigator.hardwareConcurrency;
      const clip = await make(maker, { cores, onprogress, signal });
      const { from, to, width, height, frames, file } = clip;
      return {
        name: fileName(from, [what], extension),
        file,
        more: `${counted(frames, 'frame')} of ${width} × ${height}, from ${part({ from, to })}`,
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

  /** Saves how the two runs beside each other differ. */
  async differences(): Promise<void> {
    const pair = this.#getPair();
    if (!pair) return;
    await this.#make('Writing the table', ({ makeDifferencesCsv }) => ({
      name: 'clearpipe-differences.csv',
      file: makeDifferencesCsv(pair),
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

  async #make(text: string, make: (maker: Maker) => Made | Promise<Made>): Promise<void> {
    if (this.work) return;
    this.note = '';
    this.problem = '';
    this.work = { text, done: 0, canCancel: this.#abort !== null };
    try {
      const { name, file, more } = await make(await import('./make'));
      // It may have been given up while its end was written.
      this.#abort?.signal.throwIfAborted();
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
