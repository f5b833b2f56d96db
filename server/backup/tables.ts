import type { Queryable } from '../store/database.ts';
import type { ArchiveTable } from './archive.ts';

/** Belongs to the schema, not to the data: a restore makes its own. */
const NOT_DATA = 'migration';

/**
 * Every table of ours with the columns that hold data (a generated one is made again), in an order in which no row
 * refers to one that comes later. Asked of the database, so that a table that a later version adds is in the backup
 * without anybody thinking of it.
 */
export async function tablesOf(db: Queryable): Promise<ArchiveTable[]> {
  const found = await db.query<{ table: string; columns: string[]; needs: string[] }>(
    `select c.relname as table,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       array(select distinct r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
             where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as needs
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> $1
     order by c.relname`,
    [NOT_DATA],
  );
  const placed: ArchiveTable[] = [];
  let waiting = found.rows;
  while (waiting.length > 0) {
    const there = new Set(placed.map(({ table }) => table));
    const next = waiting.filter(({ needs }) => needs.every((name) => there.has(name)));
    if (next.length === 0) throw new Error('tables that refer to each other in a circle cannot be loaded');
    placed.push(...next.map(({ table, columns }) => ({ table, columns })));
    waiting = waiting.filter((row) => !next.includes(row));
  }
  return placed;
}

/** Sequences that have given a number, with the last one. */
export async function sequencesOf(db: Queryable): Promise<{ name: string; value: number }[]> {
  const found = await db.query<{ name: string; value: string }>(
    `select sequencename as name, last_value::text as value from pg_sequences
     where schemaname = 'public' and last_value is not null order by 1`,
  );
  return found.rows.map(({ name, value }) => ({ name, value: Number(value) }));
}
