import type { PoolClient } from 'pg';
import { maskText } from '../../shared/domain/masking/mask.ts';
import type { AggregatePicture } from '../../shared/sync/picture.ts';
import { storable } from '../store/storable.ts';
import { PICTURES } from './pictures.ts';

/** What belongs to one aggregate and is more than one row; replaced whole when it is there. */
interface PartTable {
  table: string;
  columns: string;
  /** Parameters after hall and agg, as the columns are. */
  types: string;
  rows: (picture: AggregatePicture) => (string | number)[][];
}

const documents: PartTable = {
  table: 'document_row',
  columns: 'key, kind, state',
  types: '$3::text[], $4::text[], $5::text[]',
  rows: ({ case: state }) =>
    Object.entries(state?.sheets ?? {})
      .map(([key, what]) => [key, key.split(':')[1] ?? '', what].map(storable))
      .filter(([key], index, all) => all.findIndex(([other]) => other === key) === index),
};

const steps: PartTable = {
  table: 'case_step',
  columns: 'no, step, text, clerk, at',
  types: '$3::int[], $4::text[], $5::text[], $6::text[], $7::text[]',
  rows: ({ case: state }) =>
    (state?.steps ?? []).map(({ step, text, by, at }, index) => [
      index + 1,
      ...[step, maskText(text), by, at].map(storable),
    ]),
};

const conflicts: PartTable = {
  table: 'conflict_row',
  columns: 'id, kind, mine, theirs, state, choice',
  types: '$3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]',
  rows: (picture) =>
    picture.conflicts.map(({ id, kind, mine, theirs, state, decision }) => [
      id,
      kind,
      mine,
      theirs,
      state,
      decision?.choice ?? '',
    ]),
};

export const PARTS: readonly PartTable[] = [documents, steps, conflicts];

/** Writes what a back office may ask of these aggregates. Equal pictures give equal rows, however often. */
export async function writePictures(
  client: PoolClient,
  hall: string,
  pictures: readonly AggregatePicture[],
): Promise<void> {
  for (const { prefix, columns, write } of PICTURES) {
    const rows = pictures.flatMap((picture) => {
      const row = picture.agg.startsWith(prefix) ? columns(picture) : null;
      return row ? [[hall, picture.agg, ...row]] : [];
    });
    if (rows.length > 0) await client.query(write, transpose(rows));
  }
  for (const part of PARTS) await replaceParts(client, hall, pictures, part);
}

/** Nothing that was once there goes away again, so most pictures, which have none of it, cost nothing here. */
async function replaceParts(
  client: PoolClient,
  hall: string,
  pictures: readonly AggregatePicture[],
  { table, columns, types, rows: of }: PartTable,
): Promise<void> {
  const rows = pictures.flatMap((picture) => of(picture).map((row) => [picture.agg, ...row]));
  if (rows.length === 0) return;
  const aggs = [...new Set(rows.map(([agg]) => agg))];
  await client.query(`delete from ${table} where hall = $1 and agg = any($2)`, [hall, aggs]);
  await client.query(
    `insert into ${table} (hall, agg, ${columns}) select $1, * from unnest($2::text[], ${types})`,
    [hall, ...transpose(rows)],
  );
}

/** Rows as the columns that `unnest` takes. */
const transpose = <T>(rows: readonly T[][]): T[][] =>
  (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] as T));
