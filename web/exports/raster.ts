// Makes pixels of SVG. The browser draws it as an image, which has no fonts but those within it.

import { svgFile } from './svg';
import type { SvgFile } from './svg';

/** The rule that gives the page its font, with the font in it; empty if there is none. */
let fontStyle: Promise<string> | null = null;

function fontFaces(): Promise<string> {
  return (fontStyle ??= embeddedFont());
}

async function embeddedFont(): Promise<string> {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSFontFaceRule)) continue;
      const source = rule.style.getPropertyValue('src');
      const address = /url\("?([^")]+)"?\)/.exec(source)?.[1];
      if (address === undefined) continue;
      // In the page as one file it is within the style sheet.
      const data = address.startsWith('data:')
        ? address
        : await dataAddress(new URL(address, sheet.href ?? document.baseURI).href);
      const descriptors = ['font-family', 'font-weight', 'font-stretch'].map((name) => {
        return `${name}:${rule.style.getPropertyValue(name)};`;
      });
      return `@font-face{${descriptors.join('')}src:url("${data}") format("woff2")}`;
    }
  }
  return '';
}

async function dataAddress(url: string): Promise<string> {
  const answer = await fetch(url);
  const file = await answer.blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(typeof reader.result === 'string' ? reader.result : '');
    };
    reader.onerror = () => {
      reject(new Error('The font of the page could not be read.'));
    };
    reader.readAsDataURL(file);
  });
}

/** Where an image is drawn, with its size in pixels. */
export interface Pixels {
  canvas: HTMLCanvasElement;
  context: CanvasRenderingContext2D;
}

/** Returns an empty canvas. */
export function pixelsOf(width: number, height: number): Pixels {
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(width);
  canvas.height = Math.round(height);
  // Pixels are read back, so they aren't kept on the graphics card.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser gives no canvas of this size.');
  return { canvas, context };
}

/** Draws a file into a canvas, in its middle and as large as it fits. */
export async function rasterize(file: SvgFile, { canvas, context }: Pixels): Promise<void> {
  const scale = Math.min(canvas.width / file.width, canvas.height / file.height);
  const style = await fontFaces();
  const blob = new Blob([svgFile(file, { scale, style })], { type: 'image/svg+xml' });
  const url = URL.createObjectURL(blob);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const [width, height] = [file.width * scale, file.height * scale];
    context.fillStyle = file.background;
    context.fillRect(0, 0, canvas.width, canvas.height);
    const [x, y] = [(canvas.width - width) / 2, (canvas.height - height) / 2];
    context.drawImage(image, Math.round(x), Math.round(y), width, height);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Returns the pixels as a PNG file. */
export function toPng({ canvas }: Pixels): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error('The browser could not write the picture.'));
    }, 'image/png');
  });
}
