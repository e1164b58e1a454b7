// Which stages and channels are in which column of the picture: stages by how many others a record passes before them,
// and between them the channels that the next ones receive from.

import type { Topology } from '../recording/topology';

export interface PlacedStage {
  node: number;
  /** Decides how wide and how high it is drawn. */
  kind: 'source' | 'pool' | 'single' | 'sink';
}

export interface PlacedChannel {
  node: number;
  /** The index of the stage that receives from it within its layer. */
  slot: number;
  /** Whether a wire to it goes around another layer. */
  isBypass: boolean;
}

/** Stages at the same position along the pipeline, and the channels that they receive from. */
export interface Layer {
  stages: PlacedStage[];
  channels: PlacedChannel[];
}

/** Returns how many stages records pass on the longest path to a stage. */
const layerOf = (topology: Topology, stage: number): number => topology.rankOf(stage) / 2;

/** Whether a channel is not between neighbouring layers, seen from one of its senders. */
export function isBypass(topology: Topology, sender: number, channel: number): boolean {
  const receiver = topology.receiverOf(channel) ?? sender;
  return layerOf(topology, receiver) > layerOf(topology, sender) + 1;
}

export function layersOf(topology: Topology): Layer[] {
  const layers: Layer[] = [];
  for (const { node } of topology.stages) {
    const layer = (layers[layerOf(topology, node)] ??= { stages: [], channels: [] });
    const kind = topology.isPool(node)
      ? 'pool'
      : topology.isSource(node)
        ? 'source'
        : topology.isSink(node)
          ? 'sink'
          : 'single';
    layer.stages.push({ node, kind });
  }
  for (const { node, senders } of topology.channels) {
    const receiver = topology.receiverOf(node);
    const layer = layers.find(({ stages }) => stages.some((stage) => stage.node === receiver));
    layer?.channels.push({
      node,
      slot: layer.stages.findIndex((stage) => stage.node === receiver),
      isBypass: senders.some((sender) => isBypass(topology, sender, node)),
    });
  }
  // A wire that goes around comes in from below.
  for (const { channels } of layers) {
    channels.sort((a, b) => a.slot - b.slot || Number(a.isBypass) - Number(b.isBypass));
  }
  return layers.filter(Boolean);
}
