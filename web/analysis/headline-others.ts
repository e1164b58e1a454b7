// Headlines of a run that nothing limits, that nothing can be told of yet, or that is catching up.

import { count, percent } from '../format';
import {
  ENOUGH,
  HELD_UP,
  MAX_HEADLINE,
  capital,
  plain,
  recordsText,
  seconds,
  strong,
} from './headline-facts';
import type { Facts, Said } from './headline-facts';
import type { Draining } from './settling';

/** As in bottleneck.ts: busy or ready for this share of its time, a stage is at its limit. */
const AT_LIMIT = 0.85;

export function none(facts: Facts): Said {
  const producer = facts.topology.stages.find(({ node }) => facts.topology.isSource(node));
  const blocked = producer ? facts.sharesOf(producer.node).blocked : 0;
  const isPool = facts.isPool(facts.node);
  const busy = facts.shares.busy + facts.shares.ready;
  const name = facts.node === null ? '' : facts.topology.workersName(facts.node);
  if (busy >= AT_LIMIT) {
    return {
      title: `${facts.the(facts.node)} ${facts.be(isPool)} busy, and ${facts.isPast ? 'kept' : isPool ? 'keep' : 'keeps'} up`,
      evidence: [
        ...facts.begin(facts.busy()),
        {
          text: `${facts.shares.ready >= 0.05 ? ` and ${percent(facts.shares.ready)} ready without a ${facts.core}` : ''}, but nobody waits for ${isPool ? 'them' : 'it'} much.`,
        },
      ],
      brief: [strong(facts.busy()), { text: '; nobody waits for it' }],
    };
  }
  const figure = `${percent(busy)} of the time`;
  return {
    title:
      blocked >= HELD_UP
        ? `Stages ${facts.isPast ? 'held' : 'hold'} each other up now and then`
        : `No stage ${facts.be(false)} at its limit`,
    evidence: [
      { text: `The busiest, ${name}, ${isPool ? 'work' : 'works'} ` },
      strong(figure),
      {
        text:
          blocked >= HELD_UP
            ? ` ${facts.when}; the Producer is blocked ${percent(blocked)} of it.`
            : ` ${facts.when}. There is room for more records.`,
      },
    ],
    brief: [{ text: `The busiest, ${name}, ${isPool ? 'work' : 'works'} ` }, strong(figure)],
  };
}

export function waiting(facts: Facts): Said {
  const { window } = facts.about;
  return plain(
    'Nothing moves: all workers wait',
    `No record was produced in the ${seconds(window.to - window.from)} before, and none is on its way.`,
  );
}

export function over(facts: Facts): Said {
  const { now } = facts.about;
  const done = now.processed + now.failed;
  if (done === 0)
    return plain('No record went through', 'So there is nothing to say of what limited the run.');
  if (facts.diagnosis.stage === 'producer') {
    const left = Math.max(0, now.produced - done);
    return plain(
      'The Producer is done',
      `All ${count(now.produced)} records are produced; ${count(left)} of them ${left === 1 ? 'is' : 'are'} still on the way.`,
    );
  }
  return plain(
    'The run is over',
    `${count(done)} records went through; nothing limits it any more.`,
  );
}

export function tooEarly(facts: Facts): Said {
  const { changed, now, before } = facts.about;
  const done = facts.finished;
  if (facts.isPast) {
    const isFew = done < ENOUGH;
    return {
      ...plain(
        isFew ? 'Too few records for a verdict' : 'The run was too short for a verdict',
        isFew
          ? `${capital(recordsText(done))} went through. It takes ${ENOUGH} to tell what limits a run from chance.`
          : `${capital(recordsText(done))} went through in ${seconds(now.elapsed_seconds * 1e9)}: too few for a rate.`,
      ),
      key: 'too-few',
    };
  }
  const need =
    done < ENOUGH
      ? `${done === 0 ? 'None' : count(done)} of the ${ENOUGH} records that a verdict needs went through ${facts.when}.`
      : `${count(facts.produced)} records were produced and ${count(done)} finished ${facts.when}: it is filling up.`;
  const isBegin = before === undefined && (changed ?? null) === null;
  return {
    ...plain(changed ? `Measuring ${changed}` : 'Too early to tell', need),
    key: isBegin ? 'too-early begin' : `too-early ${changed ?? ''}`,
  };
}

export function catchesUp(
  facts: Facts,
  { channel, depth, capacity }: Draining,
  receiver: number,
): Said {
  const name = facts.topology.nameOf(channel);
  const shares = facts.sharesOf(receiver);
  const isPool = facts.isPool(receiver);
  const left = `${count(Math.round(depth))} of ${count(capacity)}`;
  const title = `${facts.the(receiver)} ${isPool ? 'catch' : 'catches'} up, ${name} drains`;
  return {
    key: `draining ${channel}`,
    title:
      title.length <= MAX_HEADLINE
        ? title
        : `${facts.the(receiver)} ${isPool ? 'catch' : 'catches'} up`,
    evidence: [
      strong(facts.busy(shares)),
      { text: ` ${facts.when}, but faster than what arrives: ` },
      strong(left),
      { text: ` left in ${name}.` },
    ],
    brief: [strong(left), { text: ` left in ${name}` }],
    node: receiver,
    calm: true,
    action: null,
    note: '',
  };
}
