// Gives each text of the picture its space: what matters most comes first, and what would cover something else is left
// out. It goes by the widest form that a text can take, so nothing comes and goes while a run changes figures.

import type { Topology } from '../recording/topology';
import {
  channelDepth,
  channelName,
  poolWord,
  roomKey,
  stageName,
  stageSub,
  written,
} from './labels';
import type { Label, LabelKind } from './labels';
import type { Layout, Rect } from './layout';

/** Where there are letters in a label: without the space above and below them. */
export const inked = ({ x, y, w, h }: Label): Rect => ({ x, y: y + h * 0.15, w, h: h * 0.7 });

export const areApart = (a: Rect, b: Rect): boolean =>
  a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;

interface Candidate {
  kind: LabelKind;
  node: number;
  /** Finds the label in the space that it has. */
  find: () => Label | null;
}

/** Fills [`Layout.rooms`]. */
export function arrange(topology: Topology, layout: Layout, hasSubs: boolean): void {
  const { rooms, boxes, width, height } = layout;
  rooms.clear();
  const taken: Rect[] = [...boxes].filter(Boolean);
  for (const { kind, node, find } of candidates(topology, layout, hasSubs)) {
    // A shorter form may have space where a longer one has not.
    for (let tries = 0; tries < 4; tries += 1) {
      const label = find();
      if (!label) {
        rooms.set(roomKey(kind, node), 0);
        break;
      }
      const ink = inked(label);
      const isInside =
        label.x >= 0 && label.x + label.w <= width && ink.y >= 0 && ink.y + ink.h <= height;
      if (isInside && taken.every((other) => areApart(ink, other))) {
        taken.push(ink);
        rooms.set(roomKey(kind, node), label.w);
        break;
      }
      rooms.set(roomKey(kind, node), tries < 3 ? label.w - 1 : 0);
    }
  }
}

/** All texts at their widest, the most important ones first. */
function candidates(topology: Topology, layout: Layout, hasSubs: boolean): Candidate[] {
  const { stages, channels } = topology;
  const pools = stages.filter(({ node }) => topology.isPool(node));
  const sinks = stages.filter(({ node }) => topology.isSink(node));
  const subs = hasSubs
    ? stages.filter(({ node }) => !topology.isFanOut(node) && !topology.isSink(node))
    : [];
  const count = (node: number) => layout.counts[node] ?? 1;
  const capacity = (node: number) => (layout.capacities[node] ?? 1).toLocaleString('en');
  const depths = (node: number) => [
    `full ${capacity(node)}/${capacity(node)}`,
    `full ${capacity(node)}`,
    'full',
  ];
  const all = (
    kind: LabelKind,
    nodes: readonly { node: number }[],
    find: (node: number) => Label | null,
  ) => nodes.map(({ node }): Candidate => ({ kind, node, find: () => find(node) }));
  return [
    ...all('name', stages, (node) =>
      stageName(
        topology,
        layout,
        node,
        count(node),
        subs.some((sub) => sub.node === node),
      ),
    ),
    ...all('depth', channels, (node) => channelDepth(layout, node, depths(node))),
    ...all('word', pools, (node) => poolWord(layout, node, WORDS)),
    ...all('sub', subs, (node) => stageSub(layout, node, TIMES)),
    ...all('name', channels, (node) => channelName(topology, layout, node)),
    ...all('written', sinks, (node) => written(layout, node, WRITTEN, 0).written),
    ...all('more', sinks, (node) => written(layout, node, WRITTEN, 99).more),
  ];
}

const WORDS = ['100\u00a0% have no thread', '100\u00a0% blocked', '100\u00a0% busy'];
const TIMES = ['computes 300–900\u00a0ms', 'takes 300–900\u00a0ms', '300–900\u00a0ms'];
const WRITTEN = ['1,000,000 written', '1,000 written', '1,000,000', '1,000'];
