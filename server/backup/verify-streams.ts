import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import type { Queryable } from '../store/database.ts';

export interface CheckedHall {
  hall: string;
  name: string;
  head: number;
  /** The first thing found that does not fit; '' when all does. */
  fault: string;
}

const PAGE = 2_000;

/**
 * Computes every hall's stream again from the bytes of its events: no gap, every hash right, every rolling hash the
 * one that was given out (S1, S4), and every device's head there. Costs about 15 µs an event.
 */
export async function verifyStreams(db: Queryable): Promise<CheckedHall[]> {
  const halls = await db.query<{ hall: string; name: string; head: number; streamHash: string }>(
    'select hall, name, head, stream_hash as "streamHash" from hall order by hall',
  );
  const checked: CheckedHall[] = [];
  for (const { hall, name, head, streamHash } of halls.rows) {
    const end = await walk(db, hall);
    let fault = end.fault;
    if (!fault && end.cursor !== head) fault = `head ${head}, last event ${end.cursor}`;
    if (!fault && end.streamHash !== streamHash) fault = 'the stream hash of the hall differs';
    if (!fault) fault = await missingHead(db, hall);
    checked.push({ hall, name, head, fault });
  }
  return checked;
}

async function walk(
  db: Queryable,
  hall: string,
): Promise<{ cursor: number; streamHash: string; fault: string }> {
  let cursor = 0;
  let streamHash = STREAM_HASH_OF_NOTHING;
  for (;;) {
    const page = await db.query<{ cursor: number; bytes: string; hash: string; streamHash: string }>(
      `select cursor, bytes, hash, stream_hash as "streamHash" from event
       where hall = $1 and cursor > $2 order by cursor limit $3`,
      [hall, cursor, PAGE],
    );
    for (const row of page.rows) {
      if (row.cursor !== cursor + 1) return { cursor, streamHash, fault: `no event ${cursor + 1}` };
      cursor += 1;
      if (hashText(row.bytes) !== row.hash)
        return { cursor, streamHash, fault: `event ${cursor} was changed` };
      streamHash = nextStreamHash(streamHash, row.hash);
      if (streamHash !== row.streamHash)
        return { cursor, streamHash, fault: `the stream hash at ${cursor} differs` };
    }
    if (page.rows.length < PAGE) return { cursor, streamHash, fault: '' };
  }
}

async function missingHead(db: Queryable, hall: string): Promise<string> {
  const found = await db.query<{ dev: string }>(
    `select i.dev from incarnation i
     left join event e on e.hall = i.hall and e.dev = i.dev and e.inc = i.inc and e.seq = i.seq
     where i.hall = $1 and i.seq > 0 and e.hash is distinct from i.hash limit 1`,
    [hall],
  );
  return found.rows[0] ? `device ${found.rows[0].dev} has another head than its events` : '';
}
