import { createHash } from 'node:crypto';
import type { Database, Queryable } from './database.ts';

export interface BlobRow {
  size: number;
  /** Bytes that are here, from the first on without a gap. */
  received: number;
  complete: boolean;
}

export interface BlobPart {
  hall: string;
  dev: string;
  /** SHA-256 of the whole, lower-case hex. */
  hash: string;
  start: number;
  /** Bytes of the whole. */
  size: number;
  bytes: Buffer;
}

export type PartResult =
  | ({ kind: 'taken' } & BlobRow)
  /** The next part must begin here. */
  | { kind: 'gap'; expected: number }
  /** The hall has used up its room. */
  | { kind: 'quota' }
  /** All of it came and is not what its name says, or its size is not what was said before: nothing of it was kept. */
  | { kind: 'differs' };

/** @returns null when nothing of it is here */
export async function readBlobRow(db: Queryable, hall: string, hash: string): Promise<BlobRow | null> {
  const found = await db.query<BlobRow>(
    'select size, received, complete from blob where hall = $1 and hash = $2',
    [hall, hash],
  );
  return found.rows[0] ?? null;
}

/** @returns the whole blob; null while it is not here or not complete */
export async function readBlob(db: Queryable, hall: string, hash: string): Promise<Buffer | null> {
  if (!(await readBlobRow(db, hall, hash))?.complete) return null;
  return Buffer.concat(await partsOf(db, hall, hash));
}

/** Takes the next part of a blob, and checks the whole with the last. What is here already is passed over. */
export function takePart(database: Database, part: BlobPart): Promise<PartResult> {
  const { hall, hash, start, size, bytes } = part;
  return database.transaction(async (client) => {
    const lock = 'select size, received, complete from blob where hall = $1 and hash = $2 for update';
    let row = (await client.query<BlobRow>(lock, [hall, hash])).rows[0];
    if (!row) {
      if (start > 0) return { kind: 'gap', expected: 0 };
      // Room is taken for the whole at once: ten half-sent scans must not all run out of it at the end.
      const room = await client.query(
        'update hall set blob_bytes = blob_bytes + $2 where hall = $1 and blob_bytes + $2 <= blob_quota',
        [hall, size],
      );
      if (room.rowCount === 0) return { kind: 'quota' };
      const begun = await client.query(
        'insert into blob (hall, hash, size, dev) values ($1, $2, $3, $4) on conflict do nothing',
        [hall, hash, size, part.dev],
      );
      if (begun.rowCount === 0) await giveBack(client, hall, size);
      row = (await client.query<BlobRow>(lock, [hall, hash])).rows[0];
      if (!row) throw new Error('a blob that was begun is not there');
    }
    if (row.complete) return { kind: 'taken', ...row };
    if (row.size !== size) return drop(client, hall, hash, row.size);
    if (start + bytes.length <= row.received) return { kind: 'taken', ...row };
    if (start !== row.received) return { kind: 'gap', expected: row.received };
    await client.query('insert into blob_part (hall, hash, start, bytes) values ($1, $2, $3, $4)', [
      hall,
      hash,
      start,
      bytes,
    ]);
    const received = start + bytes.length;
    const complete = received === size;
    if (complete) {
      const sum = createHash('sha256');
      for (const one of await partsOf(client, hall, hash)) sum.update(one);
      if (sum.digest('hex') !== hash) return drop(client, hall, hash, size);
    }
    await client.query('update blob set received = $3, complete = $4 where hall = $1 and hash = $2', [
      hall,
      hash,
      received,
      complete,
    ]);
    return { kind: 'taken', size, received, complete };
  });
}

async function partsOf(db: Queryable, hall: string, hash: string): Promise<Buffer[]> {
  const found = await db.query<{ bytes: Buffer }>(
    'select bytes from blob_part where hall = $1 and hash = $2 order by start',
    [hall, hash],
  );
  return found.rows.map(({ bytes }) => bytes);
}

async function drop(db: Queryable, hall: string, hash: string, size: number): Promise<PartResult> {
  await db.query('delete from blob where hall = $1 and hash = $2', [hall, hash]);
  await giveBack(db, hall, size);
  return { kind: 'differs' };
}

const giveBack = (db: Queryable, hall: string, size: number): Promise<unknown> =>
  db.query('update hall set blob_bytes = blob_bytes - $2 where hall = $1', [hall, size]);
