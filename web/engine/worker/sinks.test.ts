import { describe, expect, test, vi } from 'vitest';
import { Budget, MemorySink, openSinks } from './sinks';

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
