// The charts of a run as a table: a row for each value, which spreadsheets and scripts turn into whatever they need.

import { depths, latency, throughput, utilisation } from '../analysis/series';
import type { Chart, TimeWindow } from '../analysis/series';
import type { Recording } from '../recording/recording';
import { csvOf, digits } from './csv';

export interface NamedChart {
  /** What is measured. */
  name: string;
  /** Empty for a share. */
  unit: string;
  chart: Chart;
}

const COLUMNS = ['chart', 'series', 'until_seconds', 'value', 'unit', 'origin'] as const;

/** Returns all charts of a part of a run; those of the time of every stage. */
export function chartsOf(recording: Recording, window: TimeWindow): NamedChart[] {
  const { topology } = recording;
  return [
    { name: 'throughput', unit: 'records/s', chart: throughput(recording, window) },
    { name: 'depth', unit: 'records', chart: depths(recording, window) },
    { name: 'latency', unit: 's', chart: latency(recording, window) },
    ...topology.stages.map(({ node }) => ({
      name: `time of ${topology.workersName(node)}`,
      ...{ unit: '', chart: utilisation(recording, node, window) },
    })),
  ];
}

/** Writes charts. What isn't known has no row. */
export function toCsv(charts: readonly NamedChart[]): string {
  const rows = charts.flatMap(({ name, unit, chart: { times, lines, origin } }) =>
    lines.flatMap(({ label, values }) =>
      values.flatMap((value, at) =>
        value === null ? [] : [[name, label, digits(times[at] ?? 0), digits(value), unit, origin]],
      ),
    ),
  );
  return csvOf([COLUMNS, ...rows]);
}
