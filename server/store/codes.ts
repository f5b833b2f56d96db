import { createHash, randomInt } from 'node:crypto';
import { ServerFault } from '../server-fault.ts';
import type { Queryable } from './database.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 8;
/** A code is carried to the hall PC by hand within the day. */
export const CODE_VALID_HOURS = 24;

export interface Place {
  hall: string;
  /** Empty: the hall is known already and keeps its name. */
  hallName: string;
  station: string;
  stationName: string;
}

/** What a person may have typed: blanks, dashes, small or wide letters, and the letters Crockford reads as digits. */
const normaliseCode = (code: string): string =>
  code.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');

/** Codes are kept as hashes only. */
export const hashCode = (code: string): string =>
  createHash('sha256').update(normaliseCode(code)).digest('hex');

/**
 * Makes a one-time code for a place in a hall; the hall is created or renamed on the way.
 * @throws ServerFault BAD_ARGUMENTS for a hall that is not known and has no name
 */
export async function createCode(db: Queryable, place: Place, forDemo = false): Promise<string> {
  await keepHall(db, place);
  const code = Array.from({ length: CODE_LENGTH }, () => CROCKFORD[randomInt(32)] as string).join('');
  await db.query('delete from enrolment_code where expires_at < now() and used_by is null');
  await db.query(
    `insert into enrolment_code (code_hash, hall, station, station_name, expires_at, for_demo)
     values ($1, $2, $3, $4, now() + make_interval(hours => $5), $6)`,
    [hashCode(code), place.hall, place.station, place.stationName, CODE_VALID_HOURS, forDemo],
  );
  return code;
}

/**
 * The code of a demo server. One that an earlier start made and nobody used cannot be read back from its hash, so it
 * is replaced: there is never more than one.
 */
export async function createDemoCode(db: Queryable, place: Place): Promise<string> {
  await db.query('delete from enrolment_code where for_demo and used_by is null');
  return createCode(db, place, true);
}

async function keepHall(db: Queryable, { hall, hallName }: Place): Promise<void> {
  if (hallName !== '') {
    await db.query(
      'insert into hall (hall, name) values ($1, $2) on conflict (hall) do update set name = excluded.name',
      [hall, hallName],
    );
    return;
  }
  const known = await db.query('select 1 from hall where hall = $1', [hall]);
  if (known.rowCount !== 0) return;
  throw new ServerFault(
    'BAD_ARGUMENTS',
    `大厅 ${hall} 尚未登记,请用 --hall-name 给出大厅名称。`,
    `The hall ${hall} is new: give its name with --hall-name.`,
  );
}
