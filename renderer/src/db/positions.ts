import type { CipherName } from './ciphers.ts';
import type { HallTables } from './schema.ts';
import type { Checkpoint } from '../../../shared/contract/central.ts';
import type { OwnPosition } from '../../../shared/sync/held-event.ts';
import { STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';
import type { StreamPosition } from '../../../shared/sync/ports.ts';

export type { OwnPosition };

/** What was counted while writing, because counting afterwards walks every row. */
export interface Figures {
  events: number;
  cases: number;
  conflicts: number;
  conflictsOpen: number;
}

/** Older history still to come: everything before `before`, which ends in `streamHash`. */
export interface BackfillPosition {
  before: number;
  streamHash: string;
}

export const NOWHERE: StreamPosition = { epoch: '', cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };
const NOTHING: Figures = { events: 0, cases: 0, conflicts: 0, conflictsOpen: 0 };

const read = async <T>(store: HallTables, key: string): Promise<T | undefined> =>
  (await store.meta.get(key))?.value as T | undefined;

export const readStream = async (store: HallTables): Promise<StreamPosition> =>
  (await read<StreamPosition>(store, 'stream')) ?? NOWHERE;

export async function writeStream(store: HallTables, value: StreamPosition): Promise<void> {
  await store.meta.put({ key: 'stream', value });
}

/** Own incarnations in the order in which they began; the last one is current. */
export const readOwn = async (store: HallTables): Promise<OwnPosition[]> =>
  (await read<OwnPosition[]>(store, 'own')) ?? [];

export async function writeOwn(store: HallTables, value: OwnPosition[]): Promise<void> {
  await store.meta.put({ key: 'own', value });
}

/** The entry of an incarnation, made at the end of the list when it is new. */
export function ownEntry(list: OwnPosition[], inc: string): OwnPosition {
  const found = list.find((entry) => entry.inc === inc);
  if (found) return found;
  const made = { inc, applied: 0, acknowledged: 0 };
  list.push(made);
  return made;
}

export const readFigures = async (store: HallTables): Promise<Figures> => ({
  ...NOTHING,
  ...(await read<Figures>(store, 'figures')),
});

export async function writeFigures(store: HallTables, value: Figures): Promise<void> {
  await store.meta.put({ key: 'figures', value });
}

export const readBackfill = async (store: HallTables): Promise<BackfillPosition | null> =>
  (await read<BackfillPosition | null>(store, 'backfill')) ?? null;

export async function writeBackfill(store: HallTables, value: BackfillPosition | null): Promise<void> {
  await store.meta.put({ key: 'backfill', value });
}

/** When the stream hash was last found equal to the server's, milliseconds since 1970. */
export const readVerifiedAt = async (store: HallTables): Promise<number | null> =>
  (await read<number>(store, 'verifiedAt')) ?? null;

export async function writeVerifiedAt(store: HallTables, value: number): Promise<void> {
  await store.meta.put({ key: 'verifiedAt', value });
}

export const readCheckpoints = async (store: HallTables): Promise<Checkpoint[]> =>
  (await read<Checkpoint[]>(store, 'checkpoints')) ?? [];

export async function writeCheckpoints(store: HallTables, value: Checkpoint[]): Promise<void> {
  await store.meta.put({ key: 'checkpoints', value });
}

/** Every cipher with which something here may be sealed; notes the one in use now. */
export async function ciphersOf(
  store: HallTables,
  now: CipherName = 'xchacha20-poly1305',
): Promise<CipherName[]> {
  const used = (await read<CipherName[]>(store, 'ciphers')) ?? [];
  if (used.includes(now)) return used;
  await store.meta.put({ key: 'ciphers', value: [...used, now] });
  return [...used, now];
}
