import { pictureOf, type AggregatePicture } from '../../shared/sync/picture.ts';
import type { HallEvent } from '../../shared/sync/event.ts';
import type { Queryable } from '../store/database.ts';

export interface CaseLine {
  agg: string;
  caseNo: string;
  itemName: string;
  department: string;
  status: string;
  acceptedAt: string;
  promisedDate: string;
  station: string;
  conflict: string;
  /** The last step, '' when the back office has not begun. */
  step: string;
}

export const STATUSES = ['open', 'stepped', 'finished', 'conflict'] as const;
export interface CaseFilter {
  status?: (typeof STATUSES)[number] | undefined;
  department?: string | undefined;
  /** Days of acceptance, `YYYY-MM-DD`, both inclusive. */
  from?: string | undefined;
  to?: string | undefined;
  /** Part of the case number. */
  no?: string | undefined;
  /** Where the page before ended, `<acceptedAt>|<agg>`. */
  after?: string | undefined;
}

export const PAGE_LINES = 50;

/** A page of a hall's cases, newest first. @returns one line more than {@link PAGE_LINES} when there are more */
export async function listCases(db: Queryable, hall: string, filter: CaseFilter): Promise<CaseLine[]> {
  const values: unknown[] = [hall];
  const where = ['c.hall = $1'];
  const add = (sql: (place: string) => string, value: unknown): void => {
    values.push(value);
    where.push(sql(`$${values.length}`));
  };
  if (filter.status === 'open') where.push(`c.status = 'accepted' and s.step is null`);
  if (filter.status === 'stepped') where.push(`c.status = 'accepted' and s.step is not null`);
  if (filter.status === 'finished') where.push(`c.status = 'finished'`);
  if (filter.status === 'conflict') where.push(`c.conflict <> ''`);
  if (filter.department) add((at) => `c.department = ${at}`, filter.department);
  if (filter.from) add((at) => `c.accepted_at >= ${at}`, filter.from);
  // Times are ISO 8601 in one zone: `~` stands after every one of the day.
  if (filter.to) add((at) => `c.accepted_at <= ${at}`, `${filter.to}~`);
  if (filter.no) add((at) => `strpos(c.case_no, ${at}) > 0`, filter.no);
  const [at, agg] = splitOnce(filter.after ?? '');
  if (agg !== '') {
    values.push(at, agg);
    where.push(`(c.accepted_at, c.agg) < ($${values.length - 1}, $${values.length})`);
  }
  const found = await db.query<CaseLine>(
    `select c.agg, c.case_no as "caseNo", c.item_name as "itemName", c.department, c.status,
       c.accepted_at as "acceptedAt", c.promised_date as "promisedDate", c.station, c.conflict,
       coalesce(s.step, '') as step
     from case_row c left join lateral (
       select step from case_step s where s.hall = c.hall and s.agg = c.agg order by no desc limit 1
     ) s on true
     where ${where.join(' and ')} order by c.accepted_at desc, c.agg desc limit ${PAGE_LINES + 1}`,
    values,
  );
  return found.rows;
}

function splitOnce(text: string): [string, string] {
  const cut = text.indexOf('|');
  return cut < 0 ? ['', ''] : [text.slice(0, cut), text.slice(cut + 1)];
}

export async function departmentsOf(db: Queryable, hall: string): Promise<string[]> {
  const found = await db.query<{ department: string }>(
    'select distinct department from case_row where hall = $1 order by department limit 200',
    [hall],
  );
  return found.rows.map(({ department }) => department);
}

/** One event of a case as a line of its trace. */
export interface TraceLine {
  cursor: number;
  hash: string;
  event: HallEvent;
  flag: string;
  receivedAt: Date;
  /** Name of the author, when it is a clerk of the hall. */
  clerkName: string;
  stationName: string;
}

export interface CaseFile {
  picture: AggregatePicture;
  trace: TraceLine[];
}

/** A case from its own events. @returns null when the hall has no such case */
export async function readCase(db: Queryable, hall: string, agg: string): Promise<CaseFile | null> {
  const found = await db.query<{
    cursor: number;
    hash: string;
    bytes: string;
    flag: string;
    receivedAt: Date;
    stationName: string | null;
  }>(
    `select e.cursor, e.hash, e.bytes, e.flag, e.received_at as "receivedAt", d.station_name as "stationName"
     from event e left join device d on d.dev = e.dev and d.hall = e.hall
     where e.hall = $1 and e.agg = $2 order by e.cursor`,
    [hall, agg],
  );
  const clerks = await db.query<{ id: string; name: string }>('select id, name from clerk where hall = $1', [
    hall,
  ]);
  const names = new Map(clerks.rows.map(({ id, name }) => [id, name]));
  const log = found.rows.map((row) => ({ ...row, event: JSON.parse(row.bytes) as HallEvent }));
  const picture = pictureOf(agg, log, []);
  if (!picture?.case) return null;
  return {
    picture,
    trace: log.map(({ cursor, hash, event, flag, receivedAt, stationName }) => ({
      cursor,
      hash,
      event,
      flag,
      receivedAt,
      clerkName: names.get(event.user) ?? '',
      stationName: stationName ?? '',
    })),
  };
}
