import type { Queryable } from './database.ts';
import { noteDevice } from './device-notices.ts';

/** One start of a machine: who says hello, and from where. */
export interface Boot {
  hall: string;
  dev: string;
  inc: string;
  bootNonce: string;
  /** Name of the computer, '' when it did not say. */
  machine: string;
  address: string;
}

/**
 * A start of a machine takes an incarnation over from the start before, which ended. A start that speaks again after
 * another one took over did not end: two machines share the key (a cloned disk, a copied key). It is told to take a new
 * incarnation; the other keeps this one, so both branches reach the server. No clock is compared between machines.
 * @returns whether another machine works with this incarnation
 */
export async function takeLease(db: Queryable, boot: Boot): Promise<'taken' | 'cloned'> {
  const { hall, dev, inc, bootNonce, machine, address } = boot;
  const key = [hall, dev, inc];
  const found = await db.query<{ boot_nonce: string; machine: string; address: string }>(
    'select boot_nonce, machine, address from lease where hall = $1 and dev = $2 and inc = $3 order by since desc',
    key,
  );
  const newest = found.rows[0];
  if (newest && newest.boot_nonce !== bootNonce && found.rows.some((row) => row.boot_nonce === bootNonce)) {
    const other = { machine: newest.machine, address: newest.address };
    await noteDevice(db, boot, 'cloned', { inc, first: { machine, address }, second: other });
    // The other one hears of it at the hello this makes it say.
    await db.query('delete from session where dev = $1', [dev]);
    return 'cloned';
  }
  await db.query(
    `insert into lease (hall, dev, inc, boot_nonce, machine, address) values ($1, $2, $3, $4, $5, $6)
     on conflict (hall, dev, inc, boot_nonce) do update set seen_at = clock_timestamp(), machine = excluded.machine, address = excluded.address`,
    [...key, bootNonce, machine, address],
  );
  // Whoever worked with it before says hello again, if it still lives.
  if (newest && newest.boot_nonce !== bootNonce)
    await db.query('delete from session where dev = $1 and inc = $2 and boot_nonce <> $3', [
      dev,
      inc,
      bootNonce,
    ]);
  return 'taken';
}

/** @returns whether two machines were seen with this key since the device came to its place */
export async function hasTwin(db: Queryable, hall: string, dev: string): Promise<boolean> {
  const found = await db.query(
    `select 1 from device_notice n join device d on d.dev = n.dev and d.hall = n.hall
     where n.hall = $1 and n.dev = $2 and n.name = 'cloned' and n.at >= d.changed_at limit 1`,
    [hall, dev],
  );
  return found.rowCount !== 0;
}
