import type { PoolClient } from 'pg';
import type { EventBytes } from '../../shared/contract/journal.ts';
import type { PullAnswer, PushAnswer } from '../../shared/sync/messages.ts';
import { readEvent, type KeptEvent } from '../../shared/sync/event.ts';
import { nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { project } from '../projections/project.ts';
import type { Database, Queryable } from './database.ts';

/** Channel of PostgreSQL's NOTIFY; the payload is the hall. */
export const NEWS_CHANNEL = 'zongchuang_news';

export interface PushBatch {
  hall: string;
  dev: string;
  inc: string;
  from: number;
  events: EventBytes[];
}

export type PushResult =
  | { kind: 'taken'; upTo: number; hash: string; notes: PushAnswer['notes'] }
  | { kind: 'gap'; expected: number }
  | { kind: 'fork'; seq: number; hash: string }
  /** The envelope lies about where it comes from or what it follows. Content is never judged here (S6). */
  | { kind: 'lie'; seq: number; reason: string };

/**
 * Takes a contiguous batch of one incarnation into the hall's stream, in one transaction: everything or nothing.
 * What is already there with the same hash is passed over, so a repeated push is harmless.
 */
export async function pushEvents(database: Database, batch: PushBatch): Promise<PushResult> {
  const read = readBatch(batch);
  if (!Array.isArray(read)) return read;
  return database.transaction(async (client) => {
    const head = await lockHead(client, batch);
    if (batch.from > head.seq + 1) return { kind: 'gap', expected: head.seq + 1 };
    const known = await findFork(client, batch, read, head.seq);
    if (known) return known;
    const fresh = read.filter(({ event }) => event.seq > head.seq);
    const first = fresh[0];
    if (!first) return { kind: 'taken', upTo: head.seq, hash: head.hash, notes: [] };
    if (first.event.prev !== head.hash) return { kind: 'fork', seq: head.seq, hash: head.hash };
    const notes = await append(client, batch.hall, fresh);
    const last = fresh.at(-1) as KeptEvent;
    await client.query(
      'update incarnation set seq = $4, hash = $5 where hall = $1 and dev = $2 and inc = $3',
      [batch.hall, batch.dev, batch.inc, last.event.seq, last.hash],
    );
    // Delivered at commit, so nobody is told of what might still be rolled back.
    await client.query('select pg_notify($1, $2)', [NEWS_CHANNEL, batch.hall]);
    return { kind: 'taken', upTo: last.event.seq, hash: last.hash, notes };
  });
}

/** Checks every envelope against the batch and the chain; the first fault refuses the whole batch. */
function readBatch(batch: PushBatch): KeptEvent[] | Extract<PushResult, { kind: 'lie' }> {
  const kept: KeptEvent[] = [];
  for (const [index, { bytes, hash }] of batch.events.entries()) {
    const seq = batch.from + index;
    const read = readEvent(bytes, hash);
    if (!read.ok) return { kind: 'lie', seq, reason: read.fault };
    const { event } = read.kept;
    if (event.hall !== batch.hall) return { kind: 'lie', seq, reason: 'hall' };
    if (event.dev !== batch.dev) return { kind: 'lie', seq, reason: 'dev' };
    if (event.inc !== batch.inc) return { kind: 'lie', seq, reason: 'inc' };
    if (event.seq !== seq) return { kind: 'lie', seq, reason: 'seq' };
    const before = kept.at(-1);
    if (before && event.prev !== before.hash) return { kind: 'lie', seq, reason: 'prev' };
    kept.push(read.kept);
  }
  return kept;
}

async function lockHead(
  client: PoolClient,
  { hall, dev, inc }: PushBatch,
): Promise<{ seq: number; hash: string }> {
  await client.query(
    `insert into incarnation (hall, dev, inc, seq, hash) values ($1, $2, $3, 0, '') on conflict do nothing`,
    [hall, dev, inc],
  );
  const found = await client.query<{ seq: number; hash: string }>(
    'select seq, hash from incarnation where hall = $1 and dev = $2 and inc = $3 for update',
    [hall, dev, inc],
  );
  return found.rows[0] as { seq: number; hash: string };
}

async function findFork(
  client: PoolClient,
  { hall, dev, inc }: PushBatch,
  read: KeptEvent[],
  headSeq: number,
): Promise<Extract<PushResult, { kind: 'fork' }> | null> {
  const repeated = read.filter(({ event }) => event.seq <= headSeq);
  if (repeated.length === 0) return null;
  const found = await client.query<{ seq: number; hash: string }>(
    'select seq, hash from event where hall = $1 and dev = $2 and inc = $3 and seq = any($4) order by seq',
    [hall, dev, inc, repeated.map(({ event }) => event.seq)],
  );
  const hashes = new Map(found.rows.map((row) => [row.seq, row.hash]));
  const other = repeated.find(({ event, hash }) => hashes.get(event.seq) !== hash);
  return other ? { kind: 'fork', seq: other.event.seq, hash: hashes.get(other.event.seq) ?? '' } : null;
}

/** Gives cursors and stream hashes, stores and projects. The hall row's lock makes commit order the cursor's order (S1). */
async function append(client: PoolClient, hall: string, fresh: KeptEvent[]): Promise<PushAnswer['notes']> {
  const locked = await client.query<{ head: number; stream_hash: string }>(
    'update hall set head = head + $2 where hall = $1 returning head, stream_hash',
    [hall, fresh.length],
  );
  const { head, stream_hash } = locked.rows[0] as { head: number; stream_hash: string };
  let streamHash = stream_hash;
  const rows = fresh.map((kept, index) => {
    streamHash = nextStreamHash(streamHash, kept.hash);
    return { kept, cursor: head - fresh.length + 1 + index, streamHash };
  });
  const flags = await project(client, hall, fresh);
  const column = <T>(pick: (row: (typeof rows)[number]) => T): T[] => rows.map(pick);
  await client.query(
    `insert into event (hall, cursor, dev, inc, seq, hash, bytes, type, agg, stream_hash, flag)
     select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])`,
    [
      hall,
      column((row) => row.cursor),
      column((row) => row.kept.event.dev),
      column((row) => row.kept.event.inc),
      column((row) => row.kept.event.seq),
      column((row) => row.kept.hash),
      column((row) => row.kept.bytes),
      column((row) => row.kept.event.type),
      column((row) => row.kept.event.agg),
      column((row) => row.streamHash),
      column((row) => flags.get(row.kept.event.seq) ?? ''),
    ],
  );
  await client.query('update hall set stream_hash = $2 where hall = $1', [hall, streamHash]);
  return [...flags].map(([seq, note]) => ({ seq, note }));
}

/** Events after `since`, in the hall's order. */
export async function pullEvents(
  db: Queryable,
  hall: string,
  since: number,
  limit: number,
): Promise<Omit<PullAnswer, 'epoch'>> {
  const found = await db.query<{ cursor: number; bytes: string; hash: string; stream_hash: string }>(
    'select cursor, bytes, hash, stream_hash from event where hall = $1 and cursor > $2 order by cursor limit $3',
    [hall, since, limit],
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
export async function streamHashAt(db: Queryable, hall: string, cursor: number): Promise<string | null> {
  if (cursor === 0) return STREAM_HASH_OF_NOTHING;
  const found = await db.query<{ stream_hash: string }>(
    'select stream_hash from event where hall = $1 and cursor = $2',
    [hall, cursor],
  );
  return found.rows[0]?.stream_hash ?? null;
}

export type Standing = { seq: number; hash: string; action: 'ok' | 'rewound' | 'fork' };

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
  // A server that knows more of this incarnation than the device itself: the device lost its tail.
  const fork =
    head.seq > claim.head.seq ||
    (head.seq > 0 && head.seq === claim.head.seq && head.hash !== claim.head.hash);
  if (fork) return { ...head, action: 'fork' };
  const here = await streamHashAt(db, claim.hall, claim.cursor);
  return { ...head, action: here === claim.streamHash ? 'ok' : 'rewound' };
}
