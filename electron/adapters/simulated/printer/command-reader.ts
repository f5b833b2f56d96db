import { PREFIXES, shapeOf, type Shape } from './commands.ts';

/** What a printer makes of its input, piece by piece. */
export type Piece =
  | { kind: 'text'; bytes: [number] | [number, number] }
  | { kind: 'line-feed' }
  | { kind: 'command'; name: string; operands: number[] }
  | { kind: 'picture'; mode: number; lineBytes: number; rows: number; data: Uint8Array }
  /** Only skipped here: real-time requests are answered when they arrive. */
  | { kind: 'real-time'; bytes: number[] }
  | { kind: 'unknown'; name: string };

type Reading<T> = Generator<undefined, T, number>;

/**
 * Cuts a byte stream into commands; a state machine written as a generator, so that the stream may arrive in
 * chunks of any size.
 * @param doubleByte asked at every high byte, because a command just executed may have switched it
 * @returns takes one byte; calls `piece` as soon as something is complete
 */
export function createCommandReader(
  clone: boolean,
  doubleByte: () => boolean,
  piece: (piece: Piece) => void,
): (byte: number) => void {
  const stream = read();
  stream.next();
  return (byte) => void stream.next(byte);

  function* read(): Reading<never> {
    for (;;) {
      const byte = yield;
      const prefix = PREFIXES[byte];
      if (byte === 0x0a) piece({ kind: 'line-feed' });
      else if (prefix === 'DLE') yield* realTime();
      else if (prefix !== undefined) yield* command(prefix);
      else if (byte < 0x20) continue;
      else if (byte >= 0x81 && doubleByte()) piece({ kind: 'text', bytes: [byte, yield] });
      else piece({ kind: 'text', bytes: [byte] });
    }
  }

  /** DLE EOT n and DLE ENQ n have one operand, DLE DC4 three. */
  function* realTime(): Reading<void> {
    const kind = yield;
    piece({ kind: 'real-time', bytes: [kind, ...(yield* take(kind === 0x14 ? 3 : 1))] });
  }

  function* command(prefix: 'ESC' | 'GS' | 'FS'): Reading<void> {
    const letter = yield;
    const name = `${prefix} ${String.fromCharCode(letter)}`;
    const shape = shapeOf(prefix, String.fromCharCode(letter), clone);
    if (shape === null) piece({ kind: 'unknown', name });
    else if (shape === 'raster') yield* picture();
    else piece({ kind: 'command', name, operands: yield* operands(shape) });
  }

  function* picture(): Reading<void> {
    const [, mode = 0, xL = 0, xH = 0, yL = 0, yH = 0] = yield* take(6);
    const lineBytes = xL + xH * 256;
    const rows = yL + yH * 256;
    const data = new Uint8Array(lineBytes * rows);
    for (let i = 0; i < data.length; i++) data[i] = yield;
    piece({ kind: 'picture', mode, lineBytes, rows, data });
  }
}

function* take(count: number): Reading<number[]> {
  const bytes: number[] = [];
  for (let i = 0; i < count; i++) bytes.push(yield);
  return bytes;
}

/** Reads the operands; of variable data only what stands before it is given back. */
function* operands(shape: Exclude<Shape, 'raster'>): Reading<number[]> {
  if (typeof shape === 'number') return yield* take(shape);
  if (shape === 'until-zero') return yield* untilZero();
  const head = yield* take({ cut: 1, barcode: 1, 'bit-image': 3, block: 3, 'long-block': 5 }[shape]);
  const [first = 0, ...sizes] = head;
  const size = sizes.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
  if (shape === 'cut') return first >= 65 ? [first, ...(yield* take(1))] : head;
  if (shape === 'barcode') yield* first >= 65 ? take(yield) : untilZero();
  // Dots of 24-pin modes stand three bytes high.
  else if (shape === 'bit-image') yield* take(size * (first >= 32 ? 3 : 1));
  else yield* take(size);
  return head;
}

function* untilZero(): Reading<number[]> {
  const bytes: number[] = [];
  for (let byte = yield; byte !== 0; byte = yield) bytes.push(byte);
  return bytes;
}
