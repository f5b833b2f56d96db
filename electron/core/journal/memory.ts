import { z } from 'zod';
import type { ClockPort } from '../ports/clock.ts';
import { readIfThere, writeDurably } from '../settings/durable-file.ts';

const remembered = z.object({
  head: z.object({ inc: z.string(), seq: z.number().int().nonnegative() }).nullable(),
  /** Highest sequence the server has acknowledged, by incarnation. */
  acknowledged: z.record(z.string(), z.number().int().nonnegative()),
  /** The server's epoch in which that was said; '' when never. */
  epoch: z.string(),
  /** Highest sequence each incarnation is known to have had: what is not in the journal up to there is missing. */
  reached: z.record(z.string(), z.number().int().nonnegative()).default({}),
  /** "Acknowledged up to `seq` at `at`" (server's clock, milliseconds since 1970), oldest first, by incarnation. */
  milestones: z
    .record(z.string(), z.array(z.object({ seq: z.number().int().nonnegative(), at: z.number() })))
    .default({}),
});
type Remembered = z.infer<typeof remembered>;

/** One a day for longer than any horizon in use; the oldest but one goes first. */
const MOST_MILESTONES = 400;
/** Longest time a change stays in memory only, milliseconds. */
const WRITE_AFTER_MS = 2000;

/**
 * What is worth remembering outside the journal: how far it had come, so that a journal that comes back shorter
 * is noticed, and what the server has. Only ever a hint: written late, and losing it costs questions, not events.
 */
export interface HeadMemory {
  head(): Remembered['head'];
  setHead(inc: string, seq: number): void;
  acknowledged: (inc: string) => number;
  setAcknowledged(inc: string, seq: number): void;
  epoch(): string;
  setEpoch(epoch: string): void;
  forgetAcknowledged: () => void;
  reached: () => Readonly<Record<string, number>>;
  setReached(inc: string, seq: number): void;
  /** Notes what is acknowledged at this moment of the server's clock. */
  stamp(serverNow: number): void;
  /** @returns up to where `inc` had been acknowledged, without a break since, at `before` (server's clock) */
  acknowledgedBefore(inc: string, before: number): number;
  /** Writes what is not written yet. Never rejects: a hint may be lost. */
  flush(): Promise<void>;
}

/** The small file behind it. Either the old text or the new is there after a power cut, never half of one. */
export interface MemoryFile {
  /** null when there is none. */
  read(): Promise<string | null>;
  /** Durable when it resolves. */
  write(text: string): Promise<void>;
}

/** @param path a file outside the journal's folder, so that what deletes the one need not delete the other */
export const memoryFileAt = (path: string): MemoryFile => ({
  read: () => readIfThere(path),
  write: (text) => writeDurably(path, text),
});

export async function openHeadMemory(file: MemoryFile, clock: ClockPort): Promise<HeadMemory> {
  const state = await load(file);
  let dirty = false;
  let cancel: (() => void) | null = null;
  let writing: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    cancel?.();
    cancel = null;
    if (!dirty) return writing;
    dirty = false;
    const text = JSON.stringify(state);
    writing = writing
      .then(() => file.write(text))
      .catch(() => {
        // A full disk: written together with the next change.
        dirty = true;
      });
    return writing;
  };
  const changed = (): void => {
    dirty = true;
    cancel ??= clock.after(WRITE_AFTER_MS, () => void flush());
  };
  const reach = (inc: string, seq: number): void => {
    if (seq > (state.reached[inc] ?? 0)) state.reached[inc] = seq;
  };

  return {
    head: () => state.head,
    setHead(inc, seq) {
      state.head = { inc, seq };
      reach(inc, seq);
      changed();
    },
    acknowledged: (inc) => state.acknowledged[inc] ?? 0,
    setAcknowledged(inc, seq) {
      if (state.acknowledged[inc] === seq) return;
      state.acknowledged[inc] = seq;
      // A server that has less than it said had lost it: the time begins anew.
      const kept = state.milestones[inc]?.filter((milestone) => milestone.seq <= seq);
      if (kept) state.milestones[inc] = kept;
      changed();
    },
    epoch: () => state.epoch,
    setEpoch(epoch) {
      state.epoch = epoch;
      changed();
    },
    forgetAcknowledged() {
      state.acknowledged = {};
      state.milestones = {};
      changed();
    },
    reached: () => state.reached,
    setReached(inc, seq) {
      if (seq <= (state.reached[inc] ?? 0)) return;
      reach(inc, seq);
      changed();
    },
    stamp(at) {
      for (const [inc, seq] of Object.entries(state.acknowledged)) {
        const known = (state.milestones[inc] ??= []);
        if (seq === 0 || (known.at(-1)?.seq ?? 0) >= seq) continue;
        known.push({ seq, at });
        if (known.length > MOST_MILESTONES) known.splice(1, 1);
        changed();
      }
    },
    acknowledgedBefore: (inc, before) =>
      Math.max(0, ...(state.milestones[inc] ?? []).filter(({ at }) => at <= before).map(({ seq }) => seq)),
    flush,
  };
}

async function load(file: MemoryFile): Promise<Remembered> {
  const nothing: Remembered = {
    head: null,
    acknowledged: {},
    epoch: '',
    reached: {},
    milestones: {},
  };
  try {
    const text = await file.read();
    const read = remembered.safeParse(JSON.parse(text ?? 'null'));
    return read.success ? read.data : nothing;
  } catch {
    return nothing;
  }
}
