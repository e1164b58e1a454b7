// What the scheduler game says: what tasks are called, what they would do or wait for, and how near the goal is.

import type { ChannelId } from '../engine/generated/ChannelId';
import type { Goal } from '../engine/generated/Goal';
import type { Next } from '../engine/generated/Next';
import type { Stage } from '../engine/generated/Stage';
import type { Wait } from '../engine/generated/Wait';
import type { SchedulePosition } from '../engine/protocol';
import { STAGE_NAMES } from '../recording/events';

const STAGES: Readonly<Record<string, Stage>> = {
  ...{ P: 'producer', V: 'validator', T: 'transformer', F: 'fan_out' },
  ...{ L: 'loader', E: 'error_handler', M: 'metrics_collector' },
};

/** The step that isn't a task. */
export const CLOCK = 'C';

/** Returns the stage of a task such as `V1`. */
export function stageOf(task: string): Stage | null {
  return STAGES[task.charAt(0)] ?? null;
}

/** Returns the name of a task or step: `Validator 1`. */
export function taskName(task: string): string {
  const stage = stageOf(task);
  return stage === null ? 'The clock' : `${STAGE_NAMES[stage]} ${task.slice(1)}`.trim();
}

/** Says what a ready task would do, to follow its name. */
export function nextText(next: Next): string {
  switch (next.does) {
    case 'takes':
      return next.record === null
        ? `finds ${next.channel} empty`
        : `takes #${next.record} from ${next.channel}`;
    case 'works_on':
      return `works on #${next.record}`;
    case 'sends':
      return `sends #${next.record} to ${next.channel}`;
    case 'finishes':
      return `finishes #${next.record}`;
    case 'yields':
      return 'lets others run';
    case 'writes_out':
      return 'writes its lines to the file';
    case 'ends':
      return 'ends: nothing more will come';
  }
}

/** Says why a task isn't ready. */
export function waitText(waits: readonly Wait[]): string {
  const empty = waits.flatMap((wait) => (wait.for === 'empty' ? [wait.what] : []));
  const others = waits.flatMap((wait): string[] => {
    switch (wait.for) {
      case 'full':
        return [`${wait.what} is full`];
      case 'window':
        return ['too many records are in flight'];
      case 'core':
        return ['waits for a core'];
      case 'time':
        return empty.length > 0 ? [] : [`sleeps until ${wait.what * 1e3} ms`];
      case 'empty':
        return [];
    }
  });
  if (empty.length > 0) others.unshift(`nothing in ${empty.join(' or ')}`);
  return others.join('; ');
}

/** Says how near the goal is. */
export function goalState(
  goal: Goal,
  { standing, ready }: SchedulePosition,
  capacityOf: (channel: ChannelId) => number,
): string {
  const { blocked, ended, channels, isOver } = standing;
  if (goal === 'over')
    return isOver
      ? 'All tasks have ended.'
      : ended.length === 0
        ? 'No task has ended yet.'
        : `${ended.length} ${ended.length === 1 ? 'task has' : 'tasks have'} ended.`;
  if (goal === 'deadlock') {
    if (isOver) return 'The run is over, and nothing got stuck.';
    return ready.length === 1 ? 'One task can go on.' : `${ready.length} tasks can go on.`;
  }
  if ('full' in goal) {
    const { length } = channels[goal.full];
    return `${goal.full} has ${length} of ${capacityOf(goal.full)}.`;
  }
  if ('blocked' in goal) {
    const is = (stage: Stage) => blocked.some((task) => stageOf(task) === stage);
    const parts = goal.blocked.map(
      (stage) => `${STAGE_NAMES[stage]} ${is(stage) ? 'blocked' : 'not blocked'}`,
    );
    return `${parts.join(', ')}.`;
  }
  if ('only' in goal) {
    const others = ready.filter(({ task }) => stageOf(task) !== goal.only);
    if (others.length > 0)
      return `${others.length} others can go on.`.replace('1 others', 'One other');
    return ready.length > 0 ? 'Nobody else can.' : 'The run is over.';
  }
  const written = standing.processed;
  const order = written.length === 0 ? 'nothing' : written.map((record) => `#${record}`).join(', ');
  return `Written so far: ${order}.`;
}

/** Whether no further step can lead to the goal, so that one has to go back. */
export function isLost(goal: Goal, { standing }: SchedulePosition): boolean {
  const { processed, isOver, isReached } = standing;
  if (isReached) return false;
  if (typeof goal === 'object' && 'before' in goal)
    return processed.includes(goal.before[1]) || isOver;
  if (typeof goal === 'object' && 'order' in goal) {
    return processed.some((record, at) => record !== goal.order[at]) || isOver;
  }
  return isOver;
}
