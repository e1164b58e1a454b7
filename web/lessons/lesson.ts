// What a lesson has, as `clearpipe lesson list --json` writes it: see docs/lessons.md.

import type { PartialConfig } from '../engine/partial';

/** By which the answers to a question are called. */
export const LETTERS = 'ABCDE';

/** A piece of text in one style. */
export interface Inline {
  style: 'text' | 'emphasis' | 'strong' | 'code';
  text: string;
}

export type Block =
  | { type: 'paragraph'; inlines: Inline[] }
  | { type: 'list'; ordered: boolean; items: Inline[][] }
  | { type: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { type: 'code'; text: string };

/** A quantity, of the run with this name; null stands for the run of the challenge. */
export interface Quantity {
  quantity: QuantityKind;
  run: string | null;
  /** The run that it is compared with, if it is about two. */
  other_run?: string | null;
  stage?: string;
  channel?: string;
  time_seconds?: number;
}

export type QuantityKind =
  | ('rate' | 'end' | 'processed' | 'failed' | 'p50' | 'p99' | 'max' | 'p99_due' | 'drain')
  | ('busy' | 'ready' | 'blocked' | 'waiting' | 'in_work')
  | ('depth' | 'first_full' | 'blocked_sends' | 'same_output' | 'same_events');

/** A quantity, or one divided by another. */
export interface Measure {
  of: Quantity;
  over: Quantity | null;
}

/** What a measured value is in. A share is from 0 to 1, and so is the answer to a question. */
export type Unit =
  'per_second' | 'seconds' | 'share' | 'records' | 'workers' | 'sends' | 'ratio' | 'yes_no';

/** From one value to another, each null if it is open; and the value itself if it is about a single one, give or take. */
export interface Expected {
  value: number | null;
  from: number | null;
  to: number | null;
}

export interface Choice extends Expected {
  label: string;
  feedback: Inline[];
  is_answer: boolean;
}

export interface Question {
  text: Inline[];
  measure: Measure;
  unit: Unit;
  choices: Choice[];
  virtual: Expected;
}

/** A condition of a goal. */
export interface Condition {
  measure: Measure;
  unit: Unit;
  comparison: '>=' | '<=' | '>' | '<' | '=';
  value: number;
}

/** A value of a setting. */
export type Value = number | string | boolean;

export interface Goal {
  text: Inline[];
  config: PartialConfig;
  may_change: { path: string; values: Value[] }[];
  reach: Condition[];
  /** The settings whose sum is to be as small as possible. */
  least: string[] | null;
  /** The settings whose sum is to be as large as possible. */
  most: string[] | null;
  optimum: Record<string, Value>;
}

export interface Lesson {
  number: number;
  id: string;
  title: string;
  part: string;
  minutes: number;
  needs: string[];
  runs: { name: string; config: PartialConfig }[];
  ask: Question[];
  goal: Goal | null;
  look_at: { run: string; at_seconds: number | null; select: string | null };
  sections: { before: Block[]; after: Block[]; why: Block[]; notes: Block[] };
}
