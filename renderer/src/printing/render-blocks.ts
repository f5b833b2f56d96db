/**
 * Slips are drawn with Canvas 2D. An SVG foreignObject as an image was tried: from a data: URL it did not taint
 * the canvas in Chromium 156 and gave the same letters in the same time. But whether it taints has changed
 * between engines, its markup must be escaped, and its lines lie wherever the engine rounds them. Canvas puts
 * every line and QR module on a whole dot, which is what a thermal head needs; a slip takes about 10 ms.
 */
import type { Bitmap } from '../../../shared/contract/print.ts';
import type { SlipBlock } from '../../../shared/domain/slip/slip-block.ts';
import { pixelsToBitmap } from './canvas-to-bitmap.ts';
import { layOutBlock } from './lay-out-block.ts';
import { paperStyle } from './paper-style.ts';

/** What the contract lets through (`bitmapSchema`); 75 cm of paper. */
const HIGHEST = 6_000;

/**
 * Blocks as the picture that goes to the printer.
 * @param dots width of the paper's printable area: 576 (80 mm) or 384 (58 mm)
 * @throws RangeError when the slip is longer than 6000 dots
 */
export async function renderBlocks(blocks: readonly SlipBlock[], dots: number): Promise<Bitmap> {
  await document.fonts.ready;
  const style = paperStyle(dots);
  const canvas = document.createElement('canvas');
  canvas.width = dots;
  canvas.height = 1;
  // Read back at once: in main memory from the start. Not opaque: letters get grey edges, not coloured ones.
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (pen === null) throw new Error('no canvas in this window');
  const laidOut = blocks.map((block) => layOutBlock(block, pen, style));
  const height = laidOut.reduce((sum, block) => sum + block.height, 0);
  if (height > HIGHEST) throw new RangeError(`a slip of ${height} dots`);
  canvas.height = Math.max(1, height);
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, dots, canvas.height);
  pen.fillStyle = '#000';
  pen.textBaseline = 'alphabetic';
  let top = 0;
  for (const block of laidOut) {
    block.draw(top);
    top += block.height;
  }
  return pixelsToBitmap(pen.getImageData(0, 0, dots, canvas.height).data, dots, canvas.height);
}
