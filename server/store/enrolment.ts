import type { PoolClient } from 'pg';
import type { EnrolAnswer } from '../../shared/sync/messages.ts';
import { hashCode } from './codes.ts';
import type { Database } from './database.ts';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * Series letters A, B … Z, AA …, without I and O, which are read as 1 and 0 on a thermal slip.
 * @param n 0, 1, 2 …
 */
export function seriesLetters(n: number): string {
  const rest = Math.floor(n / LETTERS.length);
  return (rest > 0 ? seriesLetters(rest - 1) : '') + (LETTERS[n % LETTERS.length] as string);
}

interface CodeRow {
  hall: string;
  station: string;
  station_name: string;
  used_by: string | null;
}

/**
 * Redeems a code for a device. A repeat by the same device is answered alike: the first answer may have been lost.
 * @returns null when the code is wrong, used by another, or too old: the caller cannot tell which, and nor can a guesser
 */
export async function enrolDevice(
  database: Database,
  request: { code: string; dev: string; publicKey: string },
): Promise<EnrolAnswer | null> {
  const codeHash = hashCode(request.code);
  return database.transaction(async (client) => {
    const found = await client.query<CodeRow>(
      `select hall, station, station_name, used_by from enrolment_code
       where code_hash = $1 and expires_at > now() for update`,
      [codeHash],
    );
    const code = found.rows[0];
    if (!code) return null;
    if (code.used_by !== null)
      return code.used_by === request.dev ? placeOf(client, request.dev, code.hall) : null;
    const series = await seriesFor(client, request.dev, code.hall);
    await client.query(
      `insert into device (dev, hall, station, station_name, series, public_key) values ($1, $2, $3, $4, $5, $6)
       on conflict (dev) do update set hall = excluded.hall, station = excluded.station,
         station_name = excluded.station_name, series = excluded.series, state = 'active'`,
      [request.dev, code.hall, code.station, code.station_name, series, request.publicKey],
    );
    await client.query('update enrolment_code set used_by = $2 where code_hash = $1', [
      codeHash,
      request.dev,
    ]);
    return placeOf(client, request.dev, code.hall);
  });
}

/** A device keeps its series within a hall; in another it gets a new one, and its old one is never given away (P2). */
async function seriesFor(client: PoolClient, dev: string, hall: string): Promise<string> {
  const locked = await client.query<{ devices: number }>(
    'select devices from hall where hall = $1 for update',
    [hall],
  );
  const known = await client.query<{ series: string }>(
    'select series from device where dev = $1 and hall = $2',
    [dev, hall],
  );
  if (known.rows[0]) return known.rows[0].series;
  await client.query('update hall set devices = devices + 1 where hall = $1', [hall]);
  return seriesLetters(locked.rows[0]?.devices ?? 0);
}

/** @returns null when the device has moved to another hall since */
async function placeOf(client: PoolClient, dev: string, hall: string): Promise<EnrolAnswer | null> {
  const found = await client.query<EnrolAnswer>(
    `select d.dev, d.hall, h.name as "hallName", d.station, d.station_name as "stationName", d.series
     from device d join hall h using (hall) where d.dev = $1 and d.hall = $2`,
    [dev, hall],
  );
  return found.rows[0] ?? null;
}
