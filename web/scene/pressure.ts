// Who is held up by which channel at the moment: the ways of the pressure, against the flow.

import type { Topology } from '../recording/topology';
import { workerForm } from './layout';
import type { ChannelState, StageState } from './scene-state';
import type { Routes } from './routes';

export interface PressureRoute {
  key: string;
  channel: number;
  stage: number;
  worker: number;
  /** An SVG path from the channel to the worker. */
  path: string;
  /** Where it ends: at the edge of the worker. */
  x: number;
  y: number;
}

/** Returns a route for each worker that is blocked; one for all of them if they are the cells of a map. */
export function pressureRoutes(
  topology: Topology,
  routes: Routes,
  stages: readonly StageState[],
  channels: readonly ChannelState[],
): PressureRoute[] {
  const isFull = (channel: number) =>
    channels.some(({ node, depth, capacity }) => node === channel && depth >= capacity);
  const found = new Map<string, PressureRoute>();
  for (const { node, workers } of stages) {
    const outputs = topology.outputsOf(node);
    const isMap = workerForm(routes.layout.counts[node] ?? 1) === 'map';
    workers.forEach(({ state, blockedBy }, worker) => {
      if (state !== 'blocked' || worker >= (routes.layout.counts[node] ?? 1)) return;
      // If the log doesn't tell which one, those that are full hold it up. If none is, something else does, such as a lock.
      const by =
        blockedBy === null
          ? outputs.filter(isFull)
          : [blockedBy].filter((at) => outputs.includes(at));
      for (const channel of by) {
        const key = `${channel}>${node}-${isMap ? 'all' : worker}`;
        if (found.has(key)) continue;
        found.set(key, {
          key,
          channel,
          stage: node,
          worker,
          ...routes.pressure(channel, node, worker),
        });
      }
    });
  }
  return [...found.values()];
}
