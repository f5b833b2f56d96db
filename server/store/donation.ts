import type { DonatedEvent, WantedRange } from '../../shared/contract/central.ts';
import { headText, MAX_WANTED } from '../../shared/sync/messages.ts';
import { appendEvents, findFork, lockForPush, type IncarnationKey } from './append.ts';
import type { Database, Queryable } from './database.ts';
import { readBatch, type Lie } from './read-batch.ts';

/** What is held by somebody and lacking here, of devices whose key is known: of others nothing could be proven. */
export async function wantedOf(
  db: Queryable,
  hall: string,
  heads: readonly { dev: string; inc: string; seq: number }[],
): Promise<WantedRange[]> {
  if (heads.length === 0) return [];
  const found = await db.query<WantedRange>(
    `select said.dev, said.inc, coalesce(i.seq, 0) + 1 as "from", said.seq as "to"
     from unnest($2::text[], $3::text[], $4::bigint[]) as said (dev, inc, seq)
     join device d on d.dev = said.dev
     left join incarnation i on i.hall = $1 and i.dev = said.dev and i.inc = said.inc
     where coalesce(i.seq, 0) < said.seq
     order by said.dev, said.inc limit $5`,
    [hall, heads.map((h) => h.dev), heads.map((h) => h.inc), heads.map((h) => h.seq), MAX_WANTED],
  );
  return found.rows;
}

export type DonationResult =
  /** `head` is the hall's new head, null when everything was there already. */
  | { kind: 'taken'; taken: number; upTo: number; head: number | null }
  | { kind: 'gap'; expected: number }
  | { kind: 'fork'; seq: number; hash: string }
  | { kind: 'unproven' }
  | Lie;

/**
 * Takes events of any device of the hall from whoever holds them: the chain joins what is here and ends in a signature
 * of the device that made them, so it does not matter who brings them. What follows the last good signature is left out.
 */
export async function takeDonation(
  database: Database,
  key: IncarnationKey,
  events: readonly DonatedEvent[],
  isSignedBy: (text: string, signature: string) => boolean,
): Promise<DonationResult> {
  const from = firstSeqOf(events);
  if (from === null) return { kind: 'lie', seq: 0, reason: 'bad-shape' };
  const read = readBatch(key, from, events);
  if (!Array.isArray(read)) return read;
  const signatures = new Map<number, string>();
  for (const [index, { event, hash }] of read.entries()) {
    const sig = events[index]?.sig;
    if (sig !== undefined && isSignedBy(headText({ ...key, seq: event.seq, hash }), sig))
      signatures.set(event.seq, sig);
  }
  const proven = read.filter(({ event }) => event.seq <= Math.max(0, ...signatures.keys()));
  if (proven.length === 0) return { kind: 'unproven' };
  return database.transaction(async (client) => {
    const { hall, own } = await lockForPush(client, key);
    if (from > own.seq + 1) return { kind: 'gap', expected: own.seq + 1 };
    const repeated = proven.filter(({ event }) => event.seq <= own.seq);
    const fork = await findFork(client, key, repeated);
    if (fork) return { kind: 'fork', ...fork };
    const fresh = proven.slice(repeated.length);
    const first = fresh[0];
    if (!first) return { kind: 'taken', taken: proven.length, upTo: own.seq, head: null };
    if (first.event.prev !== own.hash) return { kind: 'fork', seq: own.seq, hash: own.hash };
    const { head } = await appendEvents(client, key, hall, fresh, signatures);
    return { kind: 'taken', taken: proven.length, upTo: own.seq + fresh.length, head };
  });
}

function firstSeqOf(events: readonly DonatedEvent[]): number | null {
  try {
    const { seq } = JSON.parse(events[0]?.bytes ?? '') as { seq?: unknown };
    return Number.isSafeInteger(seq) && (seq as number) >= 1 ? (seq as number) : null;
  } catch {
    return null;
  }
}
