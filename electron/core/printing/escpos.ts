import { CodedError } from '../../../shared/contract/errors.ts';
import type { Bitmap } from '../../../shared/contract/print.ts';

/**
 * A finished picture as an ESC/POS job. Only commands that every clone takes: `ESC @`, `GS v 0`, `ESC d`,
 * `GS V 66`, `GS r`. Epson calls `GS v 0` obsolete and its successors are printed as rubbish by clones.
 */
const ESC = 0x1b;
const GS = 0x1d;

/** `ESC @`: back to the power-on state, so that nothing a former job left behind counts. */
const INITIALISE = [ESC, 0x40];
/** `ESC d 3`: three lines, so that the end line clears the cutter's edge on printers that feed little. */
const FEED = [ESC, 0x64, 3];
/** `GS V 66 0`: feed to the cutting position and cut. */
const CUT = [GS, 0x56, 66, 0];
/** `GS r 1`: paper sensor status, executed in order; its answer proves that all before it was consumed. */
const PROOF = [GS, 0x72, 1];

/** Rows that some 58 mm clones (POS-5890K) do not survive: a band height that is a multiple of this. */
const BAD_MULTIPLE = 48;

export interface EscposOptions {
  /** Dots of one line of the printer: 576 (80 mm paper) or 384 (58 mm). */
  dots: number;
  /** Most rows of one `GS v 0` band, 8–255: large pictures overflow small buffers and come out as text. */
  bandRows: number;
}

/**
 * @returns the job as bands in sending order: picture bands, then feed, cut and proof. Joined they are the
 *   job's bytes; the pause a weak printer needs belongs between them.
 * @throws CodedError PRINT_BAD_SHEET when the picture is wider than the paper or its data are not its size
 */
export function encodeJob(bitmap: Bitmap, options: EscposOptions): Uint8Array[] {
  const lineBytes = Math.ceil(bitmap.width / 8);
  const dots = new Uint8Array(Buffer.from(bitmap.data, 'base64'));
  if (bitmap.width > options.dots) {
    throw new CodedError('PRINT_BAD_SHEET', `picture of ${bitmap.width} dots for paper of ${options.dots}`);
  }
  if (dots.length !== lineBytes * bitmap.height) {
    throw new CodedError(
      'PRINT_BAD_SHEET',
      `${dots.length} bytes for ${bitmap.width} × ${bitmap.height} dots`,
    );
  }
  const bands: Uint8Array[] = [];
  for (const { top, rows, height } of cutIntoBands(bitmap.height, options.bandRows)) {
    const head = bands.length === 0 ? INITIALISE : [];
    const band = new Uint8Array(head.length + 8 + lineBytes * height);
    band.set(head);
    band.set([GS, 0x76, 0x30, 0, lineBytes & 0xff, lineBytes >> 8, height & 0xff, height >> 8], head.length);
    band.set(dots.subarray(top * lineBytes, (top + rows) * lineBytes), head.length + 8);
    bands.push(band);
  }
  bands.push(Uint8Array.from([...FEED, ...CUT, ...PROOF]));
  return bands;
}

/**
 * Inner bands become shorter when their height would be a bad multiple, because blank rows there would tear
 * the picture apart; only the last band is padded with 8 blank rows.
 */
function cutIntoBands(height: number, bandRows: number): { top: number; rows: number; height: number }[] {
  const inner = bandRows % BAD_MULTIPLE === 0 ? bandRows - 8 : bandRows;
  const bands = [];
  for (let top = 0; top < height; top += inner) {
    const rows = Math.min(inner, height - top);
    bands.push({ top, rows, height: rows % BAD_MULTIPLE === 0 ? rows + 8 : rows });
  }
  return bands;
}
