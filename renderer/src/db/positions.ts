import type { HallStore } from './schema.ts';
import { addCheckpoint } from '../../../shared/sync/checkpoints.ts';
import type { OwnPosition } from '../../../shared/sync/held-event.ts';
import type { Checkpoint } from '../../../shared/contract/central.ts';
import type { StreamPosition } from '../../../shared/sync/ports.ts';
import { STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';

export type { OwnPosition };

const STREAM = 'stream';
const OWN = 'own';
const CHECKPOINTS = 'checkpoints';
const BACKFILL = 'backfill';

export const NOWHERE: StreamPosition = { epoch: '', cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };

export async function readStream(store: HallStore): Promise<StreamPosition> {
  return ((await store.meta.get(STREAM))?.value as StreamPosition | undefined) ?? NOWHERE;
}

/** Moves the position, and keeps where it stood at growing distances. */
export async function writeStream(store: HallStore, value: StreamPosition): Promise<void> {
  const { cursor, streamHash } = value;
  const known = await readCheckpoints(store);
  await store.meta.bulkPut([
    { key: STREAM, value },
    { key: CHECKPOINTS, value: cursor === 0 ? [] : addCheckpoint(known, { cursor, streamHash }) },
  ]);
}

/** Newest first. */
export async function readCheckpoints(store: HallStore): Promise<Checkpoint[]> {
  return ((await store.meta.get(CHECKPOINTS))?.value as Checkpoint[] | undefined) ?? [];
}

/** What is missing before the oldest event held: events up to `before` − 1, and the rolling hash there. */
export interface Missing {
  before: number;
  streamHash: string;
}

export async function readBackfill(store: HallStore): Promise<Missing | null> {
  return ((await store.meta.get(BACKFILL))?.value as Missing | null | undefined) ?? null;
}

export async function writeBackfill(store: HallStore, value: Missing | null): Promise<void> {
  await store.meta.put({ key: BACKFILL, value });
}

/** Own incarnations in the order in which they began; the last one is current. */
export async function readOwn(store: HallStore): Promise<OwnPosition[]> {
  return ((await store.meta.get(OWN))?.value as OwnPosition[] | undefined) ?? [];
}

export async function writeOwn(store: HallStore, value: OwnPosition[]): Promise<void> {
  await store.meta.put({ key: OWN, value });
}

/** The entry of an incarnation, made at the end of the list when it is new. */
export function ownEntry(list: OwnPosition[], inc: string): OwnPosition {
  const found = list.find((entry) => entry.inc === inc);
  if (found) return found;
  const made = { inc, applied: 0, acknowledged: 0 };
  list.push(made);
  return made;
}
