import { expect, test } from 'vitest';
import { Definitions, element, escaped, paintOf, stacked, svgFile } from './svg';

test('texts can’t be taken for tags, and have no characters that XML forbids', () => {
  expect(escaped('<b a="1">&\u0000\u001b\ud800')).toBe(
    '&lt;b a=&quot;1&quot;&gt;&amp;\ufffd\ufffd\ufffd',
  );
  expect(element('text', { x: 1.23456, y: null, id: '"' }, escaped('a<b'))).toBe(
    '<text x="1.23" id="&quot;">a&lt;b</text>',
  );
});

test('what is referred to several times is there once', () => {
  const definitions = new Definitions();
  const first = definitions.refer('pattern', { width: 5 }, '<rect/>');
  expect(definitions.refer('pattern', { width: 5 }, '<rect/>')).toBe(first);
  expect(definitions.refer('pattern', { width: 6 }, '<rect/>')).not.toBe(first);
  expect(String(definitions).match(/<pattern /g)).toHaveLength(2);
  expect(String(new Definitions())).toBe('');
});

test('colours are written as old programs understand them', () => {
  for (const [css, colour, opacity] of [
    ['rgb(255, 178, 36)', '#ffb224', 1],
    ['rgb(10 17 20)', '#0a1114', 1],
    ['rgba(240, 160, 0, 0.15)', '#f0a000', 0.15],
    ['rgb(0 0 0 / 0.5)', '#000000', 0.5],
    ['rgba(0, 0, 0, 0)', 'none', 1],
    ['transparent', 'none', 1],
    ['#0f1a1d', '#0f1a1d', 1],
    ['url(#pattern1)', 'url(#pattern1)', 1],
  ] as const) {
    expect(paintOf(css), css).toEqual({ colour, opacity });
  }
});

test('a file has its size in pixels, and is laid out in those of the page', () => {
  const parts = [
    { width: 100, height: 40, body: '<a/>' },
    { width: 90, height: 60, body: '<b/>' },
  ];
  const both = stacked(parts);
  expect(both).toEqual({
    ...{ width: 100, height: 100 },
    body: '<a/><g transform="translate(0 40)"><b/></g>',
  });
  const file = { ...both, title: 'a & b', font: 'X, "Y"', background: '#fff' };
  expect(svgFile({ ...file, definitions: new Definitions() }, { scale: 2 })).toBe(
    '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200" viewBox="0 0 100 100"' +
      ' font-family="X, &quot;Y&quot;" role="img"><title>a &amp; b</title>' +
      '<rect width="100" height="100" fill="#fff"/>' +
      '<a/><g transform="translate(0 40)"><b/></g></svg>',
  );
});
