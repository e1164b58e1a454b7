// Cuts the code of the stages out of the sources, for the page, which shows it and lights up the line of an event.
//
// Comments in the sources say what is cut, and which event belongs to which line:
//
//     // code: start validator, transformer      from here on, for these stages …
//     input.receive_some(…).await // event: depart                … with the events of this line
//     // event: invalid, send@errorCh            or of the next one, if the comment stands alone
//     // code: end                               … up to here
//
// `send` stands for the events of a sender: `arrive`, `blocked` and `released`. An event behind which a channel is named
// is only that at this channel. A stage may have several parts, all in one file.

import { Failure } from './run.mjs';

/**
 * What a stage's code has to account for: each of these events lights up one of its lines. At `channels` it sends and
 * receives.
 * @type {Readonly<Record<string, { events: readonly string[], channels: readonly string[] }>>}
 */
export const STAGES = {
  producer: { events: ['produced', 'send'], channels: ['dataCh'] },
  validator: {
    events: ['depart', 'work_start', 'valid', 'invalid', 'send'],
    channels: ['dataCh', 'validCh', 'errorCh'],
  },
  transformer: {
    events: ['depart', 'work_start', 'processed', 'anomaly', 'transformation_error', 'send'],
    channels: ['validCh', 'processedCh', 'errorCh'],
  },
  fan_out: {
    events: ['depart', 'send'],
    channels: ['processedCh', 'errorCh', 'loaderCh', 'errorHandlerCh', 'metricsCh'],
  },
  loader: { events: ['depart', 'work_start', 'written', 'work_end'], channels: ['loaderCh'] },
  error_handler: {
    events: ['depart', 'work_start', 'written', 'work_end'],
    channels: ['errorHandlerCh'],
  },
  metrics_collector: {
    events: ['depart', 'work_start', 'counted', 'work_end'],
    channels: ['metricsCh'],
  },
};

/** The events of one that sends. */
const SEND = ['arrive', 'blocked', 'released'];

/**
 * @typedef {object} Part
 * @property {number} first the number of its first line in the file, from 1
 * @property {(string | null)[]} lines without the comments, and without the indentation that all have in common; null for
 *   a line that was nothing but such a comment
 */

/**
 * @typedef {object} Section
 * @property {readonly string[]} stages
 * @property {string} file its path in the repository
 * @property {Part[]} parts
 * @property {Record<string, number>} events the number of the line of each kind of event, or of a kind at a channel:
 *   `arrive@errorCh`
 */

/**
 * Cuts the sections out of sources of one language.
 *
 * @param {readonly { path: string, text: string }[]} sources
 * @returns {Section[]} one for each stage, or for several that have the same code
 */
export function cutOut(sources) {
  const sections = sources.flatMap(({ path, text }) => cutOne(path, text));
  for (const stage of Object.keys(STAGES)) {
    const [section, other] = sections.filter(({ stages }) => stages.includes(stage));
    if (!section)
      throw new Failure(`No source has the code of ${stage}: \`code: start ${stage}\`.`);
    if (other) throw new Failure(`Both ${section.file} and ${other.file} have code of ${stage}.`);
  }
  for (const section of sections) expectEvents(section);
  return sections;
}

/** Cuts one source. @param {string} path @param {string} text @returns {Section[]} */
function cutOne(path, text) {
  /** @type {Map<string, Section>} */
  const sections = new Map();
  /** @type {{ section: Section, part: Part } | null} */
  let open = null;
  /** The events of a comment that stands alone, which belong to the next line. @type {string[]} */
  let pending = [];
  for (const [index, line] of text.split('\n').entries()) {
    const number = index + 1;
    /** @param {string} problem @returns {never} */
    const fail = (problem) => {
      throw new Failure(`${path}:${number}: ${problem}`);
    };
    const [, mark] = /^\s*\/\/ code: (.*)$/.exec(line) ?? [];
    if (mark === 'end') {
      if (!open) fail('`code: end` without a beginning.');
      if (pending.length > 0) fail('No line follows the comment that names an event.');
      if (open) tidy(open.part);
      open = null;
      continue;
    }
    if (mark !== undefined) {
      const names = /^start (.+)$/.exec(mark)?.[1]?.split(', ');
      if (!names)
        return fail(`\`code: ${mark}\` is neither \`code: start STAGE\` nor \`code: end\`.`);
      if (open) fail(`This code begins within that of ${open.section.stages.join(', ')}.`);
      const unknown = names.find((name) => !(name in STAGES));
      if (unknown !== undefined) fail(`There is no stage ${unknown}.`);
      const key = names.join(', ');
      const section = sections.get(key) ?? { stages: names, file: path, parts: [], events: {} };
      const part = { first: number + 1, lines: [] };
      sections.set(key, section);
      section.parts.push(part);
      open = { section, part };
      continue;
    }
    const [, code = '', list] = /^(.*?)\s*\/\/ event: (.*)$/.exec(line) ?? [null, line.trimEnd()];
    const events = list?.split(', ') ?? [];
    if (!open) {
      if (list !== undefined) fail(`\`event: ${list}\` stands outside of the code that is shown.`);
      continue;
    }
    if (list !== undefined && code === '') {
      pending.push(...events);
      open.part.lines.push(null);
      continue;
    }
    open.part.lines.push(code);
    // Another comment may come in between.
    if (/^\s*(\/\/|$)/.test(code)) continue;
    const problem = light(open.section, number, [...pending, ...events]);
    if (problem !== null) fail(problem);
    pending = [];
  }
  if (open)
    throw new Failure(
      `${path}: the code of ${open.section.stages.join(', ')} has no end: \`code: end\`.`,
    );
  return [...sections.values()];
}

/**
 * Has a line light up with events. Returns what is wrong with them; null if nothing is.
 *
 * @param {Section} section
 * @param {number} line its number
 * @param {readonly string[]} named as comments name them
 */
function light({ stages, events }, line, named) {
  for (const event of named) {
    const keys = keysOf(event, stages);
    if (!keys) return `${stages.join(', ')} cannot have the event \`${event}\`.`;
    for (const key of keys) {
      if (key in events) return `The event \`${event}\` is also that of line ${events[key]}.`;
      events[key] = line;
    }
  }
  return null;
}

/**
 * The kinds of events that a comment means, with their channel; null if none of the stages has such an event.
 * @param {string} event
 * @param {readonly string[]} stages
 */
function keysOf(event, stages) {
  const [kind = '', channel] = event.split('@');
  const isOne = stages.some((name) => {
    const stage = STAGES[name];
    if (channel !== undefined && !stage?.channels.includes(channel)) return false;
    return stage?.events.includes(kind);
  });
  if (!isOne) return null;
  const at = channel === undefined ? '' : `@${channel}`;
  return (kind === 'send' ? SEND : [kind]).map((kind) => `${kind}${at}`);
}

/** Fails if an event of a stage lights up no line of its section. @param {Section} section */
function expectEvents({ stages, file, events }) {
  const kinds = Object.keys(events).map((key) => key.split('@')[0]);
  for (const stage of stages) {
    for (const event of STAGES[stage]?.events ?? []) {
      if (kinds.includes(event === 'send' ? 'arrive' : event)) continue;
      throw new Failure(`${file}: no line of ${stage} has the event \`${event}\`.`);
    }
  }
}

/** Removes blank lines at both ends, and the indentation that all lines have in common. @param {Part} part */
function tidy(part) {
  const isText = (/** @type {string | null} */ line) => Boolean(line);
  const begin = Math.max(0, part.lines.findIndex(isText));
  const lines = part.lines.slice(begin, part.lines.findLastIndex(isText) + 1);
  const indents = lines.flatMap((line) => (line ? [/^\s*/.exec(line)?.[0].length ?? 0] : []));
  const common = Math.min(...indents);
  part.first += begin;
  part.lines = lines.map((line) => line?.slice(common) ?? null);
}
