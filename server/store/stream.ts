import type { Checkpoint, PulledEvent, SnapshotPage } from '../../shared/contract/central.ts';
import type { PullAnswer } from '../../shared/sync/messages.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import type { Queryable } from './database.ts';

/** A page ends before it passes this, so that a slow line carries it within the caller's time; one event always fits. */
const PAGE_BYTES = 4_000_000;

interface StreamRow {
  cursor: number;
  bytes: string;
  hash: string;
  sig: string;
  stream_hash: string;
}
const pulledEvent = ({ cursor, bytes, hash, sig }: StreamRow): PulledEvent => ({
  cursor,
  bytes,
  hash,
  ...(sig === '' ? {} : { sig }),
});

/** Events after `since`, in the hall's order; fewer than `limit` when they are large. */
export async function pullEvents(
  db: Queryable,
  hall: string,
  since: number,
  limit: number,
): Promise<Omit<PullAnswer, 'epoch'>> {
  const found = await db.query<StreamRow>(
    `select cursor, bytes, hash, sig, stream_hash
     from (
       select *, sum(octet_length(bytes)) over (order by cursor) as size
       from (
         select cursor, bytes, hash, sig, stream_hash from event
         where hall = $1 and cursor > $2 order by cursor limit $3
       ) page
     ) sized
     where size <= $4 or cursor = $2 + 1
     order by cursor`,
    [hall, since, limit, PAGE_BYTES],
  );
  return {
    events: found.rows.map(pulledEvent),
    head: await hallHead(db, hall),
    streamHash:
      found.rows.at(-1)?.stream_hash ?? (await streamHashAt(db, hall, since)) ?? STREAM_HASH_OF_NOTHING,
  };
}

/**
 * Events just before cursor `before`, in the hall's order: a store that begins at the head fills backwards with them.
 * Fewer than `limit` when they are large. Beyond the head it begins at the head.
 */
export async function snapshotPage(
  db: Queryable,
  hall: string,
  before: number,
  limit: number,
): Promise<Omit<SnapshotPage, 'epoch'>> {
  const head = await hallHead(db, hall);
  const end = Math.min(before - 1, head);
  const found = await db.query<StreamRow>(
    `select cursor, bytes, hash, sig, stream_hash
     from (
       select *, sum(octet_length(bytes)) over (order by cursor desc) as size
       from (
         select cursor, bytes, hash, sig, stream_hash from event
         where hall = $1 and cursor <= $2 order by cursor desc limit $3
       ) page
     ) sized
     where size <= $4 or cursor = $2
     order by cursor`,
    [hall, end, limit, PAGE_BYTES],
  );
  const first = found.rows[0]?.cursor ?? end + 1;
  return {
    events: found.rows.map(pulledEvent),
    head,
    streamHash:
      found.rows.at(-1)?.stream_hash ?? (await streamHashAt(db, hall, end)) ?? STREAM_HASH_OF_NOTHING,
    streamHashBefore: (await streamHashAt(db, hall, first - 1)) ?? STREAM_HASH_OF_NOTHING,
  };
}

/** @returns the newest of these places that this stream agrees with, 0 when there is none */
async function commonOf(db: Queryable, hall: string, places: readonly Checkpoint[]): Promise<number> {
  if (places.length === 0) return 0;
  const found = await db.query<{ cursor: number }>(
    `select max(e.cursor)::bigint as cursor
     from unnest($2::bigint[], $3::text[]) as said (cursor, stream_hash)
     join event e on e.hall = $1 and e.cursor = said.cursor and e.stream_hash = said.stream_hash`,
    [hall, places.map((place) => place.cursor), places.map((place) => place.streamHash)],
  );
  return found.rows[0]?.cursor ?? 0;
}

export async function hallHead(db: Queryable, hall: string): Promise<number> {
  const found = await db.query<{ head: number }>('select head from hall where hall = $1', [hall]);
  return found.rows[0]?.head ?? 0;
}

/** @returns the rolling hash of events 1..cursor, null when the stream does not reach so far */
async function streamHashAt(db: Queryable, hall: string, cursor: number): Promise<string | null> {
  if (cursor === 0) return STREAM_HASH_OF_NOTHING;
  const found = await db.query<{ stream_hash: string }>(
    'select stream_hash from event where hall = $1 and cursor = $2',
    [hall, cursor],
  );
  return found.rows[0]?.stream_hash ?? null;
}

/** The server's head of the device's incarnation, and what follows from comparing. */
export interface Standing {
  seq: number;
  hash: string;
  action: 'ok' | 'rewound' | 'fork';
  /** The newest place named up to which both streams are the same. */
  common: number;
}

/** Compares where a device says it stands with what is here (sync.md "hello"). */
export async function standingOf(
  db: Queryable,
  claim: {
    hall: string;
    dev: string;
    inc: string;
    head: { seq: number; hash: string };
    cursor: number;
    streamHash: string;
    checkpoints?: readonly Checkpoint[] | undefined;
  },
): Promise<Standing> {
  const found = await db.query<{ seq: number; hash: string }>(
    'select seq, hash from incarnation where hall = $1 and dev = $2 and inc = $3',
    [claim.hall, claim.dev, claim.inc],
  );
  const head = found.rows[0] ?? { seq: 0, hash: '' };
  // Knowing more of this incarnation than the device itself means that the device lost its tail.
  const fork =
    head.seq > claim.head.seq ||
    (head.seq > 0 && head.seq === claim.head.seq && head.hash !== claim.head.hash);
  // At cursor 0 both sides hold nothing, however the device writes the hash of nothing.
  const same = claim.cursor === 0 || (await streamHashAt(db, claim.hall, claim.cursor)) === claim.streamHash;
  const common = same ? claim.cursor : await commonOf(db, claim.hall, claim.checkpoints ?? []);
  return { ...head, action: fork ? 'fork' : same ? 'ok' : 'rewound', common };
}
