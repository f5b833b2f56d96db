import { createCommandReader, type Piece } from './command-reader.ts';
import { decodeDoubleByte, decodeSingleByte } from './decode-text.ts';
import { cellWidth, createPaper, type Page, type TextCell } from './page.ts';
import { orderedStatus, realTimeStatus, type Condition } from './status-bytes.ts';

export interface PrinterModel {
  /** Dots of one line: 576 or 384. */
  dots: number;
  /** Behaves like a cheap GBK printer: double bytes always on, `FS .` ignored, newer commands unknown. */
  clone?: boolean;
  /** Rows of paper left on the roll; a printer out of paper holds the rest of the job until it is reloaded. */
  paperRows?: number;
}

export interface Interpretation {
  /** Every command in order, pictures and text runs included, e.g. `GS v 0 72×255`, `text 补打 第1次`. */
  trace: string[];
  /** All text printed from the ROM; one line a line. */
  text: string;
  /** Commands this printer does not know, e.g. `FS (`. */
  unknown: string[];
  cuts: number;
  page: Page;
}

/** A byte-level ESC/POS printer. What `feed`, `loadPaper` and `closeCover` return is what it sends back. */
export interface Interpreter {
  /** @param chunk any piece of the stream; the printer remembers where it is inside a command */
  feed(chunk: Uint8Array): Uint8Array;
  /** A new roll: the held bytes are executed. */
  loadPaper(): Uint8Array;
  openCover(): void;
  closeCover(): Uint8Array;
  paperOut(): boolean;
  result(): Interpretation;
}

/** Default line spacing. */
const LINE_ROWS = 30;

export function createInterpreter(model: PrinterModel): Interpreter {
  const clone = model.clone ?? false;
  const paper = createPaper(model.dots);
  const condition: Condition = { paperOut: model.paperRows === 0, coverOpen: false };
  const done = { trace: [] as string[], lines: [] as string[], unknown: [] as string[], cuts: 0 };
  let style = powerOn();
  let rowsLeft = model.paperRows ?? Infinity;
  let line: TextCell[] = [];
  let run = '';
  let held: number[] = [];
  let answers: number[] = [];
  let before: readonly [number, number] = [0, 0];
  const read = createCommandReader(clone, () => style.doubleByte, execute);

  function powerOn(): { doubleByte: boolean; align: 0 | 1 | 2; scaleX: number; scaleY: number } {
    return { doubleByte: clone, align: 0, scaleX: 1, scaleY: 1 };
  }

  function execute(piece: Piece): void {
    if (piece.kind === 'text') {
      write(piece.bytes);
      return;
    }
    endRun();
    switch (piece.kind) {
      case 'line-feed':
        endLine();
        return;
      case 'picture':
        done.trace.push(`GS v 0 ${piece.lineBytes}×${piece.rows}`);
        use(() => {
          const { mode, lineBytes, rows, data } = piece;
          paper.picture(lineBytes, rows, data, (mode & 1) + 1, ((mode >> 1) & 1) + 1);
        });
        return;
      case 'real-time':
        done.trace.push(`DLE ${piece.bytes.join(' ')}`);
        return;
      case 'unknown':
        done.unknown.push(piece.name);
        return;
      case 'command':
        done.trace.push([piece.name, ...piece.operands].join(' '));
        obey(piece.name, piece.operands[0] ?? 0);
    }
  }

  function obey(name: string, n: number): void {
    switch (name) {
      case 'ESC @':
        style = powerOn();
        line = [];
        return;
      case 'ESC a':
        style.align = ((n & 3) % 3) as 0 | 1 | 2;
        return;
      case 'ESC d':
        feedRows(n * LINE_ROWS);
        return;
      case 'ESC J':
        feedRows(n);
        return;
      case 'ESC !':
        style.scaleX = (n & 0x20) === 0 ? 1 : 2;
        style.scaleY = (n & 0x10) === 0 ? 1 : 2;
        return;
      case 'GS !':
        style.scaleX = ((n >> 4) & 7) + 1;
        style.scaleY = (n & 7) + 1;
        return;
      case 'FS &':
        style.doubleByte = true;
        return;
      case 'FS .':
        style.doubleByte = clone;
        return;
      case 'GS V':
      case 'ESC i':
      case 'ESC m':
        done.cuts++;
        return;
      case 'GS r':
        answers.push(orderedStatus(condition));
    }
  }

  function write(bytes: [number] | [number, number]): void {
    const [first, second] = bytes;
    const character = second === undefined ? decodeSingleByte(first) : decodeDoubleByte(first, second);
    const cell = { character, wide: second !== undefined, scaleX: style.scaleX, scaleY: style.scaleY };
    const width = line.reduce((sum, c) => sum + cellWidth(c), 0);
    if (width + cellWidth(cell) > model.dots) endLine();
    line.push(cell);
    run += character;
  }

  function endRun(): void {
    if (run !== '') done.trace.push(`text ${run}`);
    run = '';
  }

  function endLine(): void {
    done.lines.push(line.map((cell) => cell.character).join(''));
    use(() => paper.textLine(line, style.align));
    line = [];
  }

  function feedRows(rows: number): void {
    if (line.length > 0) endLine();
    use(() => paper.feed(rows));
  }

  /** Whatever moves the paper takes it from the roll. */
  function use(move: () => void): void {
    const top = paper.height();
    move();
    rowsLeft -= paper.height() - top;
    if (rowsLeft <= 0) condition.paperOut = true;
  }

  /** Real-time requests are answered when they arrive, even inside a picture, as the receive interrupt does. */
  function listen(byte: number): void {
    if (before[0] === 0x10 && before[1] === 0x04 && byte >= 1 && byte <= 4) {
      answers.push(realTimeStatus(byte, condition));
    }
    before = [before[1], byte];
  }

  function takeIn(bytes: Iterable<number>): void {
    for (const byte of bytes) {
      if (condition.paperOut || condition.coverOpen) held.push(byte);
      else read(byte);
    }
  }

  function goOn(): Uint8Array {
    const waiting = held;
    held = [];
    takeIn(waiting);
    return takeAnswers();
  }

  function takeAnswers(): Uint8Array {
    const taken = Uint8Array.from(answers);
    answers = [];
    return taken;
  }

  return {
    feed(chunk) {
      for (const byte of chunk) {
        listen(byte);
        takeIn([byte]);
      }
      return takeAnswers();
    },
    loadPaper() {
      rowsLeft = Infinity;
      condition.paperOut = false;
      return goOn();
    },
    openCover() {
      condition.coverOpen = true;
    },
    closeCover() {
      condition.coverOpen = false;
      return goOn();
    },
    paperOut: () => condition.paperOut,
    result() {
      endRun();
      const { trace, lines, unknown, cuts } = done;
      return { trace: [...trace], text: lines.join('\n'), unknown: [...unknown], cuts, page: paper.page() };
    },
  };
}
