// The figures of a verdict, and the words that all headlines are made of.

import { count, percent } from '../format';
import { countOf, workersOf } from '../recording/worker-aggregate';
import type { Topology } from '../recording/topology';
import type { Diagnosis } from './bottleneck';
import type { Action } from './headline-action';
import type { LimitAt } from './limit-at';
import { fullness } from './pressure';
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
export const ENOUGH = 10;

/** Below this share of its time nobody counts as held up. */
export const HELD_UP = 0.1;

/** What is said of a limit; the rest is the same for all. */
export type Said = Pick<Headline, 'title' | 'evidence' | 'brief'> & Partial<Headline>;

export class Facts {
  readonly about: About;
  readonly diagnosis: Diagnosis;
  readonly topology: Topology;
  /** The stage that the diagnosis names, by node. */
  readonly node: number | null;
  readonly shares: TimeShares;

  constructor(about: About) {
    this.about = about;
    this.diagnosis = about.diagnosis;
    this.topology = about.topology;
    const { stage } = about.diagnosis;
    this.node = about.topology.stages.find(({ id }) => id === stage)?.node ?? null;
    this.shares = this.sharesOf(this.node);
  }

  /** Whether what is said is about a run that is over. */
  get isPast(): boolean {
    return this.about.scope === 'run' || this.about.scope === 'since-change';
  }

  be(isSeveral: boolean): string {
    if (this.isPast) return isSeveral ? 'were' : 'was';
    return isSeveral ? 'are' : 'is';
  }

  /** Returns `Transformers`, or `The Loader`. */
  the(node: number | null): string {
    if (node === null) return 'The stage';
    const name = this.topology.workersName(node);
    return this.isPool(node) ? name : `The ${name}`;
  }

  isPool(node: number | null): boolean {
    return node !== null && this.topology.isPool(node);
  }

  /** The time that the figures are about. */
  get when(): string {
    const { scope, window } = this.about;
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
  begin(figure: string): Phrase[] {
    return this.isPast
      ? [{ text: `${capital(this.when)}, ` }, strong(figure)]
      : [strong(figure), { text: ` ${this.when}` }];
  }

  busy(shares = this.shares): string {
    return `${percent(shares.busy)} busy`;
  }

  limiter(next: NonNullable<Diagnosis['next']>): string {
    if (next === 'threads') return `the ${this.core}s`;
    if (next === 'rate-limit') return 'the rate limit';
    const name = this.the(next);
    return name.startsWith('The ') ? `the ${name.slice(4)}` : `the ${name}`;
  }

  /** Tells of the channel before the stage, and of those who wait for room in it. */
  heldUp(): { evidence: Phrase[]; brief: Phrase[] } {
    const { pressure } = this.about;
    if (!pressure) return { evidence: [{ text: '.' }], brief: [] };
    const name = this.topology.nameOf(pressure.channel);
    const behind = this.behind(pressure);
    if (this.isPast) {
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
          { text: `. ${name} has been ${fullness(pressure)} for ` },
          since,
          { text: behind ? `: ${behind} behind it.` : '.' },
        ],
        brief: [{ text: `; ${name} ${fullness(pressure)} for ` }, since],
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
  behind({ channel, blocked, senders }: Pressure): string {
    const nodes = this.topology.sendersOf(channel);
    const [node] = nodes;
    if (node === undefined) return '';
    const name = this.topology.workersName(node);
    const isPool = this.isPool(node);
    if (blocked !== null && blocked > 0 && !this.isPast && nodes.length === 1) {
      if (!isPool || senders === 1) return `the ${this.topology.nameOf(node)} blocked`;
      const all = blocked >= senders;
      return all
        ? `all ${count(senders)} ${name} blocked`
        : `${word(blocked)} of ${count(senders)} ${name} blocked`;
    }
    const share = Math.max(...nodes.map((sender) => this.sharesOf(sender).blocked));
    return share >= 0.01
      ? `${isPool ? '' : 'the '}${name} blocked ${percent(share)} of the time`
      : '';
  }

  get core(): string {
    return this.about.config.runtime.kind === 'virtual' ? 'simulated core' : 'thread';
  }

  get finished(): number {
    const { now, before } = this.about;
    return now.processed + now.failed - (before ? before.processed + before.failed : 0);
  }

  get produced(): number {
    const { now, before } = this.about;
    return now.produced - (before?.produced ?? 0);
  }

  get seconds(): number {
    const { now, before } = this.about;
    return now.elapsed_seconds - (before?.elapsed_seconds ?? 0);
  }

  /** Records finished per second. */
  get rate(): number {
    return this.seconds > 0 ? this.finished / this.seconds : 0;
  }

  get producedRate(): number {
    return this.seconds > 0 ? this.produced / this.seconds : 0;
  }

  countOf(stage: string): number {
    const there = workersOf(this.about.now, stage).filter(({ state }) => state !== null);
    return countOf(there);
  }

  sharesOf(node: number | null): TimeShares {
    const none = { busy: 0, ready: 0, blocked: 0, waiting: 1 };
    if (node === null) return none;
    const { now, before } = this.about;
    return sharesBetween(this.topology.idOf(node), now, before) ?? none;
  }
}

/** The number of no node. */
export const NONE = -1;

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

export function word(number: number): string {
  return WORDS[number] ?? count(number);
}

export function recordsText(number: number): string {
  return number === 1 ? 'one record' : `${word(number)} records`;
}

export function strong(text: string): Phrase {
  return { text, isStrong: true };
}

export function plain(title: string, evidence: string): Said {
  return {
    title,
    evidence: [{ text: evidence }],
    brief: [{ text: evidence }],
    node: null,
    calm: true,
  };
}

export function capital(text: string): string {
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
