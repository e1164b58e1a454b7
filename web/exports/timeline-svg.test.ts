import { expect, test } from 'vitest';
import { ledgerOf } from '../analysis/ledger';
import { journeyEvents, recordingOf } from '../analysis/testing';
import { TimelineData } from '../timeline/timeline-data';
import { Definitions } from './svg';
import { timelineSvg } from './timeline-svg';
import type { TimelineColours, TimelineShot } from './timeline-svg';

const COLOURS: TimelineColours = {
  ...{ ink: '#000001', soft: '#000002', page: '#000003', rule: '#000004', graticule: '#000005' },
  ...{ busy: '#000006', onBusy: '#000007', waiting: '#000008', depth: '#000009' },
  ...{ ready: 'url(#r)', readyPlain: '#00000a', blocked: 'url(#b)', blockedPlain: '#00000b' },
  ...{ press: '#00000c', pressInk: '#00000d', font: 'Archivo' },
  records: ['#000010', '#000011', '#000012', '#000013', '#000014'],
};

const recording = recordingOf(
  Array.from({ length: 20 }, (_, record) => journeyEvents(record, 10 * record, record % 2)).flat(),
);
const data = new TimelineData(recording);
data.advance();
ledgerOf(recording).catchUp();

function written(changes: Partial<TimelineShot> = {}): string {
  const shot: TimelineShot = {
    ...{ data, window: { from: 0, to: 240e6 }, division: 20e6, folded: {}, set: 'full' },
    ...{ marks: [{ time: 50e6, text: 'mine & yours', kind: 'user' }], stage: null, chosen: null },
    ...{ time: 100e6, isLive: false, width: 980, height: 340 },
    ...changes,
  };
  return timelineSvg(shot, COLOURS, new Definitions()).body;
}

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);

test('lanes, times and marks are texts', () => {
  const texts = textsOf(written());
  for (const text of ['records/s', 'validCh', 'Validator 1', 'Validator 2', 'Producer']) {
    expect(texts).toContain(text);
  }
  expect(texts).toContain('100.00 ms');
  expect(texts).toContain('mine &amp; yours');
  // The tick at the playhead would be below its time.
  const ticks = (svg: string) => [...svg.matchAll(/anchor="middle" fill="#000002">([^<]*)</g)];
  expect(ticks(written()).map(([, text]) => text)).toEqual(
    [0, 20, 40, 60, 80, 120, 140, 160, 180, 200, 220, '240 ms'].map(String),
  );
});

test('each record that was written has its mark', () => {
  const marks = written().match(/<path d="[^"]*" fill="#000012"\/>/g);
  expect(marks).toHaveLength(20);
});

test('what is to come is pale in a replay, and not there live', () => {
  const pale = '<path d="M';
  expect(written()).toMatch(new RegExp(`${pale}[^"]*" fill="#000003" opacity="0.72"/>`));
  const live = written({ isLive: true });
  expect(live).not.toContain('opacity="0.72"');
  const flagged = (time: number) =>
    textsOf(written({ isLive: true, time })).includes('mine &amp; yours');
  expect([40e6, 60e6].map(flagged)).toEqual([false, true]);
});

test('the chosen record has its number in ink', () => {
  expect(written({ chosen: 3, window: { from: 28e6, to: 40e6 }, division: 1e6 })).toContain(
    'fill="#000003">#3<',
  );
});
