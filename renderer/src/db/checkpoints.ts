import type { Checkpoint } from '../../../shared/contract/central.ts';
import { addCheckpoint } from '../../../shared/sync/checkpoints.ts';

/** What is left when everything after `cursor` is forgotten. */
export const checkpointsUpTo = (list: readonly Checkpoint[], cursor: number): Checkpoint[] =>
  list.filter((point) => point.cursor <= cursor);

/** Adds a place behind all others, found while history is filled backwards; the oldest places thin out by it. */
export function addOlderCheckpoint(list: readonly Checkpoint[], older: Checkpoint): Checkpoint[] {
  const [newest, ...rest] = list;
  return newest && older.cursor > 0 ? addCheckpoint([...rest, older], newest) : [...list];
}
