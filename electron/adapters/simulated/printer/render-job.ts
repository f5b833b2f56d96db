import { createInterpreter } from './interpreter.ts';
import { pageToPng } from './page-to-png.ts';

/**
 * The virtual printer's eye: what a finished job looks like on paper.
 * @param bytes ESC/POS
 * @param dots 576 (80 mm) or 384 (58 mm)
 * @returns a PNG of one bit a dot
 */
export function renderJob(bytes: Uint8Array, dots: number): Uint8Array {
  const printer = createInterpreter({ dots });
  printer.feed(bytes);
  return pageToPng(printer.result().page);
}
