// Writes a video: frames are encoded by the browser, and become a WebM file. It is loaded with the first video.

import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { VIDEO_RATE } from './clip-plan';
import type { VideoCodec } from './video-codec';

/** How many frames may wait to be encoded: while one is encoded, the next one is drawn. */
const MOST_WAITING = 2;

/** How many frames apart are those that a player can jump to: two seconds. */
const KEY_FRAMES = 60;

export class WebmWriter {
  readonly #output = new Output({ format: new WebMOutputFormat(), target: new BufferTarget() });
  readonly #source: EncodedVideoPacketSource;
  readonly #encoder: VideoEncoder;
  #frames = 0;
  #packets = 0;
  /** Settled when all that is encoded is in the file. */
  #written: Promise<void>;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;

  constructor({ name, config }: VideoCodec) {
    this.#source = new EncodedVideoPacketSource(name);
    this.#output.addVideoTrack(this.#source, { frameRate: VIDEO_RATE });
    this.#written = this.#output.start();
    this.#encoder = new VideoEncoder({
      output: (chunk, meta) => {
        this.#packets += 1;
        const packet = EncodedPacket.fromEncodedChunk(chunk);
        this.#written = this.#written.then(() => this.#source.add(packet, meta));
        // It is reported with the next frame.
        this.#written.catch((error: unknown) => {
          this.#failure ??= error instanceof Error ? error : new Error(String(error));
        });
      },
      error: (error) => {
        this.#failure ??= error;
        this.#wake?.();
      },
    });
    this.#encoder.ondequeue = () => this.#wake?.();
    this.#encoder.configure(config);
  }

  /**
   * Adds a frame.
   *
   * @param timestamp when it is shown, in microseconds
   * @param duration for how long, in microseconds
   * @throws what has gone wrong with an earlier one, too
   */
  async add(canvas: HTMLCanvasElement, timestamp: number, duration: number): Promise<void> {
    while (!this.#failure && this.#encoder.encodeQueueSize >= MOST_WAITING) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#check();
    const frame = new VideoFrame(canvas, { timestamp, duration, alpha: 'discard' });
    try {
      this.#encoder.encode(frame, { keyFrame: this.#frames % KEY_FRAMES === 0 });
    } finally {
      frame.close();
    }
    this.#frames += 1;
  }

  /** Returns the file. */
  async finish(): Promise<Blob> {
    try {
      await this.#encoder.flush();
      await this.#written;
    } catch (error) {
      // What has ended the encoder says more than that it has ended.
      this.#check();
      throw error;
    }
    this.#check();
    if (this.#packets !== this.#frames)
      throw new Error('The browser has lost frames of the video.');
    await this.#output.finalize();
    const { buffer } = this.#output.target;
    if (!buffer) throw new Error('The video could not be written.');
    return new Blob([buffer], { type: 'video/webm' });
  }

  /** Lets go of the encoder, whether or not the video is finished. */
  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }
}
