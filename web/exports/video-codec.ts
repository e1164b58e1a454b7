// Whether the browser can encode video, and if not, why.

import { VIDEO_RATE } from './clip-plan';
import { PROJECTOR } from './projector';

/** A codec of WebM. */
export interface VideoCodec {
  /** As WebM has it. */
  name: 'vp9' | 'vp8';
  config: VideoEncoderConfig;
}

/** What is said where a video can't be made, with what can be made instead. */
export const INSECURE =
  'Browsers encode video only for pages from https or from this computer; save the clip as an animated PNG instead.';
export const NO_CODEC =
  'This browser can’t encode WebM video (WebCodecs with VP9 or VP8); save the clip as an animated PNG instead.';

/** Twelve megabits a second keep the smallest texts sharp while most of the picture moves. */
const BITRATE = 12e6;

/** To encode in real time, a browser might leave out frames. */
const MODE: LatencyMode = 'quality';

/** VP9, profile 0, level 4, 8 bits, and VP8 where that is missing. */
const CODECS = [
  { name: 'vp9', codec: 'vp09.00.40.08' },
  { name: 'vp8', codec: 'vp8' },
] as const;

/** Returns the first codec of those above that the browser encodes, or why there is none. */
export async function videoCodec(): Promise<VideoCodec | string> {
  if (!('VideoEncoder' in globalThis)) return isSecureContext ? NO_CODEC : INSECURE;
  for (const { name, codec } of CODECS) {
    const config: VideoEncoderConfig = {
      ...{ codec, ...PROJECTOR, framerate: VIDEO_RATE },
      ...{ bitrate: BITRATE, bitrateMode: 'variable', latencyMode: MODE },
    };
    const { supported } = await VideoEncoder.isConfigSupported(config);
    if (supported) return { name, config };
  }
  return NO_CODEC;
}
