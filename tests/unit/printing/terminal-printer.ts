import { constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { onTestFinished } from 'vitest';
import {
  createInterpreter,
  type Interpreter,
} from '../../../electron/adapters/simulated/printer/interpreter.ts';

/** The simulated printer at the far end of a terminal line. */
export interface TerminalPrinter {
  printer: Interpreter;
  received: () => number;
  /** From now on it takes everything and says nothing. */
  silence: () => void;
}

export function attachPrinter(path: string, model: { paperRows?: number } = {}): TerminalPrinter {
  const printer = createInterpreter({ dots: 576, ...model });
  const file = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const input = new ReadStream(file);
  let received = 0;
  let silent = false;
  input.on('data', (chunk: Buffer) => {
    received += chunk.length;
    const answer = printer.feed(chunk);
    if (answer.length > 0 && !silent) writeSync(file, answer);
  });
  input.on('error', () => undefined);
  onTestFinished(() => void input.destroy());
  return { printer, received: () => received, silence: () => (silent = true) };
}
