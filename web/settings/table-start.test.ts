import { expect, test } from 'vitest';
import type { Beginning } from '../engine/protocol';
import { firstLook } from './table-start';

test.each(['a$&.png', 'a -b.png', '$1.png'])(
  'a refusal names the file as it is: %s',
  async (name) => {
    const beginning: Beginning = {
      bytes: new Uint8Array(1),
      ...{ whole: true, mayBeEncoded: false },
      problem: 'the input is a PNG image; there are no records in it',
    };
    const look = () => Promise.resolve(beginning);
    expect(await firstLook(new File(['x'], name), 'auto', look)).toEqual({
      refusal: `${name} is a PNG image; there are no records in it.`,
    });
  },
);
