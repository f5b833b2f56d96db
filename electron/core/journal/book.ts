import { CodedError } from '../../../shared/contract/errors.ts';
import type { Head } from '../../../shared/contract/journal.ts';
import type { Author, KeptEvent } from '../../../shared/sync/event.ts';
import type { ClockPort } from '../ports/clock.ts';
import { randomHex, type RandomPort } from '../ports/random.ts';
import { commandRecord, type ChainEnd } from './authoring.ts';
import type { Ledger } from './ledger.ts';
import { localTime } from '../local-time.ts';
import type { HeadMemory } from './memory.ts';
import { RESTORED, type Opening } from './origin.ts';
import { commandKey } from './record.ts';
import type { Writer } from './writer.ts';

/** Where this device writes from; `dev` is derived from its key, the rest is given by enrolment. */
export interface Place {
  hall: string;
  dev: string;
  station: string;
}

/** Why an incarnation was begun. */
export type NewIncarnation = 'enrolled' | 'shortened' | 'damaged' | 'fork';

/** Medium, index and chain, moved together: the index and the chain only ever follow what is durable. One caller at a time. */
export interface Book {
  /** @throws CodedError DEVICE_NOT_ENROLLED */
  author(): Author;
  isEnrolled(): boolean;
  end(): ChainEnd;
  head: () => Head;
  now(): string;
  record(commands: { cmd: string; events: KeptEvent[] }[]): Promise<void>;
  begin(place: Place, reason: NewIncarnation): Promise<void>;
  strand(inc: string, from: number): Promise<void>;
  /** Writes events of an older incarnation back, as one segment of its own. They follow each other without a gap. */
  writeBack(events: KeptEvent[]): Promise<void>;
  /** Says for good that these may be gone. */
  retire(upTo: ReadonlyMap<string, number>): Promise<void>;
}

export function createBook(ports: {
  dev: string;
  ledger: Ledger;
  writer: Writer;
  memory: HeadMemory;
  clock: ClockPort;
  random: RandomPort;
  offsetMinutes: number | undefined;
  author: Author | null;
  end: ChainEnd;
}): Book {
  const { ledger, writer, memory, clock } = ports;
  let { author, end } = ports;

  const now = (): string => localTime(clock.now(), ports.offsetMinutes);
  const enrolled = (): Author => {
    if (!author) throw new CodedError('DEVICE_NOT_ENROLLED', 'no hall');
    return author;
  };
  const opening = (of: Author, at: ChainEnd, reason: string): Opening => ({
    ...of,
    firstSeq: at.seq + 1,
    prev: at.hash,
    reason,
    at: now(),
  });

  return {
    author: enrolled,
    isEnrolled: () => author !== null,
    end: () => end,
    head: () => ({ dev: author?.dev ?? ports.dev, inc: author?.inc ?? '', seq: end.seq, hash: end.hash }),
    now,
    async record(commands) {
      const { inc } = enrolled();
      const records = commands.map(({ cmd, events }) => commandRecord(cmd, events));
      const places = await writer.append(records, () => opening(enrolled(), end, 'continued'));
      places.forEach((place, i) => ledger.add(inc, commandKey(commands[i]?.cmd ?? ''), place));
      const last = commands.at(-1)?.events.at(-1);
      if (last) end = { seq: last.event.seq, hash: last.hash };
      memory.setHead(inc, end.seq);
    },
    async begin(place, reason) {
      const next: Author = { ...place, inc: randomHex(ports.random, 16) };
      await writer.begin(opening(next, { seq: 0, hash: '' }, reason));
      ledger.open({ ...next, firstSeq: 1 });
      author = next;
      end = { seq: 0, hash: '' };
      memory.setHead(next.inc, 0);
    },
    async strand(inc, from) {
      const [place] = await writer.append([{ kind: 'stranding', text: JSON.stringify({ inc, from }) }], () =>
        opening(enrolled(), end, 'continued'),
      );
      ledger.strand(inc, from, place?.segment ?? 0);
    },
    async writeBack(events) {
      const first = events[0]?.event;
      if (!first) return;
      const { hall, dev, inc, station, seq, prev } = first;
      const commands = byCommand(events);
      const places = await writer.writeBeside(
        { hall, dev, inc, station, firstSeq: seq, prev, reason: RESTORED, at: now() },
        commands.map(({ cmd, events: own }) => commandRecord(cmd, own)),
      );
      ledger.openRestored({ hall, dev, inc, firstSeq: seq });
      places.forEach((place, i) => ledger.addRestored(inc, commandKey(commands[i]?.cmd ?? ''), place));
    },
    async retire(upTo) {
      const all = new Map([...ledger.retired(), ...upTo]);
      const text = JSON.stringify({ retired: [...all].map(([inc, to]) => ({ inc, to })) });
      await writer.appendIfRoom([{ kind: 'stranding', text }], () => opening(enrolled(), end, 'continued'));
      for (const [inc, to] of all) ledger.retire(inc, to);
    },
  };
}

/** @returns events that follow each other, put together again by the command that made them */
function byCommand(events: KeptEvent[]): { cmd: string; events: KeptEvent[] }[] {
  const commands: { cmd: string; events: KeptEvent[] }[] = [];
  for (const kept of events) {
    const last = commands.at(-1);
    if (last?.cmd === kept.event.cmd) last.events.push(kept);
    else commands.push({ cmd: kept.event.cmd, events: [kept] });
  }
  return commands;
}
