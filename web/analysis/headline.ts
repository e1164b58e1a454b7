// The verdict: what limits a run as a headline, a line of evidence with its figures and their window, and the one button
// that applies the advice.

import type { Limit } from './bottleneck';
import { actionOf } from './headline-action';
import { Facts, capital, plain } from './headline-facts';
import type { About, Headline, Said } from './headline-facts';
import * as limits from './headline-limits';
import * as others from './headline-others';

export { MAX_HEADLINE, seconds, textOf } from './headline-facts';
export type { About, Headline, Phrase } from './headline-facts';

/** Limits in which nobody waits for the stage. */
const CALM: ReadonlySet<Limit> = new Set(['producer', 'rate-limit', 'none', 'over', 'paused']);

export function headlineOf(about: About): Headline {
  const facts = new Facts(about);
  const { limit, stage } = about.diagnosis;
  const { draining, canApply = true } = about;
  const receiver = draining && about.topology.receiverOf(draining.channel);
  const said =
    draining && typeof receiver === 'number' && !facts.isPast
      ? others.catchesUp(facts, draining, receiver)
      : saidOf(facts);
  const headline = {
    ...{ key: `${limit} ${stage ?? ''}`, node: facts.node, calm: CALM.has(limit) },
    ...{ action: canApply ? actionOf(about, facts.node) : null, note: '' },
    ...said,
  };
  // What would help is said where there is nothing to press.
  const isToldOnly = !canApply && about.diagnosis.changes.length > 0 && !draining;
  return isToldOnly ? { ...headline, note: `${capital(about.diagnosis.advice)}.` } : headline;
}

function saidOf(facts: Facts): Said {
  switch (facts.diagnosis.limit) {
    case 'workers':
      return limits.workers(facts);
    case 'several':
      return limits.several(facts);
    case 'slow-consumer':
      return limits.slowConsumer(facts);
    case 'fan-out':
      return limits.fanOut(facts);
    case 'producer':
      return limits.producer(facts);
    case 'rate-limit':
      return limits.rateLimit(facts);
    case 'batch':
      return limits.batch(facts);
    case 'cores':
      return limits.cores(facts);
    case 'window':
      return limits.window(facts);
    case 'capacity':
      return limits.capacity(facts);
    case 'none':
      return others.none(facts);
    case 'waiting':
      return others.waiting(facts);
    case 'over':
      return others.over(facts);
    case 'paused':
      return plain('The run is paused', 'Every worker holds what it has.');
    case 'nothing-measured':
      return plain('Nothing is measured yet', 'A verdict needs records that have gone through.');
    case 'too-early':
      return others.tooEarly(facts);
  }
}

/** The stage to point at, and whether calmly: nobody is held up. */
export interface LimitMark {
  node: number;
  calm: boolean;
}

/** Returns what the picture marks of a verdict: the same stage that the headline names. */
export function markOf(headline: Headline | null): LimitMark | null {
  return headline && headline.node !== null ? { node: headline.node, calm: headline.calm } : null;
}
