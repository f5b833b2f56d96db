import type { Certified } from './certificates.ts';
import type { Database } from './database.ts';
import { noteDevice } from './device-notices.ts';
import { placeOf, seriesLetters, settle, type EnrolledPlace } from './enrolment.ts';

/** Series tried when the certified one was given to another device meanwhile. */
const MOST_TRIES = 10_000;

/**
 * Takes a device back that this server enrolled and does not know any more, because its database came from an older
 * backup; or moves it where it was sent after that backup. The certificate is the server's own word, so no person is
 * needed. A series that another device has by now is replaced: numbers on paper stay unique (P2).
 */
export async function readmit(database: Database, certified: Certified): Promise<EnrolledPlace | null> {
  return database.transaction(async (client) => {
    const { dev, hall } = certified;
    const before = await placeOf(client, dev);
    const same = before?.hall === hall && before.station === certified.station;
    if (before && (same || before.at >= certified.at)) return before;
    await client.query('insert into hall (hall, name) values ($1, $2) on conflict do nothing', [
      hall,
      certified.hallName,
    ]);
    const locked = await client.query<{ devices: number }>(
      'select devices from hall where hall = $1 for update',
      [hall],
    );
    const taken = await client.query<{ series: string }>(
      `select series from device where hall = $1 and dev <> $2
       union select series from former_place where hall = $1 and dev <> $2`,
      [hall, dev],
    );
    const given = new Set(taken.rows.map(({ series }) => series));
    let devices = locked.rows[0]?.devices ?? 0;
    let { series } = certified;
    for (let tries = 0; given.has(series) && tries < MOST_TRIES; tries++) series = seriesLetters(devices++);
    // Whoever is enrolled next does not get the certified series a second time.
    for (let n = 0; n <= given.size + MOST_TRIES; n++) {
      if (seriesLetters(n) !== series) continue;
      devices = Math.max(devices, n + 1);
      break;
    }
    await client.query('update hall set devices = $2 where hall = $1', [hall, devices]);
    await settle(client, { ...certified, series });
    await noteDevice(client, certified, 'readmitted', { station: certified.station, series });
    return placeOf(client, dev);
  });
}
