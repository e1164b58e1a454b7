import { expect, test } from 'vitest';
import { AUDITED } from '../analysis/testing';
import { STANDARD } from '../recording/topology';
import type { Topology } from '../recording/topology';
import { areApart, arrange, inked } from './arrange';
import {
  channelDepth,
  channelName,
  poolWord,
  smallest,
  stageName,
  stageSub,
  workerText,
  written,
} from './labels';
import type { Label } from './labels';
import { computeLayout, workerForm, workerRect } from './layout';
import type { Form, Layout } from './layout';
import { fontFactor, textWidth } from './text-width';

const FORMS: { width: number; height: number; form: Form; scale: number }[] = [
  ...[280, 320, 390, 480, 690].map((width) => ({
    ...{ width, height: 258, form: 'phone' as const, scale: 1 },
  })),
  ...[700, 820, 980, 1120, 1540].map((width) => ({
    ...{ width, height: Math.max(360, width * 0.36), form: 'wide' as const, scale: 1 },
  })),
  { width: 1024, height: 404, form: 'wide', scale: 1.22 },
  { width: 1100, height: 224, form: 'mini', scale: 1 },
];

function layoutOf(
  topology: Topology,
  form: (typeof FORMS)[number],
  workers: number,
  capacity: number,
  textFactor = 1,
): Layout {
  const layout = computeLayout(topology, {
    ...{ ...form, controls: true, sample: 1, textFactor },
    workers: topology.stages.map(({ is_pool }) => (is_pool ? workers : 1)),
    capacities: topology.channels.map(() => capacity),
  });
  arrange(topology, layout, form.form === 'wide');
  return layout;
}

/** All texts that don't belong to single workers, at their widest. */
function labelsOf(topology: Topology, layout: Layout): Label[] {
  const found: (Label | null)[] = [];
  for (const { node } of topology.stages) {
    const count = layout.counts[node] ?? 1;
    const hasSub = !topology.isFanOut(node) && !topology.isSink(node);
    if (hasSub) found.push(stageSub(layout, node, ['takes 300–900\u00a0ms']));
    found.push(stageName(topology, layout, node, count, hasSub));
    if (topology.isPool(node)) found.push(poolWord(layout, node, ['99\u00a0% blocked']));
    if (topology.isSink(node)) {
      const { written: text, more } = written(layout, node, ['1,000 written', '1,000'], 12);
      found.push(text, more);
    }
  }
  for (const { node } of topology.channels) {
    const capacity = layout.capacities[node] ?? 1;
    const texts = [`full ${capacity}/${capacity}`, `full ${capacity}`, 'full'];
    found.push(channelName(topology, layout, node), channelDepth(layout, node, texts));
  }
  return found.filter((label) => label !== null);
}

/** Says what is wrong with the texts of a picture. */
function faultsOf(topology: Topology, layout: Layout): string[] {
  const faults: string[] = [];
  const labels = labelsOf(topology, layout);
  labels.forEach((label, at) => {
    const { text, size, stretch, x, y, w, h } = label;
    if (size < smallest(layout) - 0.01) faults.push(`${text} is small: ${size}`);
    if (w < textWidth(text, size, stretch) * layout.textFactor) faults.push(`${text} is cut`);
    if (x < 0 || x + w > layout.width || y < -3 || y + h > layout.height + 3) {
      faults.push(`${text} is outside`);
    }
    for (const other of labels.slice(at + 1)) {
      if (!areApart(inked(label), inked(other))) faults.push(`${text} covers ${other.text}`);
    }
    layout.boxes.forEach((box, node) => {
      if (!areApart(inked(label), box)) faults.push(`${text} covers ${node}`);
    });
  });
  return faults;
}

for (const [name, topology] of [
  ['the usual pipeline', STANDARD],
  ['a pipeline with four consumers', AUDITED],
] as const) {
  test.each(FORMS)(`no text of ${name} is cut or covers another, %j`, (form) => {
    for (const workers of [1, 3, 8, 12, 30, 31, 64]) {
      for (const capacity of [1, 10, 24, 25, 1000]) {
        for (const factor of capacity === 10 ? [1, 1.3] : [1]) {
          const layout = layoutOf(topology, form, workers, capacity, factor);
          expect(faultsOf(topology, layout), `${workers} workers, capacity ${capacity}`).toEqual(
            [],
          );
        }
      }
    }
  });
}

test.each(FORMS)('the text of a worker is within its row, or left out, %j', (form) => {
  for (const workers of [1, 3, 8, 12, 30]) {
    const layout = layoutOf(STANDARD, form, workers, 10);
    for (const { node } of STANDARD.stages) {
      if (workerForm(layout.counts[node] ?? 1) === 'map') continue;
      const rect = workerRect(layout, node, 0);
      for (const [texts, socket] of [
        [['#123456 no thread', '#123456'], 'left'],
        [['#123456 blocked', '#123456'], 'right'],
        [['waiting'], null],
      ] as const) {
        const label = workerText(layout, rect, texts, socket);
        if (!label) continue;
        expect(label.x).toBeGreaterThanOrEqual(0);
        expect(label.x + label.w).toBeLessThanOrEqual(rect.w);
        expect(label.h).toBeLessThanOrEqual(rect.h + 2);
        expect(label.size).toBeGreaterThanOrEqual(smallest(layout) - 0.01);
      }
    }
  }
});

test('the names that matter are there at the widths that the page is made for', () => {
  for (const form of FORMS.filter(({ width }) => width >= 390)) {
    const layout = layoutOf(STANDARD, form, 3, 10);
    for (const { node } of STANDARD.stages) {
      const name = stageName(STANDARD, layout, node, layout.counts[node] ?? 1, true);
      expect(name?.text, `${node}, ${form.width}`).toBeTruthy();
    }
    if (form.form !== 'wide') continue;
    for (const { node } of STANDARD.channels) {
      expect(channelName(STANDARD, layout, node), `${node}, ${form.width}`).not.toBeNull();
    }
  }
});

test('another font makes texts wider', () => {
  expect(fontFactor(7.7)).toBe(1);
  expect(fontFactor(10)).toBeGreaterThan(1.25);
});
