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
  /** Ascending by sequence; not always by segment, because what was lost may have been written back later. */
  readonly records: readonly RecordPlace[];
  /** Highest sequence that ever existed here, 0 when there is none. */
  readonly last: number;
  /**
   * From this sequence on the server can never take the branch (fork, or a hole before it). These events are
   * carried over into a later incarnation and not read, sent or counted here any more.
   */
  readonly strandedFrom: number;
}

/** The ledger's own record: it knows its incarnation, so that a command needs no entry of its own beside it. */
interface HeldRecord extends RecordPlace {
  inc: string;
}

interface GrowingBranch extends Branch {
  records: HeldRecord[];
  last: number;
  strandedFrom: number;
}

export interface BranchOpening {
  dev: string;
  inc: string;
  hall: string;
  firstSeq: number;
}

/** The journal's index in memory: incarnations in the order they began, and every command. */
export interface Ledger {
  branches(): readonly Branch[];
  branch(inc: string): Branch | undefined;
  /** A segment of this incarnation begins, whose first event will be `firstSeq`. */
  open(of: BranchOpening): void;
  /** @returns false when these sequences are here already and nothing was added */
  add(inc: string, cmd: string, place: RecordPlace): boolean;
  /** A segment of events written back: an incarnation that is not here at all stands before the newest one. */
  openRestored(of: BranchOpening): void;
  /** Events written back, which may stand before others. Of a command made again since, the later counts. */
  addRestored(inc: string, cmd: string, place: RecordPlace): boolean;
  /** @param segment where that is written: it must stay as long as the branch */
  strand(inc: string, from: number, segment: number): void;
  strandingSegments(): ReadonlySet<number>;
  /** Everything up to `to` was retired: it may be gone, and nobody misses it. */
  retire(inc: string, to: number): void;
  retired(): ReadonlyMap<string, number>;
  /** Forgets every record of these segments: their files have been put away. */
  dropSegments(segments: ReadonlySet<number>): void;
  /** @returns the newest record of a command */
  command(cmd: string): { inc: string; place: RecordPlace } | undefined;
}

export function createLedger(): Ledger {
  const list: GrowingBranch[] = [];
  const byInc = new Map<string, GrowingBranch>();
  // No object of its own for each: a million commands must fit a 4 GB machine.
  const commands = new Map<string, HeldRecord>();
  const stranding = new Set<number>();
  const retired = new Map<string, number>();

  const branchOf = (inc: string): GrowingBranch => {
    const branch = byInc.get(inc);
    if (!branch) throw new Error('ledger: record of an incarnation that was not opened');
    return branch;
  };
  const newBranch = ({ dev, inc, hall }: BranchOpening, at: number): GrowingBranch => {
    const branch = { dev, inc, hall, records: [], last: 0, strandedFrom: Infinity };
    byInc.set(inc, branch);
    list.splice(at, 0, branch);
    return branch;
  };
  const held = (inc: string, { segment, offset, size, firstSeq, count }: RecordPlace): HeldRecord => ({
    segment,
    offset,
    size,
    firstSeq,
    count,
    inc,
  });

  return {
    branches: () => list,
    branch: (inc) => byInc.get(inc),
    open(of) {
      const branch = byInc.get(of.inc) ?? newBranch(of, list.length);
      branch.last = Math.max(branch.last, of.firstSeq - 1);
    },
    add(inc, cmd, place) {
      const branch = branchOf(inc);
      if (place.firstSeq <= branch.last) return false;
      const record = held(inc, place);
      branch.records.push(record);
      branch.last = place.firstSeq + place.count - 1;
      commands.set(cmd, record);
      return true;
    },
    openRestored(of) {
      if (!byInc.has(of.inc)) newBranch(of, Math.max(0, list.length - 1));
    },
    addRestored(inc, cmd, place) {
      const branch = branchOf(inc);
      const at = firstAfter(branch, place.firstSeq - 1);
      const next = branch.records[at];
      const last = place.firstSeq + place.count - 1;
      if (next && next.firstSeq <= last) return false;
      const record = held(inc, place);
      branch.records.splice(at, 0, record);
      branch.last = Math.max(branch.last, last);
      const other = byInc.get(commands.get(cmd)?.inc ?? '');
      if (!other || list.indexOf(other) < list.indexOf(branch)) commands.set(cmd, record);
      return true;
    },
    strand(inc, from, segment) {
      stranding.add(segment);
      const branch = byInc.get(inc);
      if (branch) branch.strandedFrom = Math.min(branch.strandedFrom, from);
    },
    strandingSegments: () => stranding,
    retire(inc, to) {
      retired.set(inc, Math.max(to, retired.get(inc) ?? 0));
    },
    retired: () => retired,
    dropSegments(segments) {
      for (const branch of list) {
        branch.records = branch.records.filter(({ segment }) => !segments.has(segment));
      }
      for (const [cmd, { segment }] of commands) if (segments.has(segment)) commands.delete(cmd);
    },
    command(cmd) {
      const place = commands.get(cmd);
      return place && { inc: place.inc, place };
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

/**
 * @param reached highest sequence each incarnation is known to have had, also from outside the journal
 * @returns stretches of sequences that existed, are not here and were not retired; oldest incarnation first
 */
export function missingIn(ledger: Ledger, reached: Readonly<Record<string, number>>): Hole[] {
  const holes: Hole[] = [];
  const retired = ledger.retired();
  const branches = ledger.branches();
  const gone = Object.keys(reached).filter((inc) => !ledger.branch(inc));
  for (const inc of gone) {
    const from = (retired.get(inc) ?? 0) + 1;
    const to = reached[inc] ?? 0;
    if (to >= from) holes.push({ inc, from, to });
  }
  for (const branch of branches) holes.push(...holesIn(branch, retired.get(branch.inc) ?? 0, reached));
  return holes;
}

function holesIn(branch: Branch, retiredTo: number, reached: Readonly<Record<string, number>>): Hole[] {
  const { inc } = branch;
  const holes: Hole[] = [];
  let next = retiredTo + 1;
  for (const { firstSeq, count } of branch.records) {
    if (firstSeq > next) holes.push({ inc, from: next, to: firstSeq - 1 });
    next = Math.max(next, firstSeq + count);
  }
  const last = Math.max(branch.last, reached[inc] ?? 0);
  if (last >= next) holes.push({ inc, from: next, to: last });
  return holes;
}

/** @returns true when the event of this sequence is here */
export function holds(branch: Branch, seq: number): boolean {
  const record = branch.records[firstAfter(branch, seq - 1)];
  return record !== undefined && record.firstSeq <= seq;
}
