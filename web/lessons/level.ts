// What a level of the scheduler game has, as `clearpipe lesson list --levels --json` writes it: see docs/lessons.md.

import type { Goal } from '../engine/generated/Goal';
import type { PartialConfig } from '../engine/partial';
import type { Block, Inline } from './lesson';

export interface Play {
  kind: 'play';
  /** What the goal is, in a sentence. */
  aim: Inline[];
  goal: Goal;
  /** A path to it than which none is shorter, with spaces in between; null if no schedule reaches the goal. */
  best: string | null;
}

export interface Predict {
  kind: 'predict';
  ask: Inline[];
  /** The steps after which the run is halted. */
  at: string;
  /** The records that can be the first in the file. */
  first: number[];
}

export interface Break {
  kind: 'break';
  aim: Inline[];
  goal: Goal;
  /** How many seeds the command has tried, from 1 on, and with how many of them the goal is reached. */
  seeds: number;
  found: number;
}

export type Task = Play | Predict | Break;

export interface Level {
  number: number;
  id: string;
  title: string;
  config: PartialConfig;
  task: Task;
  before: Block[];
  after: Block[];
}

/** The kinds of levels, as their headings say. */
export const KINDS: readonly { kind: Task['kind']; title: string }[] = [
  { kind: 'play', title: 'Be the scheduler' },
  { kind: 'predict', title: 'Predict the interleaving' },
  { kind: 'break', title: 'Break it' },
];

/** Returns the steps of a path as it is written. */
export function stepsOf(path: string): string[] {
  return path.split(' ').filter((step) => step !== '');
}
