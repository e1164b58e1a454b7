// The lanes of two runs, interleaved: each quantity of the first above that of the second, so that they are compared with
// a glance.

import type { Lane, LaneContent } from '../timeline/lanes';
import type { Topology } from '../recording/topology';

export type Side = 'a' | 'b';

export interface PairLane extends Lane {
  side: Side;
}

/** A quantity before there is a scale; lengths are in CSS pixels. */
interface Quantity {
  key: string;
  content: LaneContent;
  label: string;
  tone: Lane['tone'];
  height: number;
  /** The higher, the sooner it is left out. */
  rank: number;
}

/** The space between two quantities, and between the two runs of one. */
const [GAP, INNER] = [7, 3];

/** Lanes are stretched up to this scale. */
const MOST = 1.35;

/** Lanes are shrunk down to this scale. If they need more space, some are left out. */
const LEAST = 0.62;

const extentOf = (quantities: readonly Quantity[]): number =>
  quantities.reduce((sum, one) => sum + 2 * one.height + INNER + GAP, 0);

/** Returns the lanes of both, placed from top to bottom in a space of this height. */
export function pairLanes(topology: Topology, height: number): PairLane[] {
  let quantities = quantitiesOf(topology);
  while (quantities.length > 1 && height / extentOf(quantities) < LEAST) {
    const least = Math.max(...quantities.map(({ rank }) => rank));
    quantities = quantities.filter(({ rank }) => rank !== least);
  }
  const scale = Math.min(MOST, height / extentOf(quantities));
  let y = 0;
  return quantities.flatMap(({ key, content, label, tone, height: own }) => {
    y += GAP * scale;
    return (['a', 'b'] as const).map((side): PairLane => {
      const lane = {
        ...{ key: `${key} ${side}`, content, label, tone, side, fold: null },
        ...{ y, height: own * scale },
      };
      y += own * scale + (side === 'a' ? INNER * scale : 0);
      return lane;
    });
  });
}

/** Records per second, the channels before the pools, the workers of these; what is at the end of the pipeline stays. */
function quantitiesOf(topology: Topology): Quantity[] {
  const pools = topology.stages.filter(({ node }) => topology.isPool(node)).reverse();
  const lanes = pools.flatMap(({ node }, index): Quantity[] => [
    ...topology.inputsOf(node).map((channel): Quantity => {
      return {
        ...{ key: `channel ${channel}`, content: { kind: 'depth', channel } },
        ...{ label: topology.nameOf(channel), tone: 'records', height: 22, rank: 2 * index },
      };
    }),
    {
      ...{ key: `pool ${node}`, content: { kind: 'pool', stage: node } },
      ...{ label: topology.workersName(node), tone: 'work', height: 20, rank: 2 * index + 1 },
    },
  ]);
  const isChannel = ({ content }: Quantity) => content.kind === 'depth';
  return [
    {
      ...{ key: 'rate', content: { kind: 'rate' }, label: 'records/s', tone: 'records' },
      ...{ height: 22, rank: 2 * pools.length },
    },
    ...lanes.filter(isChannel).reverse(),
    ...lanes.filter((lane) => !isChannel(lane)).reverse(),
  ];
}
