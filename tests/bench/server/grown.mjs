import { figures } from '../figures.mjs';

/** @returns the cost of an event in one hall with 10^5 events stored, then ten times as many, up to `most` */
export async function storedBefore(server, most, makeFleet, costOf) {
  const rows = [];
  for (let stored = 100_000; stored <= most; stored *= 10) {
    const fleet = makeFleet();
    await server.admit(fleet);
    await fill(server.pool, fleet[0].hall, stored);
    const costs = [await costOf({ ...server, admit: async () => undefined }, fleet)];
    rows.push({
      name: `Cost of an event in a hall that holds ${stored.toLocaleString('en')} already`,
      unit: 'µs an event',
      target: null,
      ours: figures(costs),
    });
  }
  return rows;
}

/** Rows of the size of real ones, made inside the database. */
async function fill(pool, hall, count) {
  const step = 50_000;
  for (let from = 1; from <= count; from += step) {
    await pool.query(
      `insert into event (hall, cursor, dev, inc, seq, hash, bytes, type, agg, stream_hash)
       select $1, n, 'filler', 'filler', n, md5(n::text) || md5(n::text), repeat(md5(n::text), 25), 'ticket.taken', 'ticket/filler-' || n, md5(n::text) || md5(n::text)
       from generate_series($2::bigint, $3::bigint) n`,
      [hall, from, Math.min(count, from + step - 1)],
    );
  }
  await pool.query('update hall set head = $2 where hall = $1', [hall, count]);
  await pool.query('analyze event');
}
