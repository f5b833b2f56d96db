import type { OwnAnswer } from '../../shared/sync/own-messages.ts';
import type { Queryable } from './database.ts';

const PAGE_EVENTS = 500;
const PAGE_BYTES = 4_000_000;

/** @returns which incarnations of a device are here, and how far */
export async function ownIncarnations(
  db: Queryable,
  hall: string,
  dev: string,
): Promise<OwnAnswer['incarnations']> {
  const found = await db.query<{ inc: string; seq: number; hash: string }>(
    'select inc, seq, hash from incarnation where hall = $1 and dev = $2 and seq > 0 order by inc limit 10000',
    [hall, dev],
  );
  return found.rows;
}

/** @returns a device's own events back, ascending; fewer than there are when they are many or large */
export async function ownEvents(
  db: Queryable,
  of: { hall: string; dev: string; inc: string; from: number; to: number },
): Promise<OwnAnswer['events']> {
  const found = await db.query<{ bytes: string; hash: string }>(
    `select bytes, hash from event
     where hall = $1 and dev = $2 and inc = $3 and seq between $4 and $5 order by seq limit $6`,
    [of.hall, of.dev, of.inc, of.from, of.to, PAGE_EVENTS],
  );
  let size = 0;
  return found.rows.filter(({ bytes }, i) => {
    size += Buffer.byteLength(bytes);
    return i === 0 || size <= PAGE_BYTES;
  });
}
