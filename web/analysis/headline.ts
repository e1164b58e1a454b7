// The verdict: what limits a run as a headline, a line of evidence with its figures and their window, and the one button
// that applies the advice.

import { count, percent, rate } from '../format';
import { countOf, gaugeOf, workersOf } from '../recording/worker-aggregate';
import type { Topology } from '../recording/topology';
import type { Change, Diagnosis, Limit } from './bottleneck';
import { actionOf } from './headline-action';
import type { Action } from './headline-action';
import type { LimitAt } from './limit-at';
import type { Pressure } from './pressure';
import type { Draining } from './settling';
import { sharesBetween } from './time-shares';
import type { TimeShares } from './time-shares';

/** No headline is longer, in characters. */
export const MAX_HEADLINE = 60;

/** A part of a sentence; a strong one is a figure that the verdict rests on. */
export interface Phrase {
  text: string;
  isStrong?: boolean;
}

export interface Headline {
  /** The same as long as the same is said, whatever the figures. */
  key: string;
  /** Without a full stop. */
  title: string;
  /** Whole sentences. */
  evidence: readonly Phrase[];
  /** The same in a few words, for a single line. */
  brief: readonly Phrase[];
  /** The stage that it is about, by node; null if it is about none, or about all. */
  node: number | null;
  /** Whether nobody is held up by that stage. */
  calm: boolean;
  action: Action | null;
  /** What would come of it, or what would not help; empty if there is nothing to say. */
  note: string;
}

/** What a headline is made of. */
export interface About extends Pick<
  LimitAt,
  'diagnosis' | 'now' | 'before' | 'config' | 'window' | 'scope'
> {
  topology: Topology;
  /** How full the channel before the stage is. */
  pressure?: Pressure | null;
  /** The channel that drains, if one does. */
  draining?: Draining | null;
  /** What was changed a moment ago, in words; it is too early to tell what it brings. */
  changed?: string | null;
  /** Whether the run is over or has been recorded, so that its settings can't change any more. */
  canApply?: boolean;
}

/** Records that a verdict needs. */
const ENOUGH = 10;

/** Below this share of its time nobody counts as held up. */
const HELD_UP = 0.1;

export function headlineOf(about: About): Headline {
  return new Writer(about).write();
}

type Said = Pick<Headline, 'title' | 'evidence' | 'brief'> & Partial<Headline>;

/** Limits in which nobody waits for the stage. */
const CALM: ReadonlySet<Limit> = new Set(['producer', 'rate-limit', 'none', 'over', 'paused']);

class Writer {
  readonly #about: About;
  readonly #diagnosis: Diagnosis;
  readonly #topology: Topology;
  readonly #node: number | null;
  readonly #shares: TimeShares;

  constructor(about: About) {
    this.#about = about;
    this.#diagnosis = about.diagnosis;
    this.#topology = about.topology;
    const { stage } = about.diagnosis;
    this.#node = about.topology.stages.find(({ id }) => id === stage)?.node ?? null;
    this.#shares = this.#sharesOf(this.#node);
  }

  write(): Headline {
    const { limit } = this.#diagnosis;
    const { draining, canApply = true } = this.#about;
    const receiver = draining && this.#topology.receiverOf(draining.channel);
    const said =
      draining && receiver !== undefined && receiver !== null && !this.#isPast
        ? this.#catchesUp(draining, receiver)
        : this.#of(limit);
    return {
      key: `${limit} ${this.#diagnosis.stage ?? ''}`,
      node: this.#node,
      calm: CALM.has(limit),
      action: canApply ? actionOf(this.#about, this.#node) : null,
      note: '',
      ...said,
    };
  }

  #of(limit: Limit): Said {
    switch (limit) {
      case 'workers':
        return this.#workers();
      case 'several':
        return this.#several();
      case 'slow-consumer':
        return this.#slowConsumer();
      case 'fan-out':
        return this.#fanOut();
      case 'producer':
        return this.#producer();
      case 'rate-limit':
        return this.#rateLimit();
      case 'batch':
        return this.#batch();
      case 'cores':
        return this.#cores();
      case 'window':
        return this.#window();
      case 'capacity':
        return this.#capacity();
      case 'none':
        return this.#none();
      case 'waiting':
        return this.#waiting();
      case 'over':
        return this.#over();
      case 'paused':
        return plain('The run is paused', 'Every worker holds what it has.');
      case 'nothing-measured':
        return plain('Nothing is measured yet', 'A verdict needs records that have gone through.');
      case 'too-early':
        return this.#tooEarly();
    }
  }

  /** Whether what is said is about a run that is over. */
  get #isPast(): boolean {
    return this.#about.scope === 'run' || this.#about.scope === 'since-change';
  }

  #be(isSeveral: boolean): string {
    if (this.#isPast) return isSeveral ? 'were' : 'was';
    return isSeveral ? 'are' : 'is';
  }

  /** Returns `Transformers`, or `The Loader`. */
  #the(node: number | null): string {
    if (node === null) return 'The stage';
    const name = this.#topology.workersName(node);
    return this.#isPool(node) ? name : `The ${name}`;
  }

  #isPool(node: number | null): boolean {
    return node !== null && this.#topology.isPool(node);
  }

  /** The time that the figures are about. */
  get #when(): string {
    const { scope, window } = this.#about;
    const length = seconds(window.to - window.from);
    switch (scope) {
      case 'live':
        return `in the last ${length}`;
      case 'replay':
        return `in the ${length} before`;
      case 'run':
        return 'over the whole run';
      case 'since-change':
        return `since the change at ${seconds(window.from)}`;
    }
  }

  /** Begins a sentence with its figure, or with its time if that is the whole run. */
  #begin(figure: string): Phrase[] {
    return this.#isPast
      ? [{ text: `${capital(this.#when)}, ` }, strong(figure)]
      : [strong(figure), { text: ` ${this.#when}` }];
  }

  #busy(shares = this.#shares): string {
    return `${percent(shares.busy)} busy`;
  }

  #workers(): Said {
    const { next } = this.#diagnosis;
    const isPool = this.#isPool(this.#node);
    const isComing = this.#diagnosis.changes.length === 0;
    const held = this.#heldUp();
    return {
      title: `${this.#the(this.#node)} ${this.#be(isPool)} the bottleneck`,
      evidence: [...this.#begin(this.#busy()), ...held.evidence],
      brief: [strong(this.#busy()), ...held.brief],
      note: isComing
        ? 'As many workers as are set are not there yet.'
        : next === null
          ? ''
          : `Then ${this.#limiter(next)} would be the limit.`,
    };
  }

  #limiter(next: NonNullable<Diagnosis['next']>): string {
    if (next === 'threads') return `the ${this.#core}s`;
    if (next === 'rate-limit') return 'the rate limit';
    const name = this.#the(next);
    return name.startsWith('The ') ? `the ${name.slice(4)}` : `the ${name}`;
  }

  /** Tells of the channel before the stage, and of those who wait for room in it. */
  #heldUp(): { evidence: Phrase[]; brief: Phrase[] } {
    const { pressure } = this.#about;
    if (!pressure) return { evidence: [{ text: '.' }], brief: [] };
    const name = this.#topology.nameOf(pressure.channel);
    const behind = this.#behind(pressure);
    if (this.#isPast) {
      return {
        evidence: [{ text: behind ? `. ${capital(behind)} by ${name}.` : '.' }],
        brief: behind ? [{ text: `; ${behind} by ${name}` }] : [],
      };
    }
    // A moment isn't worth a figure.
    if (pressure.fullFor >= 1e8) {
      const since = strong(seconds(pressure.fullFor));
      return {
        evidence: [
          { text: `. ${name} has been full for ` },
          since,
          { text: behind ? `: ${behind} behind it.` : '.' },
        ],
        brief: [{ text: `; ${name} full for ` }, since],
      };
    }
    const depth = strong(`${count(pressure.depth)} of ${count(pressure.capacity)}`);
    return {
      evidence: [
        { text: `. ${name} holds ` },
        depth,
        { text: behind ? `; ${behind} behind it.` : '.' },
      ],
      brief: [{ text: `; ${name} holds ` }, depth],
    };
  }

  /** Returns who is blocked by a channel: `two of 3 Validators blocked`; empty if nobody is. */
  #behind({ channel, blocked, senders }: Pressure): string {
    const nodes = this.#topology.sendersOf(channel);
    const [node] = nodes;
    if (node === undefined) return '';
    const name = this.#topology.workersName(node);
    const isPool = this.#isPool(node);
    if (blocked !== null && blocked > 0 && !this.#isPast && nodes.length === 1) {
      if (!isPool || senders === 1) return `the ${this.#topology.nameOf(node)} blocked`;
      const all = blocked >= senders;
      return all
        ? `all ${count(senders)} ${name} blocked`
        : `${word(blocked)} of ${count(senders)} ${name} blocked`;
    }
    const share = Math.max(...nodes.map((sender) => this.#sharesOf(sender).blocked));
    return share >= 0.01
      ? `${isPool ? '' : 'the '}${name} blocked ${percent(share)} of the time`
      : '';
  }

  #several(): Said {
    const { next } = this.#diagnosis;
    const isRate = next === 'rate-limit';
    const other = typeof next === 'number' ? next : null;
    const otherBusy = other === null ? null : this.#sharesOf(other);
    const name = this.#the(this.#node);
    const otherName = other === null ? '' : this.#topology.workersName(other);
    return {
      title: isRate
        ? `${name} nearly ${this.#isPast ? 'reached' : this.#isPool(this.#node) ? 'reach' : 'reaches'} the rate limit`
        : `${name} and ${otherName} ${this.#be(true)} at the limit`,
      evidence: [
        ...this.#begin(this.#busy()),
        ...(otherBusy
          ? [{ text: `; ${otherName} ` }, strong(`${percent(otherBusy.busy)} busy`), { text: '.' }]
          : [
              {
                text: `; ${rate(this.#rate)} of the ${count(this.#about.config.generator.rate_limit)}/s that are let in.`,
              },
            ]),
      ],
      brief: [
        strong(this.#busy()),
        {
          text: otherBusy
            ? `; ${otherName} ${percent(otherBusy.busy)}`
            : '; the rate limit is near',
        },
      ],
      note: 'Another worker for one alone would hardly help.',
    };
  }

  #slowConsumer(): Said {
    const input = this.#node === null ? undefined : this.#topology.inputsOf(this.#node)[0];
    const fanOut = this.#topology
      .sendersOf(input ?? NONE)
      .find((sender) => this.#topology.isFanOut(sender));
    const others = this.#topology
      .outputsOf(fanOut ?? NONE)
      .filter((channel) => channel !== input)
      .flatMap((channel) => this.#topology.receiverOf(channel) ?? []);
    const waiting = others.map((node) => this.#topology.nameOf(node)).join(' and ');
    const held = this.#heldUp();
    return {
      title: `${this.#the(this.#node)} ${this.#be(false)} the bottleneck`,
      evidence: [
        ...this.#begin(this.#busy()),
        ...(waiting === ''
          ? held.evidence
          : [{ text: `. ${waiting} wait with it: each gets every record.` }]),
      ],
      brief: [strong(this.#busy()), ...held.brief],
      note: `There is one of it: only a faster ${this.#node === null ? 'one' : this.#topology.nameOf(this.#node)} helps.`,
    };
  }

  #fanOut(): Said {
    const consumers = this.#topology.outputsOf(this.#node ?? NONE).length;
    return {
      title: `${this.#the(this.#node)} ${this.#be(false)} the bottleneck`,
      evidence: [
        ...this.#begin(this.#busy()),
        { text: `. It gives every record to ${word(consumers)} consumers.` },
      ],
      brief: [strong(this.#busy()), { text: `; each record goes to ${word(consumers)}` }],
      note: 'There is one of it, so workers would not help.',
    };
  }

  #producer(): Said {
    const { busy, waiting } = this.#shares;
    const isInput = waiting >= 0.5 && this.#about.now.input_bytes > 0;
    const pace = this.#isPast ? 'set the pace' : 'sets the pace';
    if (isInput) {
      const figure = `${percent(waiting)} of its time`;
      return {
        title: `The input ${pace}`,
        evidence: [
          { text: 'The Producer waits for it ' },
          strong(figure),
          { text: ` ${this.#when}, and everybody else waits for the Producer.` },
        ],
        brief: [{ text: 'The Producer waits for it ' }, strong(figure)],
        note: 'Workers would not help.',
      };
    }
    return {
      title: `The Producer ${pace}`,
      evidence: [...this.#begin(`${percent(busy)} busy`), { text: `, ${this.#nobodyHeldUp()}` }],
      brief: [strong(`${percent(busy)} busy`), { text: '; the others keep up' }],
      note: 'More workers would not help: they wait already.',
    };
  }

  /** Tells who, if anybody, is held up behind the Producer. */
  #nobodyHeldUp(): string {
    const held = this.#topology.stages
      .map(({ node }) => ({ node, blocked: this.#sharesOf(node).blocked }))
      .toSorted((a, b) => b.blocked - a.blocked)[0];
    const outputs = this.#topology.outputsOf(this.#node ?? NONE);
    const gauge = gaugeOf(this.#about.now, this.#topology.idOf(outputs[0] ?? NONE));
    if (held && held.blocked >= HELD_UP) {
      return `and it is the slowest, though ${this.#limiter(held.node)} are held up ${percent(held.blocked)} of the time.`.replace(
        'are held',
        this.#isPool(held.node) ? 'are held' : 'is held',
      );
    }
    const depth =
      gauge && !this.#isPast
        ? `: ${this.#topology.nameOf(outputs[0] ?? NONE)} holds ${count(gauge.depth)} of ${count(gauge.capacity)}`
        : '';
    return `and nobody is held up by it${depth}.`;
  }

  #rateLimit(): Said {
    const limit = this.#about.config.generator.rate_limit;
    const produced = rate(this.#producedRate);
    return {
      title: `The rate limit ${this.#isPast ? 'set' : 'sets'} the pace`,
      evidence: [
        ...this.#begin(produced),
        { text: ` of ${count(limit)}/s that are let in; everybody else waits for more.` },
      ],
      brief: [strong(produced), { text: ` of ${count(limit)}/s that are let in` }],
      note: this.#diagnosis.changes.length > 0 ? '' : `${capital(this.#diagnosis.advice)}.`,
    };
  }

  #batch(): Said {
    const { batch } = this.#about.now;
    const how = batch === 1 ? 'one by one' : `${count(batch)} together`;
    return {
      title: `Handing records over ${this.#be(false)} most of the work`,
      evidence: [
        ...this.#begin(rate(this.#rate)),
        { text: `. No stage takes any time, and records travel ${how}.` },
      ],
      brief: [{ text: 'No stage takes any time; records travel ' }, strong(how)],
      node: null,
    };
  }

  get #core(): string {
    return this.#about.config.runtime.kind === 'virtual' ? 'simulated core' : 'thread';
  }

  #cores(): Said {
    const { threads, stages } = this.#about.now;
    const ready = stages.reduce((sum, { stage }) => {
      const shares = sharesBetween(stage, this.#about.now, this.#about.before);
      return sum + (shares?.ready ?? 0) * this.#countOf(stage);
    }, 0);
    const all = threads === 1 ? `The one ${this.#core}` : `The ${count(threads)} ${this.#core}s`;
    const figure =
      this.#node === null
        ? `${count(Math.round(ready))} ${Math.round(ready) === 1 ? 'worker is' : 'workers are'} ready`
        : `${percent(this.#shares.ready)} ready`;
    const what =
      this.#node === null
        ? `, but without a ${this.#core}, on average.`
        : ` without a ${this.#core}, ${this.#busy()}.`;
    return {
      title: `${all} ${this.#be(threads !== 1)} the limit, not the workers`,
      evidence: [
        ...(this.#node === null ? [] : [{ text: `${this.#the(this.#node)}: ` }]),
        strong(figure),
        { text: what },
        { text: ` Measured ${this.#when}.` },
      ],
      brief: [strong(figure), { text: ` without a ${this.#core}` }],
      note:
        this.#diagnosis.changes.length > 0
          ? 'More workers would only wait for them.'
          : 'The machine has no more: only less work for each record would help.',
    };
  }

  #window(): Said {
    const share = percent(this.#sharesOf(this.#node).blocked);
    const window = this.#about.config.window ?? null;
    return {
      title: `Too few records ${this.#isPast ? 'could' : 'may'} be in flight`,
      evidence: [
        { text: 'The Producer waits ' },
        strong(`${share} of its time`),
        {
          text: ` ${this.#when}${window === null ? ': files in order wait for the slowest record' : `: ${count(window)} may be in flight`}.`,
        },
      ],
      brief: [{ text: 'The Producer waits ' }, strong(`${share} of its time`)],
    };
  }

  #capacity(): Said {
    const input = this.#topology.inputsOf(this.#node ?? NONE)[0] ?? NONE;
    const name = this.#topology.nameOf(input);
    const sender = this.#topology.sendersOf(input)[0] ?? NONE;
    const blocked = percent(this.#sharesOf(sender).blocked);
    const { waiting } = this.#shares;
    return {
      title: `${name} ${this.#be(false)} too small to even out the pace`,
      evidence: [
        { text: `${this.#the(this.#node)} ${this.#isPool(this.#node) ? 'wait' : 'waits'} ` },
        strong(percent(waiting)),
        { text: ' of the time, and yet ' },
        { text: `${this.#limiter(sender)} ${this.#isPool(sender) ? 'are' : 'is'} blocked ` },
        strong(blocked),
        { text: ` ${this.#when}.` },
      ],
      brief: [
        strong(`${percent(waiting)} waiting`),
        { text: ` behind, ${blocked} blocked before` },
      ],
    };
  }

  #none(): Said {
    const producer = this.#topology.stages.find(({ node }) => this.#topology.isSource(node));
    const blocked = producer ? this.#sharesOf(producer.node).blocked : 0;
    const isPool = this.#isPool(this.#node);
    const busy = this.#shares.busy + this.#shares.ready;
    const name = this.#node === null ? '' : this.#topology.workersName(this.#node);
    if (busy >= AT_LIMIT) {
      return {
        title: `${this.#the(this.#node)} ${this.#be(isPool)} busy, and ${this.#isPast ? 'kept' : isPool ? 'keep' : 'keeps'} up`,
        evidence: [
          ...this.#begin(this.#busy()),
          {
            text: `${this.#shares.ready >= 0.05 ? ` and ${percent(this.#shares.ready)} ready without a ${this.#core}` : ''}, but nobody waits for ${isPool ? 'them' : 'it'} much.`,
          },
        ],
        brief: [strong(this.#busy()), { text: '; nobody waits for it' }],
      };
    }
    const figure = `${percent(busy)} of the time`;
    return {
      title:
        blocked >= HELD_UP
          ? `Stages ${this.#isPast ? 'held' : 'hold'} each other up now and then`
          : `No stage ${this.#be(false)} at its limit`,
      evidence: [
        { text: `The busiest, ${name}, ${isPool ? 'work' : 'works'} ` },
        strong(figure),
        {
          text:
            blocked >= HELD_UP
              ? ` ${this.#when}; the Producer is blocked ${percent(blocked)} of it.`
              : ` ${this.#when}. There is room for more records.`,
        },
      ],
      brief: [{ text: `The busiest, ${name}, ${isPool ? 'work' : 'works'} ` }, strong(figure)],
    };
  }

  #waiting(): Said {
    const { window } = this.#about;
    return plain(
      'Nothing moves: all workers wait',
      `No record was produced in the ${seconds(window.to - window.from)} before, and none is on its way.`,
    );
  }

  #over(): Said {
    const { now } = this.#about;
    const done = now.processed + now.failed;
    if (done === 0)
      return plain('No record went through', 'So there is nothing to say of what limited the run.');
    if (this.#diagnosis.stage === 'producer') {
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

  #tooEarly(): Said {
    const { changed, now, before } = this.#about;
    const done = this.#finished;
    if (this.#isPast) {
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
        ? `${capital(recordsText(done))} of the ${ENOUGH} that a verdict needs went through ${this.#when}.`
        : `${count(this.#produced)} records were produced and ${count(done)} finished ${this.#when}: it is filling up.`;
    const isBegin = before === undefined && (changed ?? null) === null;
    return {
      ...plain(changed ? `Measuring ${changed}` : 'Too early to tell', need),
      key: isBegin ? 'too-early begin' : `too-early ${changed ?? ''}`,
    };
  }

  #catchesUp({ channel, depth, capacity }: Draining, receiver: number): Said {
    const name = this.#topology.nameOf(channel);
    const shares = this.#sharesOf(receiver);
    const isPool = this.#isPool(receiver);
    const left = `${count(Math.round(depth))} of ${count(capacity)}`;
    const title = `${this.#the(receiver)} ${isPool ? 'catch' : 'catches'} up, ${name} drains`;
    return {
      key: `draining ${channel}`,
      title:
        title.length <= MAX_HEADLINE
          ? title
          : `${this.#the(receiver)} ${isPool ? 'catch' : 'catches'} up`,
      evidence: [
        strong(this.#busy(shares)),
        { text: ` ${this.#when}, but faster than what arrives: ` },
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

  get #finished(): number {
    const { now, before } = this.#about;
    return now.processed + now.failed - (before ? before.processed + before.failed : 0);
  }

  get #produced(): number {
    const { now, before } = this.#about;
    return now.produced - (before?.produced ?? 0);
  }

  get #seconds(): number {
    const { now, before } = this.#about;
    return now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
  }

  /** Records finished per second. */
  get #rate(): number {
    return this.#seconds > 0 ? this.#finished / this.#seconds : 0;
  }

  get #producedRate(): number {
    return this.#seconds > 0 ? this.#produced / this.#seconds : 0;
  }

  #countOf(stage: string): number {
    const there = workersOf(this.#about.now, stage).filter(({ state }) => state !== null);
    return countOf(there);
  }

  #sharesOf(node: number | null): TimeShares {
    const none = { busy: 0, ready: 0, blocked: 0, waiting: 1 };
    if (node === null) return none;
    const { now, before } = this.#about;
    return sharesBetween(this.#topology.idOf(node), now, before) ?? none;
  }
}

/** As in bottleneck.ts: busy or ready for this share of its time, a stage is at its limit. */
const AT_LIMIT = 0.85;

/** The number of no node. */
const NONE = -1;

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

function word(number: number): string {
  return WORDS[number] ?? count(number);
}

function recordsText(number: number): string {
  return number === 1 ? 'one record' : `${word(number)} records`;
}

function strong(text: string): Phrase {
  return { text, isStrong: true };
}

function plain(title: string, evidence: string): Said {
  return {
    title,
    evidence: [{ text: evidence }],
    brief: [{ text: evidence }],
    node: null,
    calm: true,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Formats a time in nanoseconds: `4.3 s`, `340 ms`. */
export function seconds(nanoseconds: number): string {
  if (nanoseconds < 0.95e9) return `${count(nanoseconds / 1e6)}\u00a0ms`;
  const value = nanoseconds / 1e9;
  return `${value < 99.95 ? value.toFixed(1).replace(/\.0$/, '') : count(value)}\u00a0s`;
}

/** Returns phrases as text. */
export function textOf(phrases: readonly Phrase[]): string {
  return phrases.map(({ text }) => text).join('');
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

export type { Change };
