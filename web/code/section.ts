// The code of a stage, as it was cut out of the sources, and which of its lines an event belongs to.

import { EVENT_KINDS, FIRST_CHANNEL } from '../recording/events';
import type { LoggedEvent } from '../recording/event-log';
import type { RECORD_STATE_NAMES } from '../recording/residencies';
import type { Topology } from '../recording/topology';

/** The languages that the stages are written in. */
export const LANGUAGES = [
  { id: 'rust', name: 'Rust' },
  { id: 'go', name: 'Go' },
] as const;

export type Language = (typeof LANGUAGES)[number]['id'];

/** Lines that stand together in a file. */
export interface CodePart {
  /** The number of the first one in the file, from 1. */
  readonly first: number;
  /** Null for a line that is left out: a comment for the page. */
  readonly lines: readonly (string | null)[];
}

/** The code of a stage, or of several that have the same. */
export interface Section {
  /** By id. */
  readonly stages: readonly string[];
  /** The path of the file in the repository. */
  readonly file: string;
  readonly parts: readonly CodePart[];
  /** The number of the line of each kind of event, or of a kind at a channel: `arrive@errorCh`. */
  readonly events: Readonly<Record<string, number>>;
}

/** What is lit up in it. */
export interface Lit {
  /** The number of the line. */
  readonly line: number;
  /** Those that the worker came by at the same time. */
  readonly before: readonly number[];
  readonly record: number;
  /** What is known of the record. */
  readonly state: (typeof RECORD_STATE_NAMES)[number];
  /** Whether the worker can't go on. */
  readonly isBlocked: boolean;
}

/** Returns the number of the line that an event belongs to; null if it belongs to none. */
export function lineOf(
  { events }: Section,
  { kind, node }: Pick<LoggedEvent, 'kind' | 'node'>,
  topology: Topology,
): number | null {
  const id = EVENT_KINDS[kind];
  if (id === undefined) return null;
  const atChannel = node >= FIRST_CHANNEL ? events[`${id}@${topology.idOf(node)}`] : undefined;
  return atChannel ?? events[id] ?? null;
}

/** Returns the text of a line by its number in the file; an empty one if it isn't shown. */
export function textOf({ parts }: Section, line: number): string {
  const part = parts.find(({ first, lines }) => line >= first && line < first + lines.length);
  return part?.lines[line - part.first]?.trim() ?? '';
}
