import type { PullAnswer } from '../../shared/sync/messages.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import type { Queryable } from './database.ts';

/** A page ends before it passes this, so that a slow line carries it within the caller's time; one event always fits. */
const PAGE_BYTES = 4_000_000;

/** Events after `since`, in the hall's order; fewer than `limit` when they are large. */
export async function pullEvents(
  db: Queryable,
  hall: string,
  since: number,
  limit: number,
): Promise<Omit<PullAnswer, 'epoch'>> {
  const found = await db.query<{ cursor: number; bytes: string; hash: string; stream_hash: string }>(
    `select cursor, bytes, hash, stream_hash
     from (
       select *, sum(octet_length(bytes)) over (order by cursor) as size
       from (
         select cursor, bytes, hash, stream_hash from event
         where hall = $1 and cursor > $2 order by cursor limit $3
       ) page
     ) sized
     where size <= $4 or cursor = $2 + 1
     order by cursor`,
    [hall, since, limit, PAGE_BYTES],
  );
  return {
    events: found.rows.map(({ cursor, bytes, hash }) => ({ cursor, bytes, hash })),
    head: await hallHead(db, hall),
    streamHash:
      found.rows.at(-1)?.stream_hash ?? (await streamHashAt(db, hall, since)) ?? STREAM_HASH_OF_NOTHING,
  };
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
  if (fork) return { ...head, action: 'fork' };
  // At cursor 0 both sides hold nothing, however the device writes the hash of nothing.
  const same = claim.cursor === 0 || (await streamHashAt(db, claim.hall, claim.cursor)) === claim.streamHash;
  return { ...head, action: same ? 'ok' : 'rewound' };
}
