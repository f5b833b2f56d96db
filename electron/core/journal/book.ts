import { CodedError } from '../../../shared/contract/errors.ts';
import type { Head } from '../../../shared/contract/journal.ts';
import type { Author, KeptEvent } from '../../../shared/sync/event.ts';
import type { ClockPort } from '../ports/clock.ts';
import { randomHex, type RandomPort } from '../ports/random.ts';
import { commandRecord, type ChainEnd } from './authoring.ts';
import type { Ledger } from './ledger.ts';
import { localTime } from '../local-time.ts';
import type { HeadMemory } from './memory.ts';
import type { Opening } from './origin.ts';
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
      await writer.append([{ kind: 'stranding', text: JSON.stringify({ inc, from }) }], () =>
        opening(enrolled(), end, 'continued'),
      );
      ledger.strand(inc, from);
    },
  };
}
