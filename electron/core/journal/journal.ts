import type { Draft, EventBytes, Head, JournalStatus } from '../../../shared/contract/journal.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { LogPort } from '../ports/log.ts';
import { systemRandom, type RandomPort } from '../ports/random.ts';
import { createAppendQueue, type Appended } from './append-queue.ts';
import { createBook, type NewIncarnation, type Place } from './book.ts';
import { carryOver } from './carry-over.ts';
import { isNoSpace, nodeFiles, writeFailure, type JournalFiles } from './files.ts';
import { countAfter, holds, missingIn, type Hole, type RecordPlace } from './ledger.ts';
import { loadJournal } from './load.ts';
import { takeLock, type JournalLock } from './lock.ts';
import { memoryFileAt, openHeadMemory, type MemoryFile } from './memory.ts';
import { createReader } from './reader.ts';
import { openReserve, RESERVE_BYTES } from './reserve.ts';
import { putAllAside } from './repair.ts';
import { createRestorer, type Reached } from './restore.ts';
import { retireSegments } from './retire.ts';
import { segmentNumber } from './segment.ts';
import { selectPage, selectUnsent, type Batch, type Limits } from './selection.ts';
import { whereToGoOn } from './start-up.ts';
import { createTurns } from '../../../shared/sync/turns.ts';
import { openWriter, SEGMENT_BYTES } from './writer.ts';

/** What the start put right, as `notice.<name>`. */
export type JournalNotice = 'journal-shortened' | 'journal-damaged' | 'journal-key-lost';

/** What the journal itself knows of {@link JournalStatus}; the second place is not its business. */
export type OwnStatus = Omit<JournalStatus, 'copies'>;

/** The append-only record of what this device did (sync.md "The save path"). */
export interface Journal {
  readonly notices: readonly JournalNotice[];
  /**
   * All events of one command, durable when it resolves. The same `cmd` again writes nothing and gives the first call's events.
   * @throws CodedError DEVICE_NOT_ENROLLED, JOURNAL_DISK_FULL, JOURNAL_WRITE_FAILED, JOURNAL_LOCKED, WIRE_BAD_INPUT
   */
  append(input: { cmd: string; drafts: Draft[] }): Promise<Appended>;
  head(): Head;
  /** Own events of this hall after a place; see `journal.read` in the contract. */
  read(from: {
    inc: string | null;
    after: number;
    limit: number;
  }): Promise<{ events: EventBytes[]; more: boolean }>;
  /** Enrolment: from now on events are made for this place, in a new incarnation. */
  enrol(place: Place): Promise<void>;
  /** Begins a new incarnation, because the old one cannot be trusted to count on. */
  renew(reason: NewIncarnation): Promise<void>;
  /**
   * The server can never take incarnation `inc` from `from` on. Its events are made again in the newest
   * incarnation (begun now if `inc` is the newest), so that they still reach the server; the old ones stay on the medium.
   */
  strand(inc: string, from: number): Promise<void>;
  /**
   * Oldest events to be sent, or null.
   * @param ahead as if these were acknowledged already: the batch after the one that is on its way
   */
  unsent(limits: Limits, ahead?: { inc: string; seq: number }): Promise<Batch | null>;
  /** Everything {@link unsent} has still to give, in its order, in chunks of one incarnation; nothing is marked as sent. */
  pending(maxEvents: number): AsyncGenerator<EventBytes[]>;
  /** Number of events {@link unsent} has still to give. */
  unsentCount(): number;
  holds(inc: string, seq: number): boolean;
  acknowledged(inc?: string): number;
  /** Incarnations of this place that are over, and how far the server has said it has them. */
  older(): { inc: string; seq: number }[];
  /** The server has this incarnation up to `seq`: its word, which may also be less than before. */
  acknowledge(inc: string, seq: number): void;
  /** The server names its epoch; another one than last time means it may have lost what it had acknowledged. */
  heardEpoch(epoch: string): void;
  /** Asks for everything again: the server was restored. Pushing what it has changes nothing there. */
  forgetAcknowledged(): void;
  status(): Promise<OwnStatus>;
  /** Own events that existed and are not here. */
  missing(): Hole[];
  /** What the store or the server has seen of us is compared with what is here; see {@link Restorer.compare}. */
  compare(seen: readonly Reached[]): Promise<Hole[]>;
  /** Writes own events back that are not here. @returns how many. @throws CodedError JOURNAL_DISK_FULL, JOURNAL_WRITE_FAILED */
  restore(events: readonly EventBytes[]): Promise<number>;
  /** Everything the server has of us is here now: what waited for that goes on. */
  settle(): Promise<void>;
  /** Puts old segments away; see {@link retireSegments}. @returns how many */
  retire(at: { serverNow: number; horizonMs: number }): Promise<number>;
  /** Whole segment files and how much of each is durable, oldest first: for copies. */
  segmentFiles(): Promise<{ name: string; bytes: number | null }[]>;
  /** Finishes what was asked for, flushes, gives the lock back. */
  close(): Promise<void>;
}

export interface JournalPorts {
  folder: string;
  /** File of the remembered head, outside `folder`. */
  memoryPath: string;
  /** 32 bytes. */
  key: Uint8Array;
  clock: ClockPort;
  log: LogPort;
  /** This device's id, also before it is enrolled. */
  dev: string;
  /** null until enrolled. */
  place: Place | null;
  files?: JournalFiles;
  /** Keeps the remembered head; the file at `memoryPath` by default. */
  memoryFile?: MemoryFile;
  lock?: (path: string, clock: ClockPort) => Promise<JournalLock>;
  segmentBytes?: number;
  reserveBytes?: number;
  /** Where the names of incarnations come from; the system's randomness by default. */
  random?: RandomPort;
  /** Local time minus UTC for `at`; this machine's by default. */
  offsetMinutes?: number;
}

/** Most bytes one page of {@link Journal.read} carries. */
const PAGE_BYTES = 4_000_000;

/**
 * Opens the journal, puts right what a crash, a full disk or a damaged medium left behind, and keeps its only writer.
 * @throws CodedError JOURNAL_LOCKED while another process has it open, JOURNAL_DISK_FULL when not even that can be done
 */
export async function openJournal(ports: JournalPorts): Promise<Journal> {
  const files = ports.files ?? nodeFiles;
  let lock: JournalLock | null = null;
  try {
    await files.makeFolder(ports.folder);
    lock = await (ports.lock ?? takeLock)(`${ports.folder}/lock`, ports.clock);
    return await openLocked(ports, files, lock);
  } catch (error) {
    lock?.release();
    throw isNoSpace(error) ? writeFailure(error) : error;
  }
}

async function openLocked(ports: JournalPorts, files: JournalFiles, lock: JournalLock): Promise<Journal> {
  const { folder, key, clock, log, dev } = ports;
  const basics = { files, folder, key, clock, log };
  const notices: JournalNotice[] = [];
  const memory = await openHeadMemory(ports.memoryFile ?? memoryFileAt(ports.memoryPath), clock);
  let loaded = await loadJournal(basics);
  if (loaded.keyWrong) {
    // The key is lost, the record is not: whoever has the key can still open it.
    await putAllAside(basics);
    notices.push('journal-key-lost');
    loaded = await loadJournal(basics);
  }
  const { ledger } = loaded;
  const reader = createReader(basics);
  const readTurns = createTurns();
  const eventsAt = (place: RecordPlace): Promise<string[]> => readTurns.take(() => reader.events(place));

  const goOn = await whereToGoOn({ loaded, place: ports.place, remembered: memory.head(), eventsAt });
  if (loaded.damage.length > 0 || goOn.begin === 'damaged') notices.push('journal-damaged');
  if (goOn.begin === 'shortened' && notices.length === 0) notices.push('journal-shortened');
  for (const name of notices)
    log.write('error', 'journal', name, {
      remembered: memory.head(),
      found: ledger.branches().at(-1)?.last ?? 0,
    });

  const reserve = await openReserve({ files, folder, clock, bytes: ports.reserveBytes ?? RESERVE_BYTES });
  const writer = await openWriter({
    ...basics,
    ...loaded,
    lock,
    reserve,
    segmentBytes: ports.segmentBytes ?? SEGMENT_BYTES,
  });
  const book = createBook({
    dev,
    ledger,
    writer,
    memory,
    clock,
    random: ports.random ?? systemRandom,
    offsetMinutes: ports.offsetMinutes,
    author: goOn.author,
    end: goOn.end,
  });
  const turns = createTurns();
  const queue = createAppendQueue({ book, ledger, eventsAt, turns });
  let { place } = ports;
  let due = goOn.begin;

  /** Begins the incarnation that is due. On a full disk the start goes on without it and the next append tries again. */
  async function beginIfDue(): Promise<void> {
    if (!due || !place) return;
    await book.begin(place, due);
    due = null;
    // At once: a start that is killed now must not take the same loss for another one.
    await memory.flush();
  }
  /** The server has said what it has of us, and all of that is here: what is missing still, nobody has. */
  let settled = false;
  const carry = (only?: string): Promise<number> => {
    const lost = new Set(settled ? [] : missingIn(ledger, memory.reached()).map(({ inc }) => inc));
    const scope = { ...(only === undefined ? {} : { only }), lost: (inc: string) => lost.has(inc) };
    return carryOver({ book, ledger, eventsAt, scope });
  };
  await beginIfDue()
    .then(() => (book.isEnrolled() ? carry() : 0))
    .catch((error: unknown) =>
      log.write('error', 'journal', 'start could not write', { reason: String(error) }),
    );

  const restorer = createRestorer({
    dev,
    book,
    ledger,
    memory,
    log,
    eventsAt,
    async shortened() {
      log.write('error', 'journal', 'journal-shortened', { found: book.head().seq });
      if (!notices.includes('journal-shortened')) notices.push('journal-shortened');
      await book.begin(book.author(), 'shortened');
      await memory.flush();
    },
  });

  /** What this enrolment's token may send. */
  const mine = () => ledger.branches().filter((branch) => branch.dev === dev && branch.hall === place?.hall);
  const waitingIn = (branches: ReturnType<typeof mine>): number =>
    branches.reduce((sum, branch) => sum + countAfter(branch, memory.acknowledged(branch.inc)), 0);

  return {
    notices,
    async append(input) {
      if (due) await turns.take(beginIfDue);
      return queue.append(input);
    },
    head: book.head,
    async read({ inc, after, limit }) {
      return selectPage(
        ledger,
        { events: eventsAt },
        place?.hall ?? '',
        { inc, after },
        { maxEvents: limit, maxBytes: PAGE_BYTES },
      );
    },
    enrol: (next) =>
      turns.take(async () => {
        place = next;
        due = 'enrolled';
        await beginIfDue();
      }),
    renew: (reason) =>
      turns.take(async () => {
        await beginIfDue();
        await book.begin(book.author(), reason);
      }),
    strand: (inc, from) =>
      turns.take(async () => {
        log.write('error', 'journal', 'branch cannot be sent', { inc, from });
        await beginIfDue();
        if (inc === book.author().inc) await book.begin(book.author(), 'fork');
        await book.strand(inc, from);
        const carried = await carry(inc);
        log.write('warning', 'journal', 'carried over', { inc, events: carried });
      }),
    unsent: (limits, ahead) =>
      selectUnsent(
        mine(),
        { events: eventsAt },
        (inc) => Math.max(memory.acknowledged(inc), inc === ahead?.inc ? ahead.seq : 0),
        limits,
      ),
    async *pending(maxEvents) {
      for (const branch of mine()) {
        let after = memory.acknowledged(branch.inc);
        for (;;) {
          const limits = { maxEvents, maxBytes: PAGE_BYTES };
          const batch = await selectUnsent([branch], { events: eventsAt }, () => after, limits);
          if (!batch) break;
          yield batch.events;
          after = batch.from + batch.events.length - 1;
        }
      }
    },
    unsentCount: () => waitingIn(mine()),
    holds(inc, seq) {
      const branch = ledger.branch(inc);
      return branch !== undefined && holds(branch, seq);
    },
    acknowledged: (inc = book.head().inc) => memory.acknowledged(inc),
    older: () =>
      mine()
        .map(({ inc }) => ({ inc, seq: memory.acknowledged(inc) }))
        .filter(({ inc, seq }) => seq > 0 && inc !== book.head().inc),
    acknowledge(inc, seq) {
      // Never beyond what is here: the server may remember more than a journal that lost its end.
      memory.setAcknowledged(inc, Math.min(seq, ledger.branch(inc)?.last ?? 0));
    },
    heardEpoch(epoch) {
      if (memory.epoch() !== '' && memory.epoch() !== epoch) memory.forgetAcknowledged();
      if (memory.epoch() !== epoch) memory.setEpoch(epoch);
    },
    forgetAcknowledged: memory.forgetAcknowledged,
    async status() {
      const all = ledger.branches();
      return {
        head: book.head(),
        ...writer.figures(),
        reserve: reserve.state(),
        freeBytes: await files.freeBytes(folder),
        incarnations: all.length,
        unsent: waitingIn(mine()),
        stuck: waitingIn(all.filter((branch) => !mine().includes(branch))),
        acknowledgedSeq: memory.acknowledged(book.head().inc),
        missing: restorer.missing(),
      };
    },
    missing: () => restorer.missing(),
    compare: (seen) =>
      turns.take(async () => {
        await beginIfDue();
        return restorer.compare(seen);
      }),
    restore: (events) =>
      turns.take(async () => {
        await beginIfDue();
        const taken = await restorer.restore(events);
        if (taken > 0 && book.isEnrolled()) await carry();
        return taken;
      }),
    settle: () =>
      turns.take(async () => {
        settled = true;
        if (book.isEnrolled()) await carry();
      }),
    retire: (at) =>
      turns.take(() =>
        retireSegments(
          {
            book,
            ledger,
            memory,
            writer,
            files,
            folder,
            log,
            whileUnread: (job) =>
              readTurns.take(async () => {
                await reader.close();
                await job();
              }),
          },
          at,
        ),
      ),
    async segmentFiles() {
      const current = writer.current();
      const names = (await files.names(folder)).filter((name) => segmentNumber(name) !== null);
      return names.map((name) => ({
        name,
        bytes: current && segmentNumber(name) === current.no ? current.end : null,
      }));
    },
    async close() {
      queue.close();
      await turns.idle();
      await reserve.close();
      await memory.flush();
      await writer.close();
      await readTurns.take(() => reader.close());
      lock.release();
    },
  };
}
