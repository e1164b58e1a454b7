// Runs whose steps the page chooses, in the engine's worker. The page says which path it wants to see; whatever the engine
// has done for the one before is used again.

import type { ScheduleRequest, SchedulePosition } from '../protocol';
import type { EngineModule, EngineSchedule } from './module';

export class Schedules {
  /** The last run that was asked for. */
  #present: { about: string; schedule: EngineSchedule } | null = null;

  /** Goes where a path or a seed leads. Throws a `ConfigError` if there can be no such run. */
  at(
    { Schedule }: Pick<EngineModule, 'Schedule'>,
    { config, goal, path, seed }: ScheduleRequest,
  ): SchedulePosition {
    if (!Schedule) throw new Error('only the engine for one thread lets steps be chosen');
    const about = JSON.stringify([config, goal]);
    if (this.#present?.about !== about) {
      this.#present?.schedule.free();
      this.#present = null;
      this.#present = { about, schedule: new Schedule(config, goal) };
    }
    const { schedule } = this.#present;
    const wanted = seed === null ? path : chosenBy(seed, new Schedule(config, goal));
    while (schedule.path().some((step, at) => step !== wanted[at])) schedule.undo();
    const same = schedule.path().length;
    let refused: string | null = null;
    for (const step of wanted.slice(same)) {
      if (!schedule.choices().includes(step)) {
        refused = step;
        break;
      }
      schedule.step(step);
    }
    return positionOf(schedule, refused);
  }
}

/** Returns the path that a seed chooses. */
function chosenBy(seed: number, schedule: EngineSchedule): string[] {
  schedule.followSeed(seed);
  const path = schedule.path();
  schedule.free();
  return path;
}

function positionOf(schedule: EngineSchedule, refused: string | null): SchedulePosition {
  return {
    path: schedule.path(),
    refused,
    ready: schedule.ready().map(([task, next]) => ({ task, next })),
    waiting: schedule.waitsFor().map(([task, wait]) => ({ task, wait })),
    choices: schedule.choices(),
    events: schedule.events(),
    ends: [...schedule.ends()],
    standing: schedule.standing(),
  };
}
