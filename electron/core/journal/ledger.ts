/** Where one command's record stands, and which events are in it. */
export interface RecordPlace {
  segment: number;
  offset: number;
  /** Bytes of the whole record, prefix included. */
  size: number;
  firstSeq: number;
  count: number;
}

/** A stretch of sequences that existed and is not here. */
export interface Hole {
  inc: string;
  from: number;
  to: number;
}

/** One incarnation's events, by place only: the bytes stay on the medium. */
export interface Branch {
  readonly dev: string;
  readonly inc: string;
  readonly hall: string;
  readonly records: readonly RecordPlace[];
  /** Highest sequence that ever existed here, 0 when there is none. */
  readonly last: number;
  /**
   * From this sequence on the server can never take the branch (fork, or a hole before it). These events are
   * carried over into a later incarnation and not read, sent or counted here any more.
   */
  readonly strandedFrom: number;
}

interface GrowingBranch extends Branch {
  records: RecordPlace[];
  last: number;
  strandedFrom: number;
}

/** The journal's index in memory: incarnations in the order they began, and every command. */
export interface Ledger {
  branches(): readonly Branch[];
  branch(inc: string): Branch | undefined;
  /** A segment of this incarnation begins, whose first event will be `firstSeq`. @returns what is missing before it */
  open(of: { dev: string; inc: string; hall: string; firstSeq: number }): Hole | null;
  /** @returns the hole before this record, if any; 'known' when these sequences are here already and nothing was added */
  add(inc: string, cmd: string, place: RecordPlace): Hole | 'known' | null;
  strand(inc: string, from: number): void;
  /** @returns the newest record of a command */
  command(cmd: string): { inc: string; place: RecordPlace } | undefined;
}

export function createLedger(): Ledger {
  const list: GrowingBranch[] = [];
  const byInc = new Map<string, GrowingBranch>();
  // Two small numbers in one: a million commands must fit a 4 GB machine.
  const commands = new Map<string, number>();
  const SPAN = 2 ** 32;

  const holeBefore = (branch: GrowingBranch, next: number): Hole | null =>
    next > branch.last + 1 ? { inc: branch.inc, from: branch.last + 1, to: next - 1 } : null;

  return {
    branches: () => list,
    branch: (inc) => byInc.get(inc),
    open({ dev, inc, hall, firstSeq }) {
      let branch = byInc.get(inc);
      if (!branch) {
        branch = { dev, inc, hall, records: [], last: 0, strandedFrom: Infinity };
        byInc.set(inc, branch);
        list.push(branch);
      }
      const hole = holeBefore(branch, firstSeq);
      branch.last = Math.max(branch.last, firstSeq - 1);
      return hole;
    },
    add(inc, cmd, place) {
      const branch = byInc.get(inc);
      if (!branch) throw new Error('ledger: record of an incarnation that was not opened');
      if (place.firstSeq <= branch.last) return 'known';
      const hole = holeBefore(branch, place.firstSeq);
      branch.records.push(place);
      branch.last = place.firstSeq + place.count - 1;
      commands.set(cmd, list.indexOf(branch) * SPAN + branch.records.length - 1);
      return hole;
    },
    strand(inc, from) {
      const branch = byInc.get(inc);
      if (branch) branch.strandedFrom = Math.min(branch.strandedFrom, from);
    },
    command(cmd) {
      const at = commands.get(cmd);
      if (at === undefined) return undefined;
      const branch = list[Math.floor(at / SPAN)];
      const place = branch?.records[at % SPAN];
      return branch && place ? { inc: branch.inc, place } : undefined;
    },
  };
}

/** @returns index of the first record that holds an event after `seq` (the number of records when there is none) */
export function firstAfter(branch: Branch, seq: number): number {
  let low = 0;
  let high = branch.records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { firstSeq, count } = branch.records[middle] as RecordPlace;
    if (firstSeq + count - 1 > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @returns how many events after `seq` are here and not stranded */
export function countAfter(branch: Branch, seq: number): number {
  let sum = 0;
  for (let at = firstAfter(branch, seq); at < branch.records.length; at++) {
    const { firstSeq, count } = branch.records[at] as RecordPlace;
    const from = Math.max(firstSeq, seq + 1);
    const to = Math.min(firstSeq + count, branch.strandedFrom);
    if (to <= from) break;
    sum += to - from;
  }
  return sum;
}

/** @returns stretches of sequences that existed before one that is here (or is known to have existed) and are not here */
export function holesIn(branch: Branch): Hole[] {
  const holes: Hole[] = [];
  let next = 1;
  for (const { firstSeq, count } of branch.records) {
    if (firstSeq > next) holes.push({ inc: branch.inc, from: next, to: firstSeq - 1 });
    next = firstSeq + count;
  }
  if (branch.last >= next) holes.push({ inc: branch.inc, from: next, to: branch.last });
  return holes;
}

/** @returns true when the event of this sequence is here */
export function holds(branch: Branch, seq: number): boolean {
  const record = branch.records[firstAfter(branch, seq - 1)];
  return record !== undefined && record.firstSeq <= seq;
}
