import type { LogPort } from '../ports/log.ts';
import type { Book } from './book.ts';
import { writeFailure, type JournalFiles } from './files.ts';
import type { Branch, Ledger } from './ledger.ts';
import type { HeadMemory } from './memory.ts';
import { segmentName } from './segment.ts';
import type { Writer } from './writer.ts';

/** Folder beside the segments for those that are not needed any more. Nothing reads it; copies.ts may empty it. */
export const ARCHIVE = 'archive';

export interface RetirePlan {
  segments: Set<number>;
  /** Everything up to there of each incarnation stands in these segments, or was put away before. */
  upTo: Map<string, number>;
}

/**
 * Which whole segments nobody needs: every event in them is acknowledged, and was so before the horizon (C6). Of each
 * incarnation only its beginning goes, without a gap, so that what is missing stays known.
 * @param safeUpTo highest sequence of an incarnation that was acknowledged before the horizon
 * @param keep segments that must stay: the one in use, and those that say which branch is stranded
 */
export function planRetirement(of: {
  branches: readonly Branch[];
  safeUpTo: (inc: string) => number;
  retired: ReadonlyMap<string, number>;
  keep: ReadonlySet<number>;
}): RetirePlan {
  const plan: RetirePlan = { segments: new Set(), upTo: new Map() };
  for (const branch of of.branches) {
    const safe = Math.min(of.safeUpTo(branch.inc), branch.strandedFrom - 1);
    const ends = new Map<number, number>();
    for (const { segment, firstSeq, count } of branch.records)
      ends.set(segment, Math.max(ends.get(segment) ?? 0, firstSeq + count - 1));
    let to = of.retired.get(branch.inc) ?? 0;
    for (const { segment, firstSeq, count } of branch.records) {
      const end = firstSeq + count - 1;
      const free = !of.keep.has(segment) && (ends.get(segment) ?? Infinity) <= safe;
      if (end <= to) continue;
      if (!free || firstSeq !== to + 1) break;
      to = end;
    }
    let took = false;
    for (const [segment, end] of ends) {
      if (end > to || of.keep.has(segment)) continue;
      plan.segments.add(segment);
      took = true;
    }
    if (took) plan.upTo.set(branch.inc, to);
  }
  return plan;
}

/**
 * Puts segments away that the server has had for longer than its backups reach back. What is put away is said in the
 * journal first: a start in between finds the segments again, and the next turn finishes.
 * @param at.serverNow the server's clock, milliseconds since 1970: a wrong clock here must not make events old
 * @returns how many segments were put away
 */
export async function retireSegments(
  ports: {
    book: Book;
    ledger: Ledger;
    memory: HeadMemory;
    writer: Writer;
    files: JournalFiles;
    folder: string;
    log: LogPort;
    /** Runs while no segment is open for reading. */
    whileUnread: (job: () => Promise<void>) => Promise<void>;
  },
  at: { serverNow: number; horizonMs: number },
): Promise<number> {
  const { book, ledger, memory, writer, files, folder, log } = ports;
  memory.stamp(at.serverNow);
  // Before anything goes, what it rests on is on the medium.
  await memory.flush();
  const current = writer.current();
  if (!book.isEnrolled() || !current) return 0;
  const plan = planRetirement({
    branches: ledger.branches(),
    safeUpTo: (inc) => memory.acknowledgedBefore(inc, at.serverNow - at.horizonMs),
    retired: ledger.retired(),
    keep: new Set([...ledger.strandingSegments(), current.no]),
  });
  if (plan.segments.size === 0) return 0;
  await book.retire(plan.upTo);
  let bytes = 0;
  const putAway = async (): Promise<void> => {
    const archive = `${folder}/${ARCHIVE}`;
    await files.makeFolder(archive);
    for (const no of plan.segments) {
      const name = segmentName(no);
      bytes += (await files.readAll(`${folder}/${name}`)).length;
      await files.rename(`${folder}/${name}`, `${archive}/${name}`);
    }
    await files.syncFolder(archive);
    await files.syncFolder(folder);
    ledger.dropSegments(plan.segments);
  };
  await ports.whileUnread(putAway).catch((error: unknown) => {
    throw writeFailure(error);
  });
  writer.forget(plan.segments.size, bytes);
  log.write('info', 'journal', 'segments put away', { segments: [...plan.segments] });
  return plan.segments.size;
}
