import type { Queryable } from './database.ts';

/** What an administrator should hear about a device. */
export type DeviceNoticeName =
  | 'cloned'
  | 'fork'
  | 'readmitted'
  | 'moved'
  | 'retired'
  | 'retired-speaks'
  | 'foreign-hall'
  | 'wrong-signature'
  | 'clock';

/** Most notices kept of one device and kind; the oldest go, so that a broken machine cannot fill the disk. */
const KEPT = 100;

/** Leaves a trace that `device list` shows. The detail never holds personal data. */
export async function noteDevice(
  db: Queryable,
  { hall, dev }: { hall: string; dev: string },
  name: DeviceNoticeName,
  detail: Record<string, unknown>,
): Promise<void> {
  await db.query(
    'insert into device_notice (hall, dev, name, detail) values ($1, $2, $3, $4) on conflict do nothing',
    [hall, dev, name, JSON.stringify(detail)],
  );
  await db.query(
    `delete from device_notice where hall = $1 and dev = $2 and name = $3 and at < (
       select at from device_notice where hall = $1 and dev = $2 and name = $3 order by at desc offset $4 limit 1
     )`,
    [hall, dev, name, KEPT - 1],
  );
}
