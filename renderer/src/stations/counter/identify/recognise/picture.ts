import type { GreyPicture } from './skew-angle.ts';

/** A part of a picture, in its dots. */
export interface Part {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Quarter turns, clockwise, degrees. */
export type Turn = 0 | 90 | 180 | 270;

type Source = HTMLCanvasElement | HTMLVideoElement | ImageBitmap;

/** More dots than this make reading slower and not better. */
const LONGEST = 2000;
/** From this part of the way to white everything is paper: 40 specimen names were read best with it. */
const INK = 0.8;

/** Copies a part of a camera's or a file's picture, turned. Lives in memory only. */
export function copyPart(source: Source, part: Part, turn: Turn = 0, longest = LONGEST): HTMLCanvasElement {
  const scale = Math.min(1, longest / Math.max(part.width, part.height));
  const width = Math.max(1, Math.round(part.width * scale));
  const height = Math.max(1, Math.round(part.height * scale));
  const lies = turn === 90 || turn === 270;
  const { canvas, pen } = blank(lies ? height : width, lies ? width : height);
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((turn * Math.PI) / 180);
  pen.drawImage(source, part.x, part.y, part.width, part.height, -width / 2, -height / 2, width, height);
  return canvas;
}

/** The whole picture turned by a few degrees, with paper where nothing was. */
export function straighten(picture: HTMLCanvasElement, degrees: number): HTMLCanvasElement {
  if (degrees === 0) return picture;
  const { canvas, pen } = blank(picture.width, picture.height);
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((-degrees * Math.PI) / 180);
  pen.drawImage(picture, -picture.width / 2, -picture.height / 2);
  return canvas;
}

/** A part enlarged or reduced to a width, grey, its contrast stretched: what the reading engine likes. */
export function forReading(picture: HTMLCanvasElement, part: Part, width: number): HTMLCanvasElement {
  const scale = width / part.width;
  const { canvas, pen } = blank(Math.round(width), Math.max(1, Math.round(part.height * scale)));
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  const grey = greyOf(image);
  const [dark, light] = ends(grey);
  // Paper, and the fine pattern on it, become white; ink keeps its shades.
  const span = Math.max(1, (light - dark) * INK);
  for (let i = 0; i < grey.length; i++) {
    const value = (((grey[i] ?? 0) - dark) * 255) / span;
    image.data[4 * i] = value;
    image.data[4 * i + 1] = value;
    image.data[4 * i + 2] = value;
    image.data[4 * i + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** A small grey copy, for measuring. */
export function smallGrey(picture: HTMLCanvasElement, part: Part, width: number): GreyPicture {
  const { canvas, pen } = blank(width, Math.max(1, Math.round((part.height * width) / part.width)));
  pen.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  return { width: canvas.width, height: canvas.height, dots: greyOf(image) };
}

function blank(width: number, height: number): { canvas: HTMLCanvasElement; pen: CanvasRenderingContext2D } {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no canvas in this browser');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, height);
  return { canvas, pen };
}

function greyOf({ data }: ImageData): Uint8ClampedArray {
  const grey = new Uint8ClampedArray(data.length / 4);
  for (let i = 0; i < grey.length; i++) {
    // Green most: the pattern printed behind the text of a card is mostly red and blue.
    grey[i] = ((data[4 * i] ?? 0) * 77 + (data[4 * i + 1] ?? 0) * 150 + (data[4 * i + 2] ?? 0) * 29) >> 8;
  }
  return grey;
}

/** The grey values below and above which two in a hundred dots lie. */
function ends(grey: Uint8ClampedArray): [number, number] {
  const counts = new Uint32Array(256);
  for (const value of grey) counts[value] = (counts[value] ?? 0) + 1;
  const few = grey.length * 0.02;
  let dark = 0;
  for (let sum = counts[0] ?? 0; sum < few && dark < 254; sum += counts[++dark] ?? 0);
  let light = 255;
  for (let sum = counts[255] ?? 0; sum < few && light > dark + 1; sum += counts[--light] ?? 0);
  return [dark, light];
}
