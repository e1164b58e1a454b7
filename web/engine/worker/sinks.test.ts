import { describe, expect, test, vi } from 'vitest';
import { Budget, FileSink, MemorySink, openSinks } from './sinks';
import { asStorageError } from './storage-error';
import { fakeFile } from './testing';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('results in memory', () => {
  test('what is written comes back', async () => {
    const sinks = await openSinks(null, () => undefined);
    expect(sinks.storage).toBe('memory');
    sinks.processed.write(bytes('a\n'));
    sinks.failed.write(bytes('b\n'));
    sinks.processed.write(bytes('c\n'));
    expect(await (await sinks.processed.finish()).text()).toBe('a\nc\n');
    expect(await (await sinks.failed.finish()).text()).toBe('b\n');
  });

  test('many chunks', async () => {
    const sink = new MemorySink(new Budget(Infinity, () => undefined));
    const chunk = bytes('0123456789abcdef'.repeat(2 ** 16));
    for (let count = 0; count < 20; count += 1) sink.write(chunk);
    expect((await sink.finish()).size).toBe(20 * 2 ** 20);
  });

  test('the limit is of both together, told once, and nothing is lost', async () => {
    const onFull = vi.fn();
    const budget = new Budget(10, onFull);
    const [a, b] = [new MemorySink(budget), new MemorySink(budget)];
    a.write(bytes('123456789'));
    expect(onFull).not.toHaveBeenCalled();
    b.write(bytes('1'));
    expect(onFull).toHaveBeenCalledOnce();
    a.write(bytes('2'));
    expect(onFull).toHaveBeenCalledOnce();
    expect(await (await a.finish()).text()).toBe('1234567892');
  });
});

describe('results in files', () => {
  const sinkOf = (options: Parameters<typeof fakeFile>[1]) => {
    const { file, handle, content } = fakeFile('processed_data.jsonl', options);
    return { sink: new FileSink(file, handle), content };
  };

  test('what is written comes back', async () => {
    const { sink } = sinkOf({});
    sink.write(bytes('a\n'));
    sink.write(new Uint8Array());
    sink.write(bytes('b\n'));
    expect(sink.size).toBe(4);
    expect(await (await sink.finish()).text()).toBe('a\nb\n');
  });

  test('short counts are completed', async () => {
    const { sink } = sinkOf({ write: (_, length) => Math.min(length, 3) });
    sink.write(bytes('0123456789'));
    sink.write(bytes('abcdefg'));
    expect(await (await sink.finish()).text()).toBe('0123456789abcdefg');
  });

  test.each([
    ['minus eight, as Chromium answers in a private window', 4_294_967_288, 'QuotaExceededError'],
    ['nothing', 0, 'QuotaExceededError'],
    ['minus one', 4_294_967_295, 'Error'],
    ['a negative number', -8, 'QuotaExceededError'],
    ['more than it was given', 11, 'Error'],
    ['half a byte', 0.5, 'Error'],
    ['no number', NaN, 'Error'],
    ['nothing at all', undefined, 'Error'],
  ])('%s is an error', (_, answer, name) => {
    for (const good of [0, 1]) {
      const { sink } = sinkOf({ write: (call) => (call < good ? 4 : (answer as number)) });
      expect(() => {
        sink.write(bytes('0123456789'));
      }).toThrow(expect.objectContaining({ name }) as Error);
      sink.discard();
    }
  });

  test('what the browser throws is an error', () => {
    const { sink } = sinkOf({
      write: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    expect(() => {
      sink.write(bytes('x'));
    }).toThrow('full');
  });

  test('a file that is not as long as what was written', async () => {
    const lost = sinkOf({ size: (size) => size - 1 }).sink;
    lost.write(bytes('0123456789'));
    await expect(lost.finish()).rejects.toThrow('kept 9 of the 10 bytes of processed_data.jsonl');
    const cut = sinkOf({ fileSize: (size) => size - 2 }).sink;
    cut.write(bytes('0123456789'));
    await expect(cut.finish()).rejects.toThrow('kept 8 of the 10 bytes of processed_data.jsonl');
  });

  test('without a result it takes up no room', () => {
    const { sink, content } = sinkOf({});
    sink.write(bytes('0123456789'));
    sink.discard();
    expect(content().length).toBe(0);
  });
});

describe('why results can’t be stored', () => {
  test('what happened, how much there is, what to do', async () => {
    vi.stubGlobal('navigator', {
      storage: { estimate: () => Promise.resolve({ quota: 6e6, usage: 5.2e6 }) },
    });
    const full = await asStorageError(new DOMException('full', 'QuotaExceededError'));
    expect(full.message).toMatch(/no more room on disk \(it uses 5\.20.MB of 6\.00.MB\)/);
    expect(full.message).toContain('Process fewer records, make room on the disk');
    const other = await asStorageError(new Error('the disk is on fire'));
    expect(other.message).toContain('stored: the disk is on fire. Run again');
    expect(await asStorageError(other)).toBe(other);
    vi.unstubAllGlobals();
  });
});
