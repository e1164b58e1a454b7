import { expect, test } from 'vitest';
import { Definitions } from './svg';
import { SvgContext } from './svg-context';

function drawn(draw: (context: SvgContext) => void): string {
  const definitions = new Definitions();
  const context = new SvgContext(definitions);
  draw(context);
  return `${String(definitions)}${String(context)}`;
}

test('rectangles of one fill become one element, in the order of drawing', () => {
  const written = drawn((context) => {
    context.fillStyle = '#111111';
    context.fillRect(0, 0, 10, 5);
    context.fillRect(20, 0, 10.005, 5);
    context.fillStyle = '#222222';
    context.fillRect(1, 1, 2, 2);
    context.fillStyle = '#111111';
    context.globalAlpha = 0.5;
    context.fillRect(3, 3, 1, 1);
  });
  expect(written).toBe(
    '<path d="M0 0h10v5h-10zM20 0h10.01v5h-10z" fill="#111111"/>'.replace('h-10z"', 'h-10.01z"') +
      '<path d="M1 1h2v2h-2z" fill="#222222"/>' +
      '<path d="M3 3h1v1h-1z" fill="#111111" opacity="0.5"/>',
  );
});

test('paths are filled and stroked, with the style of the moment', () => {
  const written = drawn((context) => {
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(4, 0);
    context.closePath();
    context.fillStyle = 'rgb(1 2 3)';
    context.fill();
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.strokeStyle = '#abcdef';
    context.stroke();
    context.beginPath();
    context.stroke();
    context.arc(5, 6, 2);
    context.fill();
  });
  expect(written).toBe(
    '<path d="M0 0L4 0z" fill="#010203"/>' +
      '<path d="M0 0L4 0z" fill="none" stroke="#abcdef" stroke-width="2" stroke-linejoin="round"/>' +
      '<path d="M3 6a2 2 0 1 0 4 0a2 2 0 1 0 -4 0z" fill="#010203"/>',
  );
});

test('texts stay texts, with their font', () => {
  const written = drawn((context) => {
    context.font = '500 semi-condensed 10.5px Archivo, Arial';
    context.textAlign = 'center';
    context.fillStyle = '#ffffff';
    context.fillText('#1 & <2>', 10, 20);
    context.font = '700 9px Archivo';
    context.textAlign = 'start';
    context.fillText('b', 0, 0);
  });
  expect(written).toBe(
    '<text x="10" y="20" font-size="10.5" font-weight="500" font-stretch="87.5%"' +
      ' text-anchor="middle" fill="#ffffff">#1 &amp; &lt;2&gt;</text>' +
      '<text x="0" y="0" font-size="9" font-weight="700" fill="#ffffff">b</text>',
  );
});

test('what is clipped is clipped until the style is restored', () => {
  const written = drawn((context) => {
    context.fillStyle = '#000000';
    context.save();
    context.beginPath();
    context.rect(0, 0, 5, 5);
    context.clip();
    context.clearRect();
    context.fillStyle = '#ff0000';
    context.fillRect(0, 0, 9, 9);
    context.restore();
    context.fillRect(1, 1, 1, 1);
    // Nothing is in it.
    context.save();
    context.clip();
    context.restore();
  });
  expect(written).toContain(
    '<g clip-path="url(#clipPath1)"><path d="M0 0h9v9h-9z" fill="#ff0000"/></g>' +
      '<path d="M1 1h1v1h-1z" fill="#000000"/>',
  );
  expect(written).toContain('<clipPath id="clipPath1"><path d="M0 0h5v5h-5z"/></clipPath>');
  expect(written.match(/<g /g)).toHaveLength(1);
});
