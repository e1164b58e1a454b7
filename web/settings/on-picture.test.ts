import { expect, test } from 'vitest';
import { everyIn, settingsControls, spoken, textOfTimes, timesIn } from './on-picture';
import { SERVICE_TIME } from './constraints';
import { openingRun, referenceRun } from './settings';

test.each([
  ['300-900ms', { from: 300, to: 900 }, '300–900\u00a0ms'],
  ['5ms', { from: 5, to: 5 }, '5\u00a0ms'],
  ['0-20ms', { from: 0, to: 20 }, '0–20\u00a0ms'],
  ['1s-1500ms', { from: 1000, to: 1500 }, '1–1.5\u00a0s'],
  [' 250 us ', { from: 0.25, to: 0.25 }, '250\u00a0µs'],
])('the service time %j is read, said and written', (text, range, words) => {
  expect(timesIn(text)).toEqual(range);
  expect(spoken(range)).toBe(words);
  const written = textOfTimes(range);
  expect(SERVICE_TIME.accepts(written)).toBe(true);
  expect(timesIn(written)).toEqual(range);
});

test('what is no time is none', () => {
  for (const text of ['off', '', 'soon', '5', '9-1ms']) expect(timesIn(text)).toBeNull();
  expect(textOfTimes(null)).toBe('off');
  expect(textOfTimes({ from: 0, to: 0 })).toBe('off');
});

test('how many fail is told as one in so many', () => {
  expect(everyIn('every 10')).toBe(10);
  expect(everyIn('5%')).toBe(20);
  expect(everyIn('off')).toBe(0);
  expect(everyIn('often')).toBeNull();
});

test('controls change the settings, say when that acts, and go back', () => {
  const settings = openingRun();
  let isRunning = true;
  const controls = settingsControls(settings, () => isRunning, openingRun());
  const pool = controls.workers('transformer');
  expect(pool).toMatchObject({ label: 'Transformers', value: 3, least: 1, when: 'acts at once' });
  pool?.set(4);
  expect(settings.transformers).toBe(4);
  expect(controls.workers('transformer')?.value).toBe(4);
  expect(controls.workers('validator')?.value).toBe(3);
  pool?.reset();
  expect(settings.transformers).toBeNull();
  expect(controls.workers('loader')).toBeNull();

  const channel = controls.capacity('validCh');
  expect(channel).toMatchObject({ value: 10, when: 'acts at the next run' });
  channel?.set(25);
  expect(settings.buffers.valid).toBe(25);
  expect(controls.capacity('validCh')?.value).toBe(25);
  expect(controls.capacity('dataCh')?.value).toBe(10);
  expect(controls.capacity('otherCh')).toBeNull();

  const time = controls.time('transformer');
  expect(time?.texts[0]).toBe('takes 300–900\u00a0ms');
  time?.set('computes', { from: 1, to: 2 });
  time?.set('waits', null);
  expect(settings.service.transformer).toEqual({ wait: 'off', compute: '1-2ms' });
  expect(controls.time('transformer')?.texts[0]).toBe('computes 1–2\u00a0ms');
  time?.reset();
  expect(settings.service.transformer).toEqual(openingRun().service.transformer);
  expect(controls.time('fan_out')).toBeNull();

  expect(controls.rate('producer')?.texts[0]).toBe('one in 100–200\u00a0ms');
  controls.rate('producer')?.set(6.6);
  expect(controls.rate('producer')?.texts).toEqual(['6.6 a second', '6.6/s']);
  expect(controls.rate('validator')).toBeNull();
  isRunning = false;
  expect(controls.rate('producer')?.when).toBe('acts at the next run');

  const fast = settingsControls(referenceRun(), () => false, referenceRun());
  expect(fast.rate('producer')?.texts[0]).toBe('as fast as it can');
  expect(fast.time('validator')?.texts[0]).toBe('takes no time');
});

test('what fails is a setting of the generator', () => {
  const settings = openingRun();
  const controls = settingsControls(settings, () => false, openingRun());
  expect(controls.faults()?.texts[0]).toBe('1 in 10 fails');
  controls.faults()?.faults[0]?.set(0);
  controls.faults()?.faults[1]?.set(3);
  expect(settings).toMatchObject({ invalidValue: 'off', invalidUnit: 'every 3' });
  expect(controls.faults()?.texts[0]).toBe('none fails');
  controls.faults()?.reset();
  expect(settings.invalidValue).toBe('every 10');
  settings.source = 'file';
  expect(controls.faults()).toBeNull();
});
