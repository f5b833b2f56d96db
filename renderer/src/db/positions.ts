import type { HallStore } from './schema.ts';
import type { StreamPosition } from '../../../shared/sync/engine.ts';
import { STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';

/** How far one incarnation of this device's own journal has come. */
export interface OwnPosition {
  inc: string;
  /** Highest own sequence applied here. */
  applied: number;
  /** Highest own sequence the server has acknowledged. */
  acknowledged: number;
}

const STREAM = 'stream';
const OWN = 'own';

export const NOWHERE: StreamPosition = { epoch: '', cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };

export async function readStream(store: HallStore): Promise<StreamPosition> {
  return ((await store.meta.get(STREAM))?.value as StreamPosition | undefined) ?? NOWHERE;
}

export async function writeStream(store: HallStore, value: StreamPosition): Promise<void> {
  await store.meta.put({ key: STREAM, value });
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
