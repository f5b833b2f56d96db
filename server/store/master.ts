import { createHash } from 'node:crypto';
import { hallPolicySchema, MASTER_NAMES, type MasterName } from '../../shared/contract/master.ts';
import { readCalendar } from '../../shared/domain/calendar/calendar.ts';
import { readCatalogue } from '../../shared/domain/item/catalogue.ts';
import { ServerFault } from '../server-fault.ts';
import { clerkRecords } from './clerks.ts';
import type { Queryable } from './database.ts';

/** JSON text with the tag by which a device knows whether it has it. */
export interface MasterText {
  tag: string;
  text: string;
}

/** Largest value, characters: it travels whole. */
const MOST_CHARACTERS = 4_000_000;

/** Names that an administrator sets from a file; the clerks come from their own table. */
export const SETTABLE = MASTER_NAMES.filter((name) => name !== 'clerks');

const tagged = (text: string): MasterText => ({
  tag: createHash('sha256').update(text).digest('hex').slice(0, 32),
  text,
});

/** @returns null when it was never set */
export async function readMaster(db: Queryable, hall: string, name: MasterName): Promise<MasterText | null> {
  if (name === 'clerks') return tagged(JSON.stringify(await clerkRecords(db, hall)));
  const found = await db.query<{ tag: string; value: string }>(
    'select tag, value from master where hall = $1 and name = $2',
    [hall, name],
  );
  const row = found.rows[0];
  return row ? { tag: row.tag, text: row.value } : null;
}

export async function masterTags(db: Queryable, hall: string): Promise<Record<string, string | null>> {
  const found = await db.query<{ name: string; tag: string }>(
    'select name, tag from master where hall = $1',
    [hall],
  );
  const set = new Map(found.rows.map(({ name, tag }) => [name, tag]));
  const clerks = await readMaster(db, hall, 'clerks');
  return Object.fromEntries(
    MASTER_NAMES.map((name) => [name, name === 'clerks' ? (clerks?.tag ?? null) : (set.get(name) ?? null)]),
  );
}

/**
 * Sets a value for a hall; its devices fetch it by themselves.
 * @param text JSON, checked for what each name must be
 * @throws ServerFault BAD_ARGUMENTS
 */
export async function setMaster(
  db: Queryable,
  hall: string,
  name: string,
  text: string,
): Promise<MasterText> {
  const known = SETTABLE.find((one) => one === name);
  if (!known)
    throw bad(`--name ${name}（可用 ${SETTABLE.join('、')}）`, `--name, known are ${SETTABLE.join(', ')}`);
  const fault = faultIn(known, text);
  if (fault !== null) throw bad(`文件内容（${fault}）`, `the file: ${fault}`);
  const value = tagged(JSON.stringify(JSON.parse(text.replace(/^\uFEFF/, ''))));
  const done = await db.query(
    `insert into master (hall, name, tag, value) select hall, $2, $3, $4 from hall where hall = $1
     on conflict (hall, name) do update set tag = excluded.tag, value = excluded.value, changed_at = now()`,
    [hall, known, value.tag, value.text],
  );
  if (done.rowCount === 0) throw bad(`--hall ${hall}（尚未登记）`, `--hall ${hall} is not known`);
  return value;
}

/** Takes a value away: the devices go back to what ships with the program. */
export async function clearMaster(db: Queryable, hall: string, name: string): Promise<boolean> {
  const done = await db.query('delete from master where hall = $1 and name = $2', [hall, name]);
  return (done.rowCount ?? 0) > 0;
}

/** @returns what is wrong with a value, null when nothing is */
function faultIn(name: Exclude<MasterName, 'clerks'>, text: string): string | null {
  if (text.length > MOST_CHARACTERS) return 'more than 4 MB';
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return 'no JSON';
  }
  // PostgreSQL's text knows no NUL; nor does anything that people read.
  if (/\\u0000/.test(JSON.stringify(value))) return 'NUL character';
  if (name === 'calendar') {
    const read = readCalendar(value);
    return read.ok ? null : said(read.problems[0]);
  }
  if (name === 'policy') {
    const read = hallPolicySchema.safeParse(value);
    return read.success ? null : (read.error.issues[0]?.path.join('.') ?? 'policy');
  }
  if (!Array.isArray(value)) return 'a list is expected';
  return name === 'catalogue' ? said(readCatalogue(value).problems[0]) : null;
}

const said = (problem: { field: string; problem: string } | undefined): string | null =>
  problem ? `${problem.field} ${problem.problem}` : null;

const bad = (chinese: string, english: string): ServerFault =>
  new ServerFault('BAD_ARGUMENTS', `参数不对：${chinese}。`, `Not understood: ${english}.`);
