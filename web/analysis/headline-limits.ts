// Headlines of what limits a run.

import { count, percent, rate } from '../format';
import { gaugeOf } from '../recording/worker-aggregate';
import { HELD_UP, NONE, capital, strong, word } from './headline-facts';
import type { Facts, Said } from './headline-facts';
import { sharesBetween } from './time-shares';

export function workers(facts: Facts): Said {
  const { next } = facts.diagnosis;
  const isPool = facts.isPool(facts.node);
  const isComing = facts.diagnosis.changes.length === 0;
  const held = facts.heldUp();
  return {
    title: `${facts.the(facts.node)} ${facts.be(isPool)} the bottleneck`,
    evidence: [...facts.begin(facts.busy()), ...held.evidence],
    brief: [strong(facts.busy()), ...held.brief],
    note: isComing
      ? 'As many workers as are set are not there yet.'
      : next === null
        ? ''
        : `Then ${facts.limiter(next)} would be the limit.`,
  };
}

export function several(facts: Facts): Said {
  const { next } = facts.diagnosis;
  const isRate = next === 'rate-limit';
  const other = typeof next === 'number' ? next : null;
  const otherBusy = other === null ? null : facts.sharesOf(other);
  const name = facts.the(facts.node);
  const otherName = other === null ? '' : facts.the(other).replace(/^The /, 'the ');
  return {
    title: isRate
      ? `${name} nearly ${facts.isPast ? 'reached' : facts.isPool(facts.node) ? 'reach' : 'reaches'} the rate limit`
      : `${name} and ${otherName} ${facts.be(true)} at the limit`,
    evidence: [
      ...facts.begin(facts.busy()),
      ...(otherBusy
        ? [{ text: `; ${otherName} ` }, strong(`${percent(otherBusy.busy)} busy`), { text: '.' }]
        : [
            {
              text: `; ${rate(facts.rate)} of the ${count(facts.about.config.generator.rate_limit)}/s that are let in.`,
            },
          ]),
    ],
    brief: [
      strong(facts.busy()),
      {
        text: otherBusy ? `; ${otherName} ${percent(otherBusy.busy)}` : '; the rate limit is near',
      },
    ],
    note: 'Another worker for one alone would hardly help.',
  };
}

export function slowConsumer(facts: Facts): Said {
  const input = facts.node === null ? undefined : facts.topology.inputsOf(facts.node)[0];
  const fanOut = facts.topology
    .sendersOf(input ?? NONE)
    .find((sender) => facts.topology.isFanOut(sender));
  const others = facts.topology
    .outputsOf(fanOut ?? NONE)
    .filter((channel) => channel !== input)
    .flatMap((channel) => facts.topology.receiverOf(channel) ?? []);
  const waiting = others.map((node) => facts.topology.nameOf(node)).join(' and ');
  const held = facts.heldUp();
  return {
    title: `${facts.the(facts.node)} ${facts.be(false)} the bottleneck`,
    evidence: [
      ...facts.begin(facts.busy()),
      ...(waiting === ''
        ? held.evidence
        : [{ text: `. ${waiting} wait with it: each gets every record.` }]),
    ],
    brief: [strong(facts.busy()), ...held.brief],
    note: `There is one of it: only a faster ${facts.node === null ? 'one' : facts.topology.nameOf(facts.node)} helps.`,
  };
}

export function fanOut(facts: Facts): Said {
  const consumers = facts.topology.outputsOf(facts.node ?? NONE).length;
  return {
    title: `${facts.the(facts.node)} ${facts.be(false)} the bottleneck`,
    evidence: [
      ...facts.begin(facts.busy()),
      { text: `. It gives every record to ${word(consumers)} consumers.` },
    ],
    brief: [strong(facts.busy()), { text: `; each record goes to ${word(consumers)}` }],
    note: 'There is one of it, so workers would not help.',
  };
}

export function producer(facts: Facts): Said {
  const { busy, waiting } = facts.shares;
  const isInput = waiting >= 0.5 && facts.about.now.input_bytes > 0;
  const pace = facts.isPast ? 'set the pace' : 'sets the pace';
  if (isInput) {
    const figure = `${percent(waiting)} of its time`;
    return {
      title: `The input ${pace}`,
      evidence: [
        { text: 'The Producer waits for it ' },
        strong(figure),
        { text: ` ${facts.when}, and everybody else waits for the Producer.` },
      ],
      brief: [{ text: 'The Producer waits for it ' }, strong(figure)],
      note: 'Workers would not help.',
    };
  }
  return {
    title: `The Producer ${pace}`,
    evidence: [...facts.begin(`${percent(busy)} busy`), { text: `, ${nobodyHeldUp(facts)}` }],
    brief: [strong(`${percent(busy)} busy`), { text: '; the others keep up' }],
    note: 'More workers would not help: they wait already.',
  };
}

/** Tells who, if anybody, is held up behind the Producer. */
function nobodyHeldUp(facts: Facts): string {
  const held = facts.topology.stages
    .map(({ node }) => ({ node, blocked: facts.sharesOf(node).blocked }))
    .toSorted((a, b) => b.blocked - a.blocked)[0];
  const outputs = facts.topology.outputsOf(facts.node ?? NONE);
  const gauge = gaugeOf(facts.about.now, facts.topology.idOf(outputs[0] ?? NONE));
  if (held && held.blocked >= HELD_UP) {
    return `and it is the slowest, though ${facts.limiter(held.node)} are held up ${percent(held.blocked)} of the time.`.replace(
      'are held',
      facts.isPool(held.node) ? 'are held' : 'is held',
    );
  }
  const depth =
    gauge && !facts.isPast
      ? `: ${facts.topology.nameOf(outputs[0] ?? NONE)} holds ${count(gauge.depth)} of ${count(gauge.capacity)}`
      : '';
  return `and nobody is held up by it${depth}.`;
}

export function rateLimit(facts: Facts): Said {
  const limit = facts.about.config.generator.rate_limit;
  const produced = rate(facts.producedRate);
  return {
    title: `The rate limit ${facts.isPast ? 'set' : 'sets'} the pace`,
    evidence: [
      ...facts.begin(produced),
      { text: ` of ${count(limit)}/s that are let in; everybody else waits for more.` },
    ],
    brief: [strong(produced), { text: ` of ${count(limit)}/s that are let in` }],
    note: facts.diagnosis.changes.length > 0 ? '' : `${capital(facts.diagnosis.advice)}.`,
  };
}

export function batch(facts: Facts): Said {
  const { batch } = facts.about.now;
  const how = batch === 1 ? 'one by one' : `${count(batch)} together`;
  return {
    title: `Handing records over ${facts.be(false)} most of the work`,
    evidence: [
      ...facts.begin(rate(facts.rate)),
      { text: `. No stage takes any time, and records travel ${how}.` },
    ],
    brief: [{ text: 'No stage takes any time; records travel ' }, strong(how)],
    node: null,
  };
}

export function cores(facts: Facts): Said {
  const { threads, stages } = facts.about.now;
  const ready = stages.reduce((sum, { stage }) => {
    const shares = sharesBetween(stage, facts.about.now, facts.about.before);
    return sum + (shares?.ready ?? 0) * facts.countOf(stage);
  }, 0);
  const all = threads === 1 ? `The one ${facts.core}` : `The ${count(threads)} ${facts.core}s`;
  const workers = ready < 9.95 ? Number(ready.toFixed(1)) : Math.round(ready);
  const figure =
    facts.node === null
      ? `${count(workers)} ${workers === 1 ? 'worker is' : 'workers are'} ready`
      : `${percent(facts.shares.ready)} ready`;
  const what =
    facts.node === null
      ? `, but without a ${facts.core}, on average.`
      : ` without a ${facts.core}, ${facts.busy()}.`;
  return {
    title: `${all} ${facts.be(threads !== 1)} the limit, not the workers`,
    evidence: [
      ...(facts.node === null ? [] : [{ text: `${facts.the(facts.node)}: ` }]),
      strong(figure),
      { text: what },
      { text: ` Measured ${facts.when}.` },
    ],
    brief: [strong(figure), { text: ` without a ${facts.core}` }],
    note:
      facts.diagnosis.changes.length > 0
        ? 'More workers would only wait for them.'
        : 'The machine has no more: only less work for each record would help.',
  };
}

export function window(facts: Facts): Said {
  const share = percent(facts.sharesOf(facts.node).blocked);
  const window = facts.about.config.window ?? null;
  return {
    title: `Too few records ${facts.isPast ? 'could' : 'may'} be in flight`,
    evidence: [
      { text: 'The Producer waits ' },
      strong(`${share} of its time`),
      {
        text: ` ${facts.when}${window === null ? ': files in order wait for the slowest record' : `: ${count(window)} may be in flight`}.`,
      },
    ],
    brief: [{ text: 'The Producer waits ' }, strong(`${share} of its time`)],
  };
}

export function capacity(facts: Facts): Said {
  const input = facts.topology.inputsOf(facts.node ?? NONE)[0] ?? NONE;
  const name = facts.topology.nameOf(input);
  const sender = facts.topology.sendersOf(input)[0] ?? NONE;
  const blocked = percent(facts.sharesOf(sender).blocked);
  const { waiting } = facts.shares;
  return {
    title: `${name} ${facts.be(false)} too small to even out the pace`,
    evidence: [
      { text: `${facts.the(facts.node)} ${facts.isPool(facts.node) ? 'wait' : 'waits'} ` },
      strong(percent(waiting)),
      { text: ' of the time, and yet ' },
      { text: `${facts.limiter(sender)} ${facts.isPool(sender) ? 'are' : 'is'} blocked ` },
      strong(blocked),
      { text: ` ${facts.when}.` },
    ],
    brief: [strong(`${percent(waiting)} waiting`), { text: ` behind, ${blocked} blocked before` }],
  };
}
