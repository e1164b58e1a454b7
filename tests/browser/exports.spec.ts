// What is exported is what is on screen: as SVG, as PNG, as a clip or a video, and the charts as a table.

import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Page } from '@playwright/test';
import { openingRun } from '../../web/settings/settings';
import type { Settings } from '../../web/settings/settings';
import { expect, test } from './page';
import { button, engineStarted, open, openTab, run, setMore } from './steps';

/** Queues build up, and the same happens in each run. */
const settings: Settings = {
  ...openingRun(),
  ...{ records: 60, seed: 7, runtime: 'virtual', cores: 2, pace: 'at-once' },
};

/** In seconds: records are on their way, validCh fills up. */
const TIME = 6.2;

/** Runs, and stands at a time. */
async function standing(page: Page, url: string, time = TIME): Promise<void> {
  await open(page, url, settings);
  await run(page);
  await page.evaluate((time) => {
    window.clearpipe.session.screen.standAt(time * 1e9);
  }, time);
  await drawn(page, time);
}

/** Waits until the picture of a time is drawn. */
async function drawn(page: Page, time: number): Promise<void> {
  await expect
    .poll(() =>
      page.evaluate(() => {
        const { drawn, scene } = window.clearpipe.session.screen;
        return [(drawn?.moment.time ?? 0) / 1e9, scene.time / 1e9];
      }),
    )
    .toEqual([time, time]);
}

interface Saved {
  name: string;
  bytes: Buffer;
}

/** Presses a button of the exports, and returns the file. */
async function saved(page: Page, name: string, what = 'Picture', timeout = 20_000): Promise<Saved> {
  await setMore(page, true);
  await page.getByRole('radio', { name: what, exact: true }).check();
  const downloading = page.waitForEvent('download', { timeout });
  await button(page, name).click();
  const file = await downloading;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

interface ReadSvg {
  isWell: boolean;
  texts: string[];
  /** The records of the dots, in order. */
  records: number[];
  background: string | null;
  size: (string | null)[];
  tags: string[];
}

/** Reads an SVG as another program would. */
async function read(page: Page, svg: string): Promise<ReadSvg> {
  return page.evaluate((svg) => {
    const file = new DOMParser().parseFromString(svg, 'image/svg+xml');
    const root = file.documentElement;
    const dots = [...file.querySelectorAll('[data-node]')];
    return {
      isWell: file.querySelector('parsererror') === null,
      texts: [...file.querySelectorAll('text')].map(({ textContent }) => textContent),
      records: dots.map((dot) => Number(dot.getAttribute('data-record'))).sort((a, b) => a - b),
      background: root.querySelector(':scope > rect')?.getAttribute('fill') ?? null,
      size: [root.getAttribute('width'), root.getAttribute('height')],
      tags: [...new Set([...file.querySelectorAll('*')].map(({ localName }) => localName))],
    };
  }, svg);
}

/** What the page shows at the moment. */
async function shown(page: Page) {
  return page.evaluate(() => {
    const { screen } = window.clearpipe.session;
    const layout = screen.drawn?.routes.layout;
    return {
      records: screen
        .probe()
        .map(({ record }) => record)
        .sort((a, b) => a - b),
      width: layout?.width ?? 0,
      height: layout?.height ?? 0,
      page: getComputedStyle(document.body).getPropertyValue('--page').trim(),
    };
  });
}

const STAGES = [
  ...['Producer', 'Validators', 'Transformers', 'Fan-out', 'Loader', 'Error Handler'],
  'Metrics Collector',
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`an SVG has every stage, channel and record of the ${colorScheme} picture`, async ({
    page,
    servers,
  }) => {
    await page.emulateMedia({ colorScheme });
    await standing(page, servers.isolated);
    const { name, bytes } = await saved(page, 'SVG');
    expect(name).toBe('clearpipe-6.2s.svg');
    const text = bytes.toString();
    const svg = await read(page, text);
    const now = await shown(page);
    expect(svg.isWell).toBe(true);
    expect(svg.texts).toEqual(expect.arrayContaining(STAGES));
    expect(svg.texts).toEqual(
      expect.arrayContaining(['dataCh', 'validCh', 'errorHandlerCh', 'takes 300–900\u00a0ms']),
    );
    expect(now.records.length).toBeGreaterThan(8);
    expect(svg.records).toEqual(now.records);
    expect(svg.size.map(Number)).toEqual([now.width, now.height].map((n) => Number(n.toFixed(2))));
    // The colours of the theme, nothing from elsewhere, and nothing to press.
    expect(svg.background).toBe(now.page);
    expect(svg.tags.sort()).toEqual(
      ['circle', 'defs', 'g', 'path', 'pattern', 'rect', 'svg', 'text', 'title'].filter((tag) =>
        svg.tags.includes(tag),
      ),
    );
    expect(text).not.toMatch(/href|var\(|url\((?!#)|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
    expect(svg.texts).not.toContain('+');
    expect(text).toContain('font-family="Archivo, &quot;Helvetica Neue&quot;, Arial, sans-serif"');
  });
}

test('the words of an SVG are those on screen', async ({ page, servers }) => {
  await standing(page, servers.isolated);
  const { bytes } = await saved(page, 'SVG');
  const { texts } = await read(page, bytes.toString());
  const all = texts.join('|');
  const { workers, depths } = await page.evaluate(() => ({
    workers: [...document.querySelectorAll('.picture [data-testid^="worker-"]')].map(
      ({ textContent }) => textContent.trim(),
    ),
    depths: [...document.querySelectorAll('.picture [data-testid^="depth-"]')].map(
      ({ textContent }) => textContent.trim().split('/')[0],
    ),
  }));
  expect(workers.filter(Boolean).length).toBeGreaterThan(5);
  for (const word of workers) expect(all).toContain(word);
  for (const depth of depths) expect(texts).toContain(depth);
});

test('an SVG of the timeline has its lanes, as texts and shapes', async ({ page, servers }) => {
  await standing(page, servers.isolated);
  const { name, bytes } = await saved(page, 'SVG', 'Timeline');
  expect(name).toBe('clearpipe-timeline-6.2s.svg');
  const svg = await read(page, bytes.toString());
  expect(svg.isWell).toBe(true);
  for (const lane of ['records/s', 'validCh', 'Validator 1', 'Transformer 3', 'validCh full']) {
    expect(svg.texts).toContain(lane);
  }
  expect(svg.texts.some((text) => /^6\.20+ s$/.test(text))).toBe(true);
  expect(svg.texts.filter((text) => /^#\d+$/.test(text)).length).toBeGreaterThan(5);
  // Both, one above the other.
  const both = await read(page, (await saved(page, 'SVG', 'Both')).bytes.toString());
  expect(both.texts).toEqual(expect.arrayContaining([...STAGES, 'records/s']));
  expect(Number(both.size[1])).toBeGreaterThan(Number(svg.size[1]) + 300);
});

interface ReadPng {
  width: number;
  height: number;
  /** How many colours there are, and how much of the picture each of some has. */
  colours: number;
  shares: number[];
}

/** Reads an image, as far as a page can. */
async function pixels(page: Page, bytes: Buffer, tokens: string[]): Promise<ReadPng> {
  return page.evaluate(
    async ({ base64, tokens }) => {
      const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([data], { type: 'image/png' }));
      const { width, height } = bitmap;
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const found = new Uint32Array(
        context?.getImageData(0, 0, width, height).data.buffer ?? new ArrayBuffer(0),
      );
      const counts = new Map<number, number>();
      for (const pixel of found) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
      const style = getComputedStyle(document.body);
      const shares = tokens.map((token) => {
        const hex = style.getPropertyValue(token).trim().slice(1);
        const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) =>
          parseInt(hex.slice(at, at + 2), 16),
        );
        const pixel = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
        return (counts.get(pixel) ?? 0) / found.length;
      });
      return { width, height, colours: counts.size, shares };
    },
    { base64: bytes.toString('base64'), tokens },
  );
}

const TOKENS = ['--page', '--busy', '--dot-valid'];

test('a PNG has the size that was asked for, and the colours of the page', async ({
  page,
  servers,
}) => {
  await standing(page, servers.isolated);
  const { width, height } = await shown(page);
  for (const [title, what, name, w, h] of [
    ['PNG', 'Picture', 'clearpipe-6.2s.png', width, height],
    ['PNG, 2×', 'Picture', 'clearpipe-2x-6.2s.png', 2 * width, 2 * height],
    ['PNG, 1920 × 1080', 'Picture', 'clearpipe-1920x1080-6.2s.png', 1920, 1080],
    ['PNG, 1920 × 1080', 'Both', 'clearpipe-with-timeline-1920x1080-6.2s.png', 1920, 1080],
  ] as const) {
    const file = await saved(page, title, what);
    expect(file.name).toBe(name);
    const found = await pixels(page, file.bytes, TOKENS);
    expect([found.width, found.height]).toEqual([Math.round(w), Math.round(h)]);
    expect(found.colours, 'edges are smooth').toBeGreaterThan(100);
    const [ground = 0, busy = 0, dots = 0] = found.shares;
    expect(ground).toBeGreaterThan(0.4);
    expect(busy).toBeGreaterThan(0.01);
    expect(dots).toBeGreaterThan(0.0003);
  }
});

interface Clip {
  frames: number;
  delay: number;
  width: number;
  height: number;
}

/** Checks the chunks of an animated PNG. */
function clipOf(bytes: Buffer): Clip {
  expect(bytes.subarray(1, 4).toString()).toBe('PNG');
  const types: string[] = [];
  let sequence = 0;
  const clip: Clip = { frames: 0, delay: 0, width: 0, height: 0 };
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.subarray(at + 4, at + 8).toString('latin1');
    const data = bytes.subarray(at + 8, at + 8 + length);
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(
      crc32(bytes.subarray(at + 4, at + 8 + length)),
    );
    types.push(type);
    if (type === 'IHDR') [clip.width, clip.height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
    if (type === 'acTL') clip.frames = data.readUInt32BE(0);
    if (type === 'fcTL' || type === 'fdAT') {
      expect(data.readUInt32BE(0)).toBe(sequence);
      sequence += 1;
    }
    if (type === 'fcTL') {
      clip.delay += data.readUInt16BE(20) / data.readUInt16BE(22);
      const [w, h, x, y] = [4, 8, 12, 16].map((at) => data.readUInt32BE(at));
      expect(x + w).toBeLessThanOrEqual(clip.width);
      expect(y + h).toBeLessThanOrEqual(clip.height);
    }
    at += 12 + length;
  }
  const count = (type: string) => types.filter((one) => one === type).length;
  expect(types.slice(0, 4)).toEqual(['IHDR', 'acTL', 'fcTL', 'IDAT']);
  expect(types.at(-1)).toBe('IEND');
  expect(count('fcTL')).toBe(clip.frames);
  expect(count('fdAT')).toBe(clip.frames - 1);
  return clip;
}

test('a clip is an animated PNG that browsers play, made while the picture goes on', async ({
  page,
  servers,
}) => {
  await standing(page, servers.isolated);
  await setMore(page, true);
  await page.evaluate(() => {
    const { screen } = window.clearpipe.session;
    screen.setSpeed(1 / 4);
    screen.play();
  });
  const before = await page.evaluate(() => window.clearpipe.session.screen.view.time);
  const { name, bytes } = await saved(page, 'Clip (animated PNG)', 'Picture', 90_000);
  expect(name).toMatch(/^clearpipe-clip-[\d.]+s\.png$/);
  // It goes on while the clip is made.
  expect(await page.evaluate(() => window.clearpipe.session.screen.view.time)).toBeGreaterThan(
    before,
  );
  await expect(page.getByTestId('exports').getByRole('status')).toContainText(
    /kB, \d+ frames of 960 × 384, from [\d.]+\ss to [\d.]+\ss\.$/,
  );
  expect(bytes.length).toBeLessThanOrEqual(2_000_000);
  const clip = clipOf(bytes);
  expect(clip).toMatchObject({ width: 960, height: 384 });
  expect(clip.frames).toBeGreaterThan(30);
  expect(clip.delay).toBeCloseTo(5, 2);
  const first = await pixels(page, bytes, TOKENS);
  expect(first.shares[1]).toBeGreaterThan(0.01);

  const played = await page.evaluate(async (base64) => {
    const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type: 'image/png' });
    await decoder.tracks.ready;
    await decoder.completed;
    const frames = decoder.tracks.selectedTrack?.frameCount ?? 0;
    const hashes: number[] = [];
    for (let frameIndex = 0; frameIndex < frames; frameIndex += 1) {
      const { image } = await decoder.decode({ frameIndex });
      const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
      const context = canvas.getContext('2d');
      context?.drawImage(image, 0, 0);
      image.close();
      const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let hash = 0;
      for (const part of pixels) hash = (Math.imul(hash, 31) + part) | 0;
      hashes.push(hash);
    }
    return { frames, different: new Set(hashes).size };
  }, bytes.toString('base64'));
  expect(played.frames).toBe(clip.frames);
  // Each frame moves something.
  expect(played.different).toBe(clip.frames);
});

/** Has the timeline show a part of the run, in seconds, to be played at a speed. */
async function showPart(page: Page, from: number, to: number, speed = 1): Promise<void> {
  await openTab(page, 'Timeline');
  await page.evaluate(
    ({ from, to, speed }) => {
      const { screen } = window.clearpipe.session;
      screen.setSpeed(speed);
      screen.timeline = { from: from * 1e9, to: to * 1e9 };
    },
    { from, to, speed },
  );
}

/**
 * Plays a video where nothing is known of the page that made it, and compares pictures with some of its frames.
 *
 * @param frames each by its time in the video, in seconds, with the PNG that it is compared with
 */
async function watched(page: Page, video: Buffer, frames: { time: number; png: Buffer }[]) {
  const player = await page.context().newPage();
  const found = await player.evaluate(
    async ({ video, frames }) => {
      const blobOf = (base64: string, type: string) =>
        new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], { type });
      const player = document.createElement('video');
      player.muted = true;
      player.src = URL.createObjectURL(blobOf(video, 'video/webm'));
      await new Promise((resolve, reject) => {
        player.onloadeddata = resolve;
        player.onerror = () => {
          reject(new Error(player.error?.message));
        };
      });
      const { videoWidth: width, videoHeight: height, duration } = player;
      const pixelsOf = (image: CanvasImageSource) => {
        const context = new OffscreenCanvas(width, height).getContext('2d');
        context?.drawImage(image, 0, 0);
        return context?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      };
      /** Which share of the pixels has clearly another colour; encoded, colours change a little at edges. */
      const difference = (one: Uint8ClampedArray, other: Uint8ClampedArray) => {
        let different = 0;
        for (let at = 0; at < one.length; at += 4) {
          const isOther = [0, 1, 2].some(
            (part) => Math.abs((one[at + part] ?? 0) - (other[at + part] ?? 0)) > 40,
          );
          if (isOther) different += 1;
        }
        return different / (width * height);
      };
      const seen: Uint8ClampedArray[] = [];
      const pictures: Uint8ClampedArray[] = [];
      for (const { time, png } of frames) {
        const sought = new Promise((resolve) => {
          player.onseeked = resolve;
        });
        player.currentTime = time;
        await sought;
        seen.push(pixelsOf(player));
        pictures.push(pixelsOf(await createImageBitmap(blobOf(png, 'image/png'))));
      }
      return {
        ...{ width, height, duration },
        /** Of each frame to each picture. */
        differences: seen.map((frame) => pictures.map((picture) => difference(frame, picture))),
        corners: seen.map((frame) => [...frame.subarray(0, 3)]),
      };
    },
    {
      video: video.toString('base64'),
      frames: frames.map(({ time, png }) => ({ time, png: png.toString('base64') })),
    },
  );
  await player.close();
  return found;
}

const VIDEO = 'Video (WebM)';

test('a video shows what the timeline shows, and its frames are the pictures of their times', async ({
  page,
  servers,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (/webm-[^/]*\.js$/.test(request.url())) asked.push(request.url());
  });
  await standing(page, servers.isolated);
  await showPart(page, 5, 7);
  await setMore(page, true);
  await expect(page.getByTestId('exports')).toContainText(
    /the timeline shows: 5\.000\ss to 7\.000\ss\. At the speed on screen it is 2\.00 s long\./,
  );
  // As far as the timeline shows it, the same at both times.
  const pictures: Buffer[] = [];
  for (const time of [5.5, 6.5]) {
    await page.evaluate((time) => {
      window.clearpipe.session.screen.standAt(time * 1e9);
    }, time);
    await drawn(page, time);
    pictures.push((await saved(page, 'PNG, 1920 × 1080', 'Both')).bytes);
  }
  expect(asked, 'what writes videos, before there is one').toEqual([]);
  const { name, bytes } = await saved(page, VIDEO, 'Picture', 110_000);
  expect(asked).toHaveLength(1);
  expect(name).toBe('clearpipe-video-5s.webm');
  await expect(page.getByTestId('exports').getByRole('status')).toContainText(
    /B, 60 frames of 1920 × 1080, from 5\.000\ss to 7\.000\ss\.$/,
  );
  const [one = Buffer.of(), other = Buffer.of()] = pictures;
  // In the middle of the frames of these times.
  const found = await watched(page, bytes, [
    { time: 15.5 / 30, png: one },
    { time: 45.5 / 30, png: other },
  ]);
  expect(found).toMatchObject({ width: 1920, height: 1080 });
  expect(Math.abs(found.duration - 2)).toBeLessThanOrEqual(1 / 30);
  const [[same = 1, unlike = 0] = [], [unlikeToo = 0, sameToo = 1] = []] = found.differences;
  for (const share of [same, sameToo]) expect(share).toBeLessThan(0.004);
  for (const share of [unlike, unlikeToo]) expect(share).toBeGreaterThan(0.02);
  const ground = await page.evaluate(() =>
    getComputedStyle(document.body).getPropertyValue('--page').trim(),
  );
  const colour = [1, 3, 5].map((at) => parseInt(ground.slice(at, at + 2), 16));
  for (const corner of found.corners) {
    corner.forEach((part, at) => {
      expect(Math.abs(part - (colour[at] ?? 0))).toBeLessThan(8);
    });
  }
});

test('what a video will be like is said before it is made', async ({ page, servers }) => {
  await standing(page, servers.isolated);
  const section = page.getByTestId('exports');
  await showPart(page, 5, 7, 1 / 100);
  await setMore(page, true);
  await expect(section).toContainText(
    'It is faster than on screen, so that it takes no longer than 60.00 s.',
  );
  await showPart(page, 5, 7, 10);
  await setMore(page, true);
  await expect(section).toContainText('It is slower than on screen, so that it takes 2.00 s.');
  await showPart(page, 5000, 7000);
  await setMore(page, true);
  await expect(section).toContainText('The timeline shows nothing of the run.');
  await expect(button(page, VIDEO)).toBeDisabled();
});

for (const [where, sentence, prepare] of [
  [
    'without WebCodecs',
    'This browser can’t encode WebM video (WebCodecs with VP9 or VP8); save the clip as an animated PNG instead.',
    () => {
      Reflect.deleteProperty(globalThis, 'VideoEncoder');
    },
  ],
  [
    'without a codec of WebM',
    'This browser can’t encode WebM video (WebCodecs with VP9 or VP8); save the clip as an animated PNG instead.',
    () => {
      // There is none on the page from which the tests come.
      if (!('VideoEncoder' in globalThis)) return;
      VideoEncoder.isConfigSupported = (config) => Promise.resolve({ supported: false, config });
    },
  ],
  [
    'from an address that isn’t secure',
    'Browsers encode video only for pages from https or from this computer; save the clip as an animated PNG instead.',
    null,
  ],
] as const) {
  test(`${where} there is a sentence in place of the button for videos`, async ({
    page,
    servers,
  }) => {
    if (prepare) await page.addInitScript(prepare);
    const url = servers.plain;
    await standing(page, prepare ? url : url.replace('127.0.0.1', 'clearpipe.test'));
    await setMore(page, true);
    const section = page.getByTestId('exports');
    await expect(section.getByText(sentence)).toBeVisible();
    await expect(section.getByRole('button', { name: VIDEO })).toHaveCount(0);
    await expect(button(page, 'Clip (animated PNG)')).toBeEnabled();
    // The palette leads there, too.
    await setMore(page, false);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('webm');
    await page.keyboard.press('Enter');
    await expect(section.getByRole('alert')).toHaveText(sentence);
    await expect(section.getByText(sentence)).toHaveCount(1);
  });
}

for (const name of ['Clip (animated PNG)', VIDEO]) {
  test(`${name} can be cancelled, and leaves nothing behind`, async ({ page, servers }) => {
    await standing(page, servers.isolated);
    await setMore(page, true);
    const elements = () => page.evaluate(() => document.body.children.length);
    const before = await elements();
    await button(page, name).click();
    await expect(button(page, 'SVG')).toBeDisabled();
    await page.getByTestId('exports').getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByTestId('exports').getByRole('status')).toHaveText('Cancelled.');
    await expect(button(page, 'SVG')).toBeEnabled();
    expect(await elements()).toBe(before);
  });
}

test('the charts are a table, with the numbers of the page', async ({ page, servers }) => {
  await standing(page, servers.isolated);
  const { name, bytes } = await saved(page, 'Charts (CSV)');
  expect(name).toBe('clearpipe-charts.csv');
  const [header, ...rows] = bytes
    .toString()
    .split('\r\n')
    .filter(Boolean)
    .map((row) => row.split(','));
  expect(header).toEqual(['chart', 'series', 'until_seconds', 'value', 'unit', 'origin']);
  const ofSeries = (chart: string, series: string) =>
    rows.filter(([one, other]) => one === chart && other === series);
  const processed = ofSeries('throughput', 'processed');
  const sum = processed.reduce((sum, [, , until, value], at) => {
    const from = Number(processed[at - 1]?.[2] ?? 0);
    return sum + Number(value) * (Number(until) - from);
  }, 0);
  const metrics = await page.evaluate(() => window.clearpipe.session.result?.metrics);
  expect(sum).toBeCloseTo(metrics?.processed ?? 0, 3);
  const depths = ofSeries('depth', 'validCh');
  await setMore(page, false);
  await openTab(page, 'Charts');
  const chart = page.getByRole('figure', { name: 'Records in each channel' });
  await chart.getByText('The numbers').click();
  await expect(chart.locator('tbody tr')).toHaveCount(depths.length);
  // From there, it is of the part that is shown.
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await expect(page.getByTestId('zoom')).toContainText('From');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).click();
  const part = readFileSync(await (await downloading).path(), 'utf8');
  const times = part
    .split('\r\n')
    .slice(1, -1)
    .map((row) => Number(row.split(',')[2]));
  expect(Math.min(...times)).toBeGreaterThan(Number(depths[0]?.[2]));
  expect(Math.max(...times)).toBeLessThan(Number(depths.at(-1)?.[2]));
});

test('without a run there is nothing to export, and the page says so', async ({
  page,
  servers,
}) => {
  await page.goto(servers.isolated);
  await engineStarted(page);
  await setMore(page, true);
  const section = page.getByTestId('exports');
  await expect(section.getByText('There is no run to export yet.')).toBeVisible();
  for (const button of await section.getByRole('button').all()) await expect(button).toBeDisabled();
  // With one there is.
  await setMore(page, false);
  await page.getByRole('button', { name: /^Run/ }).click();
  await expect(section.getByText('There is no run to export yet.')).toHaveCount(0);
});

test('pictures can be saved from the palette', async ({ page, servers }) => {
  await standing(page, servers.isolated);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('picture as svg');
  const downloading = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  expect((await downloading).suggestedFilename()).toBe('clearpipe-6.2s.svg');
});
