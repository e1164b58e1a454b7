import { expect, test } from 'vitest';
import { offeredBy, withoutLog } from './offered';

const offered = (search: string) => offeredBy(new URL(`https://here.example/page/${search}`));

test('a link names a log beside the page, or elsewhere', () => {
  expect(offered('?log=lesson.events#v1')).toMatchObject({ name: 'lesson.events', isHere: true });
  expect(offered('?log=lesson.events')?.url.href).toBe('https://here.example/page/lesson.events');
  expect(offered('?log=/a/b%2520c.events')).toMatchObject({ name: 'b c.events', isHere: true });
  expect(offered('?log=https://there.example/x.events')).toMatchObject({
    name: 'x.events',
    isHere: false,
  });
  expect(offered('?log=//there.example')).toMatchObject({ name: 'there.example', isHere: false });
});

test.each([
  '',
  '?log=',
  '?other=1',
  '?log=javascript:alert(1)',
  '?log=data:,x',
  '?log=file:///etc/passwd',
  '?log=http://[',
])('nothing is offered for “%s”', (search) => {
  expect(offered(search)).toBeNull();
});

test('a name is short and visible', () => {
  const name = offered(`?log=${'x'.repeat(500)}`)?.name ?? '';
  expect(name.length).toBeLessThan(70);
  expect(offered('?log=%E2%80%AEx')?.name).toContain('\\u{202e}');
});

test('without the log, the rest of a query stays', () => {
  expect(withoutLog('?log=a.events')).toBe('');
  expect(withoutLog('?log=a.events&theme=dark')).toBe('?theme=dark');
  expect(withoutLog('')).toBe('');
});
