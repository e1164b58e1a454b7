// The records that all tools get: the same each time.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const LOCATIONS = ['North', 'South', 'East', 'West', 'Center'];

/** Every tenth value is out of range, every eleventh unit is invalid. @param {number} number */
function record(number) {
  // Some digits that look random and are always the same.
  const value = number % 10 === 0 ? -1 : ((number * 7919) % 100_003) / 101;
  return {
    id: `rec-${String(number).padStart(7, '0')}`,
    timestamp: `2026-01-01T00:00:${String(number % 60).padStart(2, '0')}.${String(number % 1_000_000).padStart(6, '0')}Z`,
    sensor_id: `sensor-${(number % 5) + 1}`,
    value: Math.round(value * 1000) / 1000,
    unit: number % 11 === 0 ? 'INVALID_UNIT' : 'unit_A',
    location: LOCATIONS[number % 5],
    status: 'raw',
  };
}

/** The inside of a JSON string, its first letter as an escape. @param {string | undefined} text */
function escaped(text = '') {
  return `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}${text.slice(1)}`;
}

/** @type {Record<'jsonl' | 'csv' | 'odd', { header: string, line: (number: number) => string }>} */
const forms = {
  jsonl: { header: '', line: (number) => JSON.stringify(record(number)) },
  csv: {
    header: 'id,timestamp,sensor_id,value,unit,location,status\n',
    line: (number) => Object.values(record(number)).join(','),
  },
  odd: {
    header: '',
    line(number) {
      // Another order, spaces, an escape, and fields that nobody knows.
      const { location, ...others } = record(number);
      const entries = Object.entries({ ...others, note: `line\t"${number}"`, tags: ['a', number] });
      const turned = [...entries.slice(number % 7), ...entries.slice(0, number % 7)];
      const fields = turned.map(
        ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
      );
      return `{${fields.join(', ')}, "location": "${escaped(location)}"}`;
    },
  },
};

/**
 * Writes a file of records.
 * @param {'jsonl' | 'csv' | 'odd'} form
 * @param {number} records
 * @param {string} path
 */
export async function writeRecords(form, records, path) {
  const out = createWriteStream(path);
  const { header, line } = forms[form];
  let text = header;
  for (let number = 0; number < records; number += 1) {
    text += `${line(number)}\n`;
    if (text.length > 1 << 20) {
      if (!out.write(text)) await once(out, 'drain');
      text = '';
    }
  }
  out.end(text);
  await once(out, 'finish');
}
