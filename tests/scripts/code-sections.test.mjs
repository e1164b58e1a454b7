// How the code of the stages is cut out of the sources.

import { expect, test } from 'vitest';
import { codeIn } from '../../scripts/lib/code.mjs';
import { STAGES, cutOut } from '../../scripts/lib/code-sections.mjs';
import { EVENT_KINDS, STANDARD } from '../../web/engine/generated/topology';

/** A source with all stages, each of whose lines has an event. */
function source() {
  return Object.entries(STAGES).map(([stage, { events }]) => ({
    path: `${stage}.rs`,
    text: [
      'use nothing;',
      `    // code: start ${stage}`,
      '    loop {',
      ...events.map((event) => `        do_${event}(); // event: ${event}`),
      '    }',
      '    // code: end',
      '',
    ].join('\n'),
  }));
}

/**
 * What is said of a source that is changed so.
 * @param {string} path
 * @param {(text: string) => string} change
 */
function complaint(path, change) {
  const sources = source().map((one) =>
    one.path === path ? { ...one, text: change(one.text) } : one,
  );
  try {
    cutOut(sources);
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  return null;
}

test('what lies between the comments is cut out, without them and their indentation', () => {
  const section = cutOut(source()).find(({ stages }) => stages.includes('producer'));
  expect(section).toEqual({
    stages: ['producer'],
    file: 'producer.rs',
    parts: [{ first: 3, lines: ['loop {', '    do_produced();', '    do_send();', '}'] }],
    events: { produced: 4, arrive: 5, blocked: 5, released: 5 },
  });
});

test('a comment that stands alone is about the next line, and isn’t shown', () => {
  const sources = source().map(({ path, text }) => ({
    path,
    text: text.replace(
      'do_depart(); // event: depart',
      '// event: depart\n        // why\n        do_depart();',
    ),
  }));
  const loader = cutOut(sources).find(({ stages }) => stages.includes('loader'));
  expect(loader?.parts[0]?.lines.slice(0, 4)).toEqual([
    'loop {',
    null,
    '    // why',
    '    do_depart();',
  ]);
  expect(loader?.events.depart).toBe(6);
});

test('parts of a stage in one file belong together', () => {
  const sources = source().map(({ path, text }) => ({
    path,
    text: text.replace(
      path === 'producer.rs' ? 'do_send(); //' : 'nothing else',
      'x();\n// code: end\nother();\n// code: start producer\ny(); //',
    ),
  }));
  const producer = cutOut(sources).find(({ stages }) => stages.includes('producer'));
  expect(producer?.parts.map(({ first, lines }) => [first, lines.length])).toEqual([
    [3, 3],
    [9, 2],
  ]);
  expect(producer?.events.arrive).toBe(9);
});

test('comments that don’t fit together are told, with their place', () => {
  /** @type {[string, (text: string) => string, string][]} */
  const cases = [
    [
      'loader.rs',
      (text) => text.replace('start loader', 'start'),
      'loader.rs:2: `code: start` is neither',
    ],
    [
      'loader.rs',
      (text) => text.replace(/.*start.*\n/, ''),
      'loader.rs:3: `event: depart` stands outside',
    ],
    [
      'loader.rs',
      (text) => text.replace(/.*code: end\n/, ''),
      'loader.rs: the code of loader has no end',
    ],
    [
      'loader.rs',
      (text) => `// code: end\n${text}`,
      'loader.rs:1: `code: end` without a beginning',
    ],
    [
      'loader.rs',
      (text) => text.replace('loop {', '// code: start loader'),
      'loader.rs:3: This code begins within',
    ],
    [
      'loader.rs',
      (text) => text.replace('start loader', 'start loadr'),
      'loader.rs:2: There is no stage loadr',
    ],
    [
      'loader.rs',
      (text) => text.replace('event: depart', 'event: departs'),
      'loader.rs:4: loader cannot have the event `departs`',
    ],
    [
      'loader.rs',
      (text) => text.replace('event: depart', 'event: depart@dataCh'),
      'loader.rs:4: loader cannot have the event `depart@dataCh`',
    ],
    [
      'loader.rs',
      (text) => text.replace('event: written', 'event: depart'),
      'loader.rs:6: The event `depart` is also that of line 4',
    ],
    [
      'loader.rs',
      (text) => text.replace(' // event: written', ''),
      'loader.rs: no line of loader has the event `written`',
    ],
    [
      'loader.rs',
      (text) => text.replace('    }\n', '    // event: work_end\n'),
      'loader.rs:9: No line follows',
    ],
    ['loader.rs', () => '', 'No source has the code of loader'],
    ['loader.rs', (text) => text.replace('start loader', 'start loader, producer'), 'Both'],
  ];
  for (const [path, change, expected] of cases) expect(complaint(path, change)).toContain(expected);
});

test('the stages and their events are those of the engine', () => {
  expect(Object.keys(STAGES)).toEqual(STANDARD.stages.map(({ id }) => id));
  for (const [id, { events, channels }] of Object.entries(STAGES)) {
    const node = STANDARD.stages.find((stage) => stage.id === id)?.node;
    const own = STANDARD.channels.filter(({ senders, receivers }) =>
      [...senders, ...receivers].includes(node ?? NaN),
    );
    expect(channels).toEqual(own.map(({ id }) => id));
    for (const event of events) if (event !== 'send') expect(EVENT_KINDS).toContain(event);
  }
});

for (const language of /** @type {const} */ (['rust', 'go'])) {
  test(`the code in ${language} has all stages, and lines that can be read`, () => {
    const sections = codeIn(language);
    expect(sections.flatMap(({ stages }) => stages).sort()).toEqual(Object.keys(STAGES).sort());
    for (const { parts, events } of sections) {
      const lines = parts.flatMap(({ lines }) => lines).filter((line) => line !== null);
      expect(lines.join('\n')).not.toMatch(/\/\/ (code|event):/);
      for (const number of Object.values(events)) {
        const part = parts.find(
          ({ first, lines }) => number >= first && number < first + lines.length,
        );
        expect(part?.lines[number - (part?.first ?? 0)]).toMatch(/\w/);
      }
    }
  });
}

test('a record is received and sent where the code does it', () => {
  /** @param {'rust' | 'go'} language @param {string} stage @param {string} event */
  const line = (language, stage, event) => {
    const section = codeIn(language).find(({ stages }) => stages.includes(stage));
    const number = section?.events[event] ?? NaN;
    const part = section?.parts.find(
      ({ first, lines }) => number >= first && number < first + lines.length,
    );
    return part?.lines[number - part.first]?.trim();
  };
  expect(line('rust', 'validator', 'depart')).toContain('input.receive_some(');
  expect(line('rust', 'validator', 'arrive')).toContain('output.send_all(');
  expect(line('rust', 'transformer', 'arrive@errorCh')).toContain('errors.send_all(');
  expect(line('rust', 'loader', 'written')).toContain('file.push(');
  expect(line('go', 'validator', 'depart')).toBe('for record := range data {');
  expect(line('go', 'validator', 'arrive')).toBe('case valid <- record:');
  expect(line('go', 'validator', 'arrive@errorCh')).toBe('case failed <- rejected:');
  expect(line('go', 'fan_out', 'depart@errorCh')).toBe('case finished, ok = <-failed:');
});
