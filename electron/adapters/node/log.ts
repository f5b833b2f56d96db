import { appendFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { maskText } from '../../../shared/domain/masking/mask.ts';
import type { ClockPort } from '../../core/ports/clock.ts';
import type { LogLevel, LogPort } from '../../core/ports/log.ts';

export interface FileLog extends LogPort {
  /** Resolves when every line written so far has reached the file. */
  flush(): Promise<void>;
  file: string;
}

export interface FileLogOptions {
  folder: string;
  clock: Pick<ClockPort, 'now'>;
  /** Size at which a file is closed and a new one begun, bytes. */
  rotateAt?: number;
  /** Closed files kept beside the open one. */
  keep?: number;
  /** Writes `debug` lines as well. */
  debug?: boolean;
}

const LONGEST_STRING = 2_000;
const DEEPEST = 6;
/** Lines that may wait for a slow disk; the ones beyond are counted and the count is written. */
const LONGEST_QUEUE = 5_000;

/**
 * The log file: one JSON object a line, `zongchuang.log` and older ones `zongchuang.1.log`… Every string that
 * goes in is masked here, at the last place before the disk, so no caller can forget. A log that cannot be
 * written never stops the program.
 */
export function createFileLog(options: FileLogOptions): FileLog {
  const { folder, clock, rotateAt = 5 * 1024 * 1024, keep = 4, debug = false } = options;
  const file = join(folder, 'zongchuang.log');
  const closed = (n: number): string => join(folder, `zongchuang.${n}.log`);
  let waiting: string[] = [];
  let dropped = 0;
  let writing: Promise<void> | null = null;
  let size: number | null = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const text = waiting.join('');
      const lines = waiting.length;
      waiting = [];
      try {
        size ??= await stat(file).then(
          (found) => found.size,
          () => 0,
        );
        if (size >= rotateAt) await rotate();
        await appendFile(file, text, { mode: 0o600 });
        size += Buffer.byteLength(text);
      } catch {
        dropped += lines;
        size = null;
        return;
      }
    }
  }

  async function rotate(): Promise<void> {
    await rm(closed(keep), { force: true });
    for (let n = keep - 1; n >= 1; n -= 1) await rename(closed(n), closed(n + 1)).catch(() => undefined);
    await rename(file, closed(1));
    size = 0;
  }

  function write(level: LogLevel, area: string, text: string, data?: Record<string, unknown>): void {
    if (level === 'debug' && !debug) return;
    if (waiting.length >= LONGEST_QUEUE) {
      dropped += 1;
      return;
    }
    const line: Record<string, unknown> = {
      at: new Date(clock.now()).toISOString(),
      level,
      area,
      text: maskText(text.slice(0, LONGEST_STRING)),
    };
    if (data) line['data'] = masked(data, 0);
    if (dropped > 0) {
      line['dropped'] = dropped;
      dropped = 0;
    }
    waiting.push(`${JSON.stringify(line)}\n`);
    writing ??= drain().finally(() => {
      writing = null;
    });
  }

  async function flush(): Promise<void> {
    while (writing) await writing;
  }

  return { write, flush, file };
}

/** The same value with every string masked; numbers that look like a person's become masked strings. */
function masked(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value.slice(0, LONGEST_STRING));
  if (typeof value === 'number' || typeof value === 'bigint') {
    const text = String(value);
    const shown = maskText(text);
    return typeof value === 'number' && shown === text ? value : shown;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '…';
  if (value instanceof Error) return maskedError(value, depth);
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => masked(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [maskText(key), masked(item, depth + 1)]),
  );
}

function maskedError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    message: maskText(error.message),
    ...('code' in error ? { code: masked(error.code, depth + 1) } : {}),
    stack: maskText((error.stack ?? '').split('\n').slice(1, 9).join('\n')),
    ...(error.cause === undefined ? {} : { cause: masked(error.cause, depth + 1) }),
  };
}
