import type { Checkpoint } from '../contract/central.ts';
import { MAX_CHECKPOINTS } from '../contract/central-limits.ts';

/**
 * Adds where the stream stands now, and thins out what lies behind: one per doubling of the distance, the oldest of
 * each, so that every one in turn grows old enough for the next.
 * @param known newest first
 * @returns newest first, beginning with `now`
 */
export function addCheckpoint(known: readonly Checkpoint[], now: Checkpoint): Checkpoint[] {
  const older = known.filter(({ cursor }) => cursor > 0 && cursor < now.cursor);
  const kept = new Map<number, Checkpoint>();
  for (const point of older) kept.set(Math.floor(Math.log2(now.cursor - point.cursor)), point);
  return [now, ...kept.values()].slice(0, MAX_CHECKPOINTS);
}
