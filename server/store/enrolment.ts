import type { PoolClient } from 'pg';
import type { Place } from '../../shared/sync/messages.ts';
import { hashCode } from './codes.ts';
import type { Database, Queryable } from './database.ts';
import { noteDevice } from './device-notices.ts';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * Series letters A, B … Z, AA …, without I and O, which are read as 1 and 0 on a thermal slip.
 * @param n 0, 1, 2 …
 */
export function seriesLetters(n: number): string {
  const rest = Math.floor(n / LETTERS.length);
  return (rest > 0 ? seriesLetters(rest - 1) : '') + (LETTERS[n % LETTERS.length] as string);
}

/** A device's place, its key and since when it has it (ISO 8601, the server's clock). */
export interface EnrolledPlace extends Place {
  publicKey: string;
  at: string;
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
): Promise<EnrolledPlace | null> {
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
    await settle(client, {
      ...request,
      hall: code.hall,
      station: code.station,
      stationName: code.station_name,
      series,
    });
    await client.query('update enrolment_code set used_by = $2 where code_hash = $1', [
      codeHash,
      request.dev,
    ]);
    return placeOf(client, request.dev, code.hall);
  });
}

/** Gives a device its place. What it had not sent from another hall may still come from there. */
export async function settle(
  client: PoolClient,
  to: Omit<Place, 'hallName'> & { publicKey: string; at?: string },
): Promise<void> {
  const left = await client.query(
    `insert into former_place (hall, dev, series) select hall, dev, series from device where dev = $1 and hall <> $2
     on conflict (hall, dev) do update set left_at = now()`,
    [to.dev, to.hall],
  );
  await client.query(
    `insert into device (dev, hall, station, station_name, series, public_key, changed_at)
     values ($1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, now()))
     on conflict (dev) do update set hall = excluded.hall, station = excluded.station, station_name = excluded.station_name,
       series = excluded.series, state = 'active', changed_at = excluded.changed_at`,
    [to.dev, to.hall, to.station, to.stationName, to.series, to.publicKey, to.at ?? null],
  );
  if (left.rowCount !== 0) {
    await client.query('delete from session where dev = $1', [to.dev]);
    await noteDevice(client, to, 'moved', { station: to.station });
  }
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

/** @returns where a device belongs; null when it is not known, or when it is not in `hall` any more */
export async function placeOf(db: Queryable, dev: string, hall?: string): Promise<EnrolledPlace | null> {
  const found = await db.query<Omit<EnrolledPlace, 'at'> & { at: Date }>(
    `select d.dev, d.hall, h.name as "hallName", d.station, d.station_name as "stationName", d.series,
       d.public_key as "publicKey", d.changed_at as at
     from device d join hall h using (hall) where d.dev = $1 and ($2::text is null or d.hall = $2)`,
    [dev, hall ?? null],
  );
  const row = found.rows[0];
  return row ? { ...row, at: row.at.toISOString() } : null;
}
