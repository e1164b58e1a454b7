import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_MARKS, markText } from '../marks';
import { SPEEDS, speedForAll } from '../recording/playback';
import { STANDARD } from '../recording/topology';
import { fromHash, toHash } from './link';
import { NO_VIEW } from './link-view';
import type { LinkedView, Selection } from './link-view';
import { openingRun } from './settings';
import { validSettings } from './testing';

const time = fc.oneof(fc.nat(10_000), fc.nat(2 ** 31 - 1), fc.maxSafeNat());

const speed = fc
  .tuple(fc.constantFrom(...SPEEDS, ...[1e3, 7e5, 2e8].map(speedForAll)), fc.boolean())
  .map(([speed, backwards]) => (backwards ? -speed : speed));

const selection: fc.Arbitrary<Selection> = fc.oneof(
  fc.nat(2 ** 31 - 1).map((record) => ({ record })),
  fc.constantFrom(...STANDARD.channels).map(({ node }) => ({ place: { channel: node } })),
  fc.tuple(fc.constantFrom(...STANDARD.stages), fc.nat(65_534)).map(([stage, worker]) => ({
    place: { stage: stage.node, worker: stage.is_pool ? worker : 0 },
  })),
);

const character = fc.constantFrom(...'aé😀 :&=#%+/\u202e"<'.split(/(?:)/u));

const marks = fc
  .uniqueArray(fc.record({ time, text: fc.string({ unit: character }).map(markText) }), {
    selector: ({ time }) => time,
    maxLength: MAX_MARKS,
  })
  .map((marks) => marks.sort((a, b) => a.time - b.time));

const views: fc.Arbitrary<LinkedView> = fc.record({
  at: fc.option(time),
  speed,
  selection: fc.option(selection),
  timeline: fc.option(
    fc.tuple(fc.nat(1e12), fc.integer({ min: 1, max: 1e12 })).map(([from, length]) => ({
      from,
      to: from + length,
    })),
  ),
  marks,
  digest: fc.option(
    fc.record({
      version: fc.constantFrom('0.1.0', '1.2.3-beta.1+7'),
      digest: fc.constantFrom('00000000', '9f3a5c21'),
    }),
  ),
  events: fc.option(
    fc.base64String({ minLength: 4 }).map((text) => text.replaceAll(/[^\w]/g, '_')),
  ),
  lesson: fc.option(
    fc.record({
      id: fc.constantFrom('channel', 'more-workers-than-cores'),
      step: fc.integer({ min: 1, max: 4 }),
    }),
  ),
  level: fc.option(
    fc.record({
      id: fc.constantFrom('overtake', 'in-order'),
      path: fc.array(fc.constantFrom('P', 'V1', 'V2', 'T10', 'F', 'L', 'E', 'M', 'C')),
    }),
  ),
});

test('any view of any settings comes back', () => {
  fc.assert(
    fc.property(validSettings, views, (settings, view) => {
      const hash = toHash(settings, [], view);
      const isPlain = hash === '';
      expect(fromHash(isPlain ? '#v1' : hash)).toEqual({
        settings,
        view,
        other: null,
        problems: [],
      });
      // As the browser returns it, and as a chat program might change it.
      expect(new URL(hash, 'http://x/').hash).toBe(hash);
      expect(hash).toMatch(isPlain ? /^$/ : /^#v1&[!-~]*$/);
    }),
    { numRuns: 1000 },
  );
}, 120_000);

test('it can be read, and leaves out what is usual', () => {
  const view: LinkedView = {
    ...{ at: 1.24e9, speed: 0.01, selection: { record: 17 } },
    timeline: { from: 1.1e9, to: 1.4e9 },
    marks: [{ time: 1.2e9, text: 'full now' }],
    digest: { version: '0.1.0', digest: '9f3a5c21' },
    events: 'q1Yq-_8',
    lesson: { id: 'bottleneck', step: 3 },
    level: { id: 'overtake', path: ['P', 'V1', 'V2'] },
  };
  expect(toHash(openingRun(), [], view)).toBe(
    '#v1&at=1.24s&speed=1/100&sel=record:17&view=timeline:1.1s-1.4s&mark=1.2s:full+now' +
      '&log=0.1.0:9f3a5c21&events=q1Yq-_8&lesson=bottleneck&step=3&level=overtake&path=P.V1.V2',
  );
  expect(toHash(openingRun(), [], NO_VIEW)).toBe('');
});

test.each([
  ['lesson=B', 'The lesson must be the name of a lesson such as bottleneck.'],
  ['step=5', 'The step of the lesson must be a number from 1 to 4.'],
  ['level=B', 'The level must be the name of a level such as overtake.'],
  ['path=P.X1', 'The path must be steps such as P.V1.V2.'],
  ['at=now', 'The time must be a time of the run such as 1.24s.'],
  ['at=-1s', 'The time must be'],
  ['speed=0', 'The speed must be a number from 1 to 10 or a fraction'],
  ['speed=1/0', 'The speed must be'],
  ['speed=11', 'The speed must be'],
  ['sel=record:x', 'The selection must be such as record:17'],
  ['sel=worker:cook.1', 'The selection must be'],
  ['sel=worker:loader.2', 'The selection must be'],
  ['sel=channel:__proto__', 'The selection must be'],
  ['view=timeline:2s-1s', 'The view must be such as timeline:1.1s-1.4s.'],
  ['log=9f3a5c21', 'The digest of the run must be a version and eight hexadecimal digits'],
  ['log=0.1.0:9F3A5C21', 'The digest of the run must be'],
  ['events=', 'The recording must be an event log in base64'],
  ['mark=here', 'A mark must be a time and a text'],
])('%s is told', (part, words) => {
  const { view, problems } = fromHash(`#v1&${part}`) ?? { view: null, problems: [] };
  expect(view).toEqual(NO_VIEW);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`“${part}” was ignored: ${words}`);
});

test('there are only so many marks, and their texts are short', () => {
  const part = (at: number) => `mark=${at}s:${'x'.repeat(500)}`;
  const link = `#v1&${Array.from({ length: 50 }, (_, at) => part(at)).join('&')}`;
  const { view, problems } = fromHash(link) ?? { view: NO_VIEW, problems: [] };
  expect(view.marks).toHaveLength(MAX_MARKS);
  expect(view.marks[0]?.text.length).toBeLessThanOrEqual(80);
  expect(problems).toHaveLength(1);
});
