import { expect, test } from 'vitest';
import type { FileHead } from '../engine/protocol';
import { checkFile } from './table-start';

test.each(['a$&.png', 'a -b.png', '$1.png'])(
  'a refusal names the file as it is: %s',
  async (name) => {
    const head: FileHead = {
      bytes: new Uint8Array(1),
      ...{ whole: true, mayBeEncoded: false },
      problem: {
        path: '',
        text: 'the input is a PNG image; there are no records in it',
        hint: null,
      },
    };
    const readHead = () => Promise.resolve(head);
    expect(await checkFile(new File(['x'], name), 'auto', readHead)).toEqual({
      refusal: `${name} is a PNG image; there are no records in it.`,
    });
  },
);
