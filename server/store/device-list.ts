import { ServerFault } from '../server-fault.ts';
import type { Database, Queryable } from './database.ts';
import { noteDevice } from './device-notices.ts';

/** A device as an administrator sees it. */
export interface ListedDevice {
  dev: string;
  station: string;
  stationName: string;
  series: string;
  state: 'active' | 'retired';
  /** When it last said hello, null when never. */
  seenAt: Date | null;
  machine: string;
  address: string;
  /** Events of it that are here. */
  events: number;
  /** What should be looked at, newest first. */
  notices: { at: Date; name: string; detail: string }[];
}

const NOTICES_SHOWN = 5;

export async function listDevices(db: Queryable, hall: string): Promise<ListedDevice[]> {
  const devices = await db.query<Omit<ListedDevice, 'notices'>>(
    `select d.dev, d.station, d.station_name as "stationName", d.series, d.state,
       l.seen_at as "seenAt", coalesce(l.machine, '') as machine, coalesce(l.address, '') as address,
       coalesce((select sum(seq) from incarnation i where i.hall = d.hall and i.dev = d.dev), 0)::bigint as events
     from device d
     left join lateral (
       select seen_at, machine, address from lease where hall = d.hall and dev = d.dev order by seen_at desc limit 1
     ) l on true
     where d.hall = $1 order by d.station, d.enrolled_at`,
    [hall],
  );
  const notices = await db.query<{ dev: string; at: Date; name: string; detail: string }>(
    `select dev, at, name, detail from (
       select *, row_number() over (partition by dev order by at desc) as n from device_notice where hall = $1
     ) numbered where n <= $2 order by at desc`,
    [hall, NOTICES_SHOWN],
  );
  return devices.rows.map((device) => ({
    ...device,
    notices: notices.rows.filter(({ dev }) => dev === device.dev),
  }));
}

/**
 * From now on the device gets nothing: its sessions end at once, at every server. What it made and has not sent stays
 * on it, and comes when somebody enrols it again or carries its export here.
 * @throws ServerFault BAD_ARGUMENTS for a device the hall does not have
 */
export async function retireDevice(database: Database, hall: string, dev: string): Promise<void> {
  await database.transaction(async (client) => {
    const found = await client.query(`update device set state = 'retired' where hall = $1 and dev = $2`, [
      hall,
      dev,
    ]);
    if (found.rowCount === 0)
      throw new ServerFault(
        'BAD_ARGUMENTS',
        `大厅 ${hall} 没有设备 ${dev},用 device list 查看。`,
        `The hall ${hall} has no device ${dev}: see device list.`,
      );
    await client.query('delete from session where dev = $1', [dev]);
    await client.query('delete from command_grant where hall = $1 and dev = $2', [hall, dev]);
    await noteDevice(client, { hall, dev }, 'retired', {});
  });
}
