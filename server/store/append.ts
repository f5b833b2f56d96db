import type { PoolClient } from 'pg';
import type { PushAnswer } from '../../shared/sync/messages.ts';
import type { KeptEvent } from '../../shared/sync/event.ts';
import { project } from '../projections/project.ts';
import { bigintArray, textArray } from './binary-array.ts';
import { nativeNextStreamHash } from './native-hash.ts';
import { storable } from './storable.ts';

/** One incarnation of one device. */
export interface IncarnationKey {
  hall: string;
  dev: string;
  inc: string;
}

/** Where hall and incarnation stand, while nobody else can move them. */
export interface Locked {
  hall: { head: number; streamHash: string };
  /** seq 0 and hash '' when the incarnation is new. */
  own: { seq: number; hash: string };
}

/** Takes the hall's row for the rest of the transaction: pushes of a hall are taken one after the other (S1). */
export async function lockForPush(client: PoolClient, { hall, dev, inc }: IncarnationKey): Promise<Locked> {
  const found = await client.query<{ head: number; stream_hash: string; seq: number; hash: string }>({
    name: 'lock-for-push',
    text: 'select head, stream_hash, seq, hash from lock_for_push($1, $2, $3)',
    values: [hall, dev, inc],
  });
  const row = found.rows[0] as { head: number; stream_hash: string; seq: number; hash: string };
  return {
    hall: { head: row.head, streamHash: row.stream_hash },
    own: { seq: row.seq, hash: row.hash },
  };
}

/** @returns the first of these that stands here with another hash */
export async function findFork(
  client: PoolClient,
  { hall, dev, inc }: IncarnationKey,
  repeated: readonly KeptEvent[],
): Promise<{ seq: number; hash: string } | null> {
  if (repeated.length === 0) return null;
  const found = await client.query<{ seq: number; hash: string }>(
    'select seq, hash from event where hall = $1 and dev = $2 and inc = $3 and seq = any($4) order by seq',
    [hall, dev, inc, repeated.map(({ event }) => event.seq)],
  );
  const hashes = new Map(found.rows.map((row) => [row.seq, row.hash]));
  const other = repeated.find(({ event, hash }) => hashes.get(event.seq) !== hash);
  return other ? { seq: other.event.seq, hash: hashes.get(other.event.seq) ?? '' } : null;
}

/** Events, hall and incarnation in one statement: three round trips less while the hall's row is held. */
const STORE = `
  with stored as (
    insert into event (hall, cursor, dev, inc, seq, hash, bytes, type, agg, stream_hash, flag, sig)
    select $1, c, $2, $3, s, h, b, t, a, x, f, g
    from unnest($4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
      as row (c, s, h, b, t, a, x, f, g)
  ), moved as (
    update hall set head = $13, stream_hash = $14 where hall = $1
  )
  insert into incarnation (hall, dev, inc, seq, hash) values ($1, $2, $3, $15, $16)
  on conflict (hall, dev, inc) do update set seq = excluded.seq, hash = excluded.hash`;

/**
 * Gives cursors and stream hashes, stores and projects events that follow an incarnation's head (C3).
 * @param signatures by the sequence they sign
 */
export async function appendEvents(
  client: PoolClient,
  key: IncarnationKey,
  before: Locked['hall'],
  fresh: readonly KeptEvent[],
  signatures: ReadonlyMap<number, string>,
): Promise<{ notes: PushAnswer['notes']; head: number }> {
  const last = fresh.at(-1) as KeptEvent;
  let { streamHash } = before;
  const streamHashes = fresh.map(({ hash }) => (streamHash = nativeNextStreamHash(streamHash, hash)));
  const head = before.head + fresh.length;
  const flags = await project(client, key.hall, fresh);
  await client.query({
    name: 'store-events',
    text: STORE,
    values: [
      key.hall,
      key.dev,
      key.inc,
      bigintArray(fresh.map((_, index) => before.head + 1 + index)),
      bigintArray(fresh.map(({ event }) => event.seq)),
      textArray(fresh.map(({ hash }) => hash)),
      textArray(fresh.map(({ bytes }) => bytes)),
      textArray(fresh.map(({ event }) => storable(event.type))),
      textArray(fresh.map(({ event }) => storable(event.agg))),
      textArray(streamHashes),
      textArray(fresh.map(({ event }) => flags.get(event.seq) ?? '')),
      textArray(fresh.map(({ event }) => signatures.get(event.seq) ?? '')),
      head,
      streamHash,
      last.event.seq,
      last.hash,
    ],
  });
  return { notes: [...flags].map(([seq, note]) => ({ seq, note })), head };
}
