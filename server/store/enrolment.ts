import { createHash, randomInt } from 'node:crypto';
import type { EnrolAnswer } from '../../shared/sync/messages.ts';
import type { Database, Queryable } from './database.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 8;
/** A code is carried to the hall PC by hand within the day. */
export const CODE_VALID_HOURS = 24;

export interface Place {
  hall: string;
  hallName: string;
  station: string;
  stationName: string;
}

/** What a person may have typed: blanks, dashes, small letters, and the letters Crockford reads as digits. */
export const normaliseCode = (code: string): string =>
  code.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');

const hashCode = (code: string): string => createHash('sha256').update(normaliseCode(code)).digest('hex');

/** Makes a one-time code for a place in a hall; the hall is created or renamed on the way. */
export async function createCode(db: Queryable, place: Place): Promise<string> {
  const code = Array.from({ length: CODE_LENGTH }, () => CROCKFORD[randomInt(32)] as string).join('');
  await db.query(
    'insert into hall (hall, name) values ($1, $2) on conflict (hall) do update set name = excluded.name',
    [place.hall, place.hallName],
  );
  await db.query('delete from enrolment_code where expires_at < now() and used_by is null');
  await db.query(
    `insert into enrolment_code (code_hash, hall, station, station_name, expires_at)
     values ($1, $2, $3, $4, now() + make_interval(hours => $5))`,
    [hashCode(code), place.hall, place.station, place.stationName, CODE_VALID_HOURS],
  );
  return code;
}

/**
 * Series letters A, B … Z, AA …, without I and O, which are read as 1 and 0 on a thermal slip.
 * @param n 0, 1, 2 …
 */
export function seriesLetters(n: number): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
  const rest = Math.floor(n / letters.length);
  return (rest > 0 ? seriesLetters(rest - 1) : '') + (letters[n % letters.length] as string);
}

/**
 * Redeems a code for a device. A repeat by the same device is answered alike: the first answer may have been lost.
 * @returns null when the code is wrong, used by another, or too old: the caller cannot tell which, and nor can a guesser
 */
export async function enrolDevice(
  database: Database,
  request: { code: string; dev: string; publicKey: string },
): Promise<EnrolAnswer | null> {
  return database.transaction(async (client) => {
    const found = await client.query<{
      hall: string;
      station: string;
      station_name: string;
      used_by: string | null;
    }>(
      'select hall, station, station_name, used_by from enrolment_code where code_hash = $1 and expires_at > now() for update',
      [hashCode(request.code)],
    );
    const code = found.rows[0];
    if (!code || (code.used_by !== null && code.used_by !== request.dev)) return null;
    await client.query('update enrolment_code set used_by = $2 where code_hash = $1', [
      hashCode(request.code),
      request.dev,
    ]);
    const hall = await client.query<{ name: string; devices: number }>(
      'select name, devices from hall where hall = $1 for update',
      [code.hall],
    );
    const { name, devices } = hall.rows[0] as { name: string; devices: number };
    const known = await client.query<{ series: string; hall: string }>(
      'select series, hall from device where dev = $1',
      [request.dev],
    );
    const old = known.rows[0];
    // A device that moves to another hall gets a series there; its old one is never given to anybody else.
    const series = old?.hall === code.hall ? old.series : seriesLetters(devices);
    if (old?.hall !== code.hall)
      await client.query('update hall set devices = devices + 1 where hall = $1', [code.hall]);
    await client.query(
      `insert into device (dev, hall, station, station_name, series, public_key) values ($1, $2, $3, $4, $5, $6)
       on conflict (dev) do update set hall = excluded.hall, station = excluded.station,
         station_name = excluded.station_name, series = excluded.series, state = 'active'`,
      [request.dev, code.hall, code.station, code.station_name, series, request.publicKey],
    );
    return {
      dev: request.dev,
      hall: code.hall,
      hallName: name,
      station: code.station,
      stationName: code.station_name,
      series,
    };
  });
}
