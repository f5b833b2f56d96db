import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import type { Place } from '../../../electron/core/journal/book.ts';
import { openJournal, type Journal, type JournalPorts } from '../../../electron/core/journal/journal.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';
import type { Draft, EventBytes } from '../../../shared/contract/journal.ts';
import { readEvent, type HallEvent } from '../../../shared/sync/event.ts';

export const DEV = '0123456789ABCDEFGHJKMNPQRS';
export const PLACE: Place = { hall: 'hall-1', dev: DEV, station: 'w-3' };
export const KEY = new Uint8Array(32).fill(7);

/** A log that keeps its lines, so that a test can ask what was said. */
export function memoryLog(): LogPort & {
  lines: { level: string; area: string; text: string; data?: unknown }[];
} {
  const lines: { level: string; area: string; text: string; data?: unknown }[] = [];
  return {
    lines,
    write(level, area, text, data) {
      lines.push({ level, area, text, data });
    },
  };
}

/** A folder that is gone when the test is. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zc-journal-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export type Overrides = Partial<JournalPorts>;

export function journalPorts(base: string, overrides: Overrides = {}): JournalPorts {
  return {
    folder: join(base, 'journal'),
    memoryPath: join(base, 'journal-head.json'),
    key: KEY,
    clock: createSystemClock(),
    log: memoryLog(),
    dev: DEV,
    place: PLACE,
    reserveBytes: 1024,
    ...overrides,
  };
}

/** Opens a journal that is closed when the test ends, whatever happened in between. */
export async function openTestJournal(base: string, overrides: Overrides = {}): Promise<Journal> {
  const journal = await openJournal(journalPorts(base, overrides));
  onTestFinished(() => journal.close().catch(() => undefined));
  return journal;
}

export const draft = (n: number, more: Partial<Draft> = {}): Draft => ({
  type: 'case.noted',
  typeV: 1,
  agg: `case/c-${n}`,
  seen: { last: '', cursor: 0 },
  user: 'clerk-1',
  body: { n, text: `第 ${n} 件,材料齐全` },
  ...more,
});

/** Appends one command of `size` events. */
export const append = (journal: Journal, cmd: string, size = 1) =>
  journal.append({ cmd, drafts: Array.from({ length: size }, (_, i) => draft(i)) });

export const cmdOf = (n: number): string => `cmd-${String(n).padStart(8, '0')}`;

export function eventOf(kept: EventBytes): HallEvent {
  const read = readEvent(kept.bytes, kept.hash);
  if (!read.ok) throw new Error(`event is not what it claims to be: ${read.fault}`);
  return read.kept.event;
}

/** Everything the journal gives, page by page, from the oldest incarnation on. */
export async function readAll(journal: Journal, limit = 100): Promise<EventBytes[]> {
  const all: EventBytes[] = [];
  let from: { inc: string | null; after: number } = { inc: null, after: 0 };
  for (;;) {
    const page = await journal.read({ ...from, limit });
    all.push(...page.events);
    const last = page.events.at(-1);
    if (!page.more || !last) return all;
    const { inc, seq } = eventOf(last);
    from = { inc, after: seq };
  }
}

/** Each incarnation counts 1, 2, 3 … without a gap and every event names the one before it. */
export function expectWholeChains(events: EventBytes[]): void {
  const ends = new Map<string, { seq: number; hash: string }>();
  for (const kept of events) {
    const { inc, seq, prev } = eventOf(kept);
    const end = ends.get(inc) ?? { seq: 0, hash: '' };
    expect({ inc, seq, prev }).toEqual({ inc, seq: end.seq + 1, prev: end.hash });
    ends.set(inc, { seq, hash: kept.hash });
  }
}
