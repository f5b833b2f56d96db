import { createHash } from 'node:crypto';

/** Virtual time: nothing waits for a real clock, and the same seed gives the same order of everything. */
export interface World {
  /** Milliseconds since the run began. */
  now(): number;
  /** Runs once after `ms`; the returned function cancels. */
  after(ms: number, run: () => void): () => void;
  sleep(ms: number): Promise<void>;
  /** Writes a line of the trace. */
  note(who: string, text: string): void;
  /** Carries out everything that is due until then, one event at a time, each to its end. */
  runUntil(ms: number): Promise<void>;
  lines: readonly string[];
  /** SHA-256 of the trace: two runs of one seed must give the same. */
  hash(): string;
}

interface Due {
  at: number;
  no: number;
  run: () => void;
}

/** @param onError what to do with an exception that nobody caught */
export function createWorld(onError: (error: unknown) => void): World {
  const heap: Due[] = [];
  const lines: string[] = [];
  let now = 0;
  let no = 0;

  const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.no < b.no);

  function push(due: Due): void {
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(due, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = due;
  }

  function pop(): Due {
    const first = heap[0]!;
    const last = heap.pop()!;
    let at = 0;
    while (heap.length > 0) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && before(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    if (heap.length > 0) heap[at] = last;
    return first;
  }

  const world: World = {
    now: () => now,
    after(ms, run) {
      const due: Due = { at: now + Math.max(0, ms), no: no++, run };
      push(due);
      return () => {
        due.run = nothing;
      };
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        world.after(ms, resolve);
      }),
    note(who, text) {
      lines.push(`${(now / 1000).toFixed(3).padStart(8)} ${who.padEnd(6)} ${text}`);
    },
    async runUntil(ms) {
      while (heap.length > 0 && heap[0]!.at <= ms) {
        const due = pop();
        if (due.run === nothing) continue;
        now = due.at;
        try {
          due.run();
        } catch (error) {
          onError(error);
        }
        // Everything the event set going comes to rest before the next one: promises only, no real waiting.
        await quiet();
      }
      now = Math.max(now, ms);
    },
    lines,
    hash: () => createHash('sha256').update(lines.join('\n')).digest('hex'),
  };
  return world;
}

const nothing = (): void => undefined;

/** Resolves when no promise is left to settle. */
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** For whoever has died: nothing is ever heard again. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
