import { expect, test } from 'vitest';
import type { FileHead } from '../engine/protocol';
import { checkFile } from './check-file';

test.each(['a$&.png', 'a -b.png', '$1.png'])(
  'a refusal names the file as it is: %s',
  async (name) => {
    const head: FileHead = {
      bytes: new Uint8Array(1),
      ...{ whole: true, mayBeEncoded: false, records: [], table: null },
      problem: {
        path: '',
        text: 'the input is a PNG image; there are no records in it',
        hint: null,
      },
    };
    const readHead = () => Promise.resolve(head);
    const reading = { format: 'auto', encoding: 'auto', delimiter: '' } as const;
    expect(await checkFile(new File(['x'], name), reading, readHead)).toEqual({
      refusal: `${name} is a PNG image; there are no records in it.`,
    });
  },
);
