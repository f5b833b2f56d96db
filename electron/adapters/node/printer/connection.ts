import type { ClockPort } from '../../../core/ports/clock.ts';

/** How a connection stands: `ended` by the printer without a fault, `broken` by a reset, an error or by us. */
export type Ending = 'open' | 'ended' | 'broken';

/** Bytes to and from one printer, whatever they travel on. */
export interface ByteLine {
  /** @param taken called once, when the system has taken the bytes; not at all when it never does */
  write(bytes: Uint8Array, taken: () => void): void;
  /** Ends it now. */
  drop(): void;
  /** Lets what the system still holds go out, then ends it. */
  finish(): void;
}

/** What a line has to say. */
export interface LineEvents {
  /** Whoever waits should look again: the line has come up. */
  opened(): void;
  bytes(chunk: Uint8Array): void;
  ended(how: Exclude<Ending, 'open'>): void;
}

export interface PrinterConnection {
  ending(): Ending;
  /** Answers to DLE EOT so far, oldest first. In a picture they may also come unasked: dots can look like a request. */
  realTime(): readonly number[];
  /** Answers to GS r so far. */
  ordered(): readonly number[];
  /** @returns true when the system took the bytes before `ms` had passed and the connection broke */
  write(bytes: Uint8Array, ms: number): Promise<boolean>;
  /** Waits until `ready` holds, the connection is no longer open, or `ms` have passed. @returns whether it holds */
  until(ready: () => boolean, ms: number): Promise<boolean>;
  /** Ends the connection now; what waits on it settles. */
  drop(): void;
  /** Lets the bytes in the system's buffer go out, then ends. */
  finish(): void;
}

/**
 * A conversation over a line.
 * @param open makes the line; its events may come from then on
 */
export function converse(open: (events: LineEvents) => ByteLine, clock: ClockPort): PrinterConnection {
  const waiting = new Set<() => void>();
  const replies = createReplySorter();
  let ending: Ending = 'open';

  const changed = (): void => [...waiting].forEach((look) => look());
  const end = (how: Ending): void => {
    if (ending !== 'broken') ending = how;
    changed();
  };
  const line = open({
    opened: changed,
    bytes(chunk) {
      replies.take(chunk);
      changed();
    },
    ended: (how) => end(ending === 'ended' ? 'ended' : how),
  });

  const until = (ready: () => boolean, ms: number): Promise<boolean> =>
    new Promise((settle) => {
      const stop = (): void => {
        waiting.delete(look);
        cancel();
        settle(ready());
      };
      const look = (): void => {
        if (ready() || ending !== 'open') stop();
      };
      const cancel = clock.after(ms, stop);
      waiting.add(look);
      look();
    });

  return {
    ending: () => ending,
    realTime: () => replies.realTime,
    ordered: () => replies.ordered,
    async write(bytes, ms) {
      let taken = false;
      line.write(bytes, () => {
        taken = true;
        changed();
      });
      return until(() => taken, ms);
    },
    until,
    drop() {
      end('broken');
      line.drop();
    },
    finish: () => line.finish(),
  };
}

/**
 * Tells the kinds of status bytes apart (Epson manual): DLE EOT has bits 1 and 4 set, (b & 0x93) == 0x12;
 * GS r has bits 4 and 7 clear; automatic status (GS a) is four bytes, the first with (b & 0x93) == 0x10 and
 * the others looking like an answer to GS r, which is why they are counted off.
 */
export function createReplySorter(): {
  realTime: number[];
  ordered: number[];
  take: (bytes: Uint8Array) => void;
} {
  const sorted = { realTime: [] as number[], ordered: [] as number[] };
  let automatic = 0;
  return {
    ...sorted,
    take(bytes) {
      for (const byte of bytes) {
        if (automatic > 0) automatic--;
        else if ((byte & 0x93) === 0x12) sorted.realTime.push(byte);
        else if ((byte & 0x93) === 0x10) automatic = 3;
        else if ((byte & 0x90) === 0) sorted.ordered.push(byte);
      }
    },
  };
}
