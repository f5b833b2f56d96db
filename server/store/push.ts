import type { PoolClient } from 'pg';
import type { EventBytes } from '../../shared/contract/journal.ts';
import type { PushAnswer } from '../../shared/sync/messages.ts';
import { appendEvents, findFork, lockForPush, type IncarnationKey } from './append.ts';
import type { Database } from './database.ts';
import { readBatch, type Lie } from './read-batch.ts';

export interface PushBatch extends IncarnationKey {
  from: number;
  events: EventBytes[];
  /** The device's, over the last event; '' when it gave none. Checked by the caller. */
  signature: string;
}

export type PushResult =
  /** `head` is the hall's new head, null when everything was there already. */
  | { kind: 'taken'; upTo: number; hash: string; notes: PushAnswer['notes']; head: number | null }
  | { kind: 'gap'; expected: number }
  | { kind: 'fork'; seq: number; hash: string }
  | Lie;

/**
 * Takes a contiguous batch of one incarnation into the hall's stream, in one transaction: everything or nothing.
 * What is already there with the same hash is passed over, so a repeated push is harmless. When it resolves with
 * 'taken', the events are committed and flushed (S2).
 */
export async function pushEvents(database: Database, batch: PushBatch): Promise<PushResult> {
  // Parsing and hashing before any lock is held.
  const read = readBatch(batch, batch.from, batch.events);
  if (!Array.isArray(read)) return read;
  return database.transaction(async (client) => {
    const { hall, own } = await lockForPush(client, batch);
    if (batch.from > own.seq + 1) return { kind: 'gap', expected: own.seq + 1 };
    const repeated = read.filter(({ event }) => event.seq <= own.seq);
    const fork = await findFork(client, batch, repeated);
    if (fork) return { kind: 'fork', ...fork };
    const notes = repeated.length > 0 ? await notesOf(client, batch, repeated.length) : [];
    const fresh = read.slice(repeated.length);
    const [first, last] = [fresh[0], fresh.at(-1)];
    if (!first || !last) {
      await keepSignature(client, batch, repeated.at(-1)?.event.seq ?? 0);
      return { kind: 'taken', upTo: own.seq, hash: own.hash, notes, head: null };
    }
    if (first.event.prev !== own.hash) {
      return own.seq === 0
        ? { kind: 'lie', seq: first.event.seq, reason: 'prev' }
        : { kind: 'fork', seq: own.seq, hash: own.hash };
    }
    const signatures = new Map([[last.event.seq, batch.signature]]);
    const added = await appendEvents(client, batch, hall, fresh, signatures);
    const { seq, hash } = { seq: last.event.seq, hash: last.hash };
    return { kind: 'taken', upTo: seq, hash, notes: [...notes, ...added.notes], head: added.head };
  });
}

/** A repeat may bring the signature that the first time did not have. */
async function keepSignature(client: PoolClient, batch: PushBatch, seq: number): Promise<void> {
  if (batch.signature === '') return;
  await client.query(
    `update event set sig = $5 where hall = $1 and dev = $2 and inc = $3 and seq = $4 and sig = ''`,
    [batch.hall, batch.dev, batch.inc, seq, batch.signature],
  );
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
