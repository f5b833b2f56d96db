import type { PoolClient } from 'pg';
import type { EventBytes } from '../../shared/contract/journal.ts';
import type { PushAnswer } from '../../shared/sync/messages.ts';
import { readEvent, type KeptEvent } from '../../shared/sync/event.ts';
import { nextStreamHash } from '../../shared/sync/hash.ts';
import { project } from '../projections/project.ts';
import type { Database } from './database.ts';
import { storable } from './storable.ts';

export interface PushBatch {
  hall: string;
  dev: string;
  inc: string;
  from: number;
  events: EventBytes[];
}

export type PushResult =
  /** `head` is the hall's new head, null when everything was there already. */
  | { kind: 'taken'; upTo: number; hash: string; notes: PushAnswer['notes']; head: number | null }
  | { kind: 'gap'; expected: number }
  | { kind: 'fork'; seq: number; hash: string }
  /** The envelope lies about where it comes from or what it follows. Content is never judged here (S6). */
  | { kind: 'lie'; seq: number; reason: string };

type Lie = Extract<PushResult, { kind: 'lie' }>;
type Fork = Extract<PushResult, { kind: 'fork' }>;

/**
 * Takes a contiguous batch of one incarnation into the hall's stream, in one transaction: everything or nothing.
 * What is already there with the same hash is passed over, so a repeated push is harmless. When it resolves with
 * 'taken', the events are committed and flushed (S2).
 */
export async function pushEvents(database: Database, batch: PushBatch): Promise<PushResult> {
  // Parsing and hashing before any lock is held.
  const read = readBatch(batch);
  if (!Array.isArray(read)) return read;
  return database.transaction(async (client) => {
    const head = await lockHead(client, batch);
    if (batch.from > head.seq + 1) return { kind: 'gap', expected: head.seq + 1 };
    const repeated = read.filter(({ event }) => event.seq <= head.seq);
    const fork = await findFork(client, batch, repeated);
    if (fork) return fork;
    const notes = repeated.length > 0 ? await notesOf(client, batch, repeated.length) : [];
    const fresh = read.slice(repeated.length);
    const [first, last] = [fresh[0], fresh.at(-1)];
    if (!first || !last) return { kind: 'taken', upTo: head.seq, hash: head.hash, notes, head: null };
    if (first.event.prev !== head.hash) {
      return head.seq === 0
        ? { kind: 'lie', seq: first.event.seq, reason: 'prev' }
        : { kind: 'fork', seq: head.seq, hash: head.hash };
    }
    const added = await append(client, batch.hall, fresh);
    await client.query(
      `insert into incarnation (hall, dev, inc, seq, hash) values ($1, $2, $3, $4, $5)
       on conflict (hall, dev, inc) do update set seq = excluded.seq, hash = excluded.hash`,
      [batch.hall, batch.dev, batch.inc, last.event.seq, last.hash],
    );
    return {
      kind: 'taken',
      upTo: last.event.seq,
      hash: last.hash,
      notes: [...notes, ...added.notes],
      head: added.head,
    };
  });
}

/** Checks every envelope against the batch and the chain; the first fault refuses the whole batch. */
function readBatch(batch: PushBatch): KeptEvent[] | Lie {
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

/** Two pushes of one incarnation wait for each other here. A first push has no row to lock: the hall's row orders those. */
async function lockHead(
  client: PoolClient,
  { hall, dev, inc, from }: PushBatch,
): Promise<{ seq: number; hash: string }> {
  const find = async (): Promise<{ seq: number; hash: string } | undefined> =>
    (
      await client.query<{ seq: number; hash: string }>(
        'select seq, hash from incarnation where hall = $1 and dev = $2 and inc = $3 for update',
        [hall, dev, inc],
      )
    ).rows[0];
  const known = await find();
  if (known || from > 1) return known ?? { seq: 0, hash: '' };
  await client.query(
    `insert into incarnation (hall, dev, inc, seq, hash) values ($1, $2, $3, 0, '') on conflict do nothing`,
    [hall, dev, inc],
  );
  return (await find()) ?? { seq: 0, hash: '' };
}

async function findFork(
  client: PoolClient,
  { hall, dev, inc }: PushBatch,
  repeated: KeptEvent[],
): Promise<Fork | null> {
  if (repeated.length === 0) return null;
  const found = await client.query<{ seq: number; hash: string }>(
    'select seq, hash from event where hall = $1 and dev = $2 and inc = $3 and seq = any($4) order by seq',
    [hall, dev, inc, repeated.map(({ event }) => event.seq)],
  );
  const hashes = new Map(found.rows.map((row) => [row.seq, row.hash]));
  const other = repeated.find(({ event, hash }) => hashes.get(event.seq) !== hash);
  return other ? { kind: 'fork', seq: other.event.seq, hash: hashes.get(other.event.seq) ?? '' } : null;
}

/** The answer to a repeat is the answer to the first time, which may have been lost. */
async function notesOf(
  client: PoolClient,
  { hall, dev, inc, from }: PushBatch,
  count: number,
): Promise<PushAnswer['notes']> {
  const found = await client.query<{ seq: number; note: string }>(
    `select seq, flag as note from event
     where hall = $1 and dev = $2 and inc = $3 and seq >= $4 and seq < $5 and flag <> '' order by seq`,
    [hall, dev, inc, from, from + count],
  );
  return found.rows;
}

/** Gives cursors and stream hashes, stores and projects. The hall row's lock makes commit order the cursor's order (S1). */
async function append(
  client: PoolClient,
  hall: string,
  fresh: KeptEvent[],
): Promise<{ notes: PushAnswer['notes']; head: number }> {
  const locked = await client.query<{ head: number; stream_hash: string }>(
    'select head, stream_hash from hall where hall = $1 for update',
    [hall],
  );
  const before = locked.rows[0] as { head: number; stream_hash: string };
  let streamHash = before.stream_hash;
  const rows = fresh.map((kept, index) => {
    streamHash = nextStreamHash(streamHash, kept.hash);
    return { kept, cursor: before.head + 1 + index, streamHash };
  });
  const head = before.head + rows.length;
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
      column((row) => storable(row.kept.event.type)),
      column((row) => storable(row.kept.event.agg)),
      column((row) => row.streamHash),
      column((row) => flags.get(row.kept.event.seq) ?? ''),
    ],
  );
  await client.query('update hall set head = $2, stream_hash = $3 where hall = $1', [hall, head, streamHash]);
  return { notes: [...flags].map(([seq, note]) => ({ seq, note })), head };
}
