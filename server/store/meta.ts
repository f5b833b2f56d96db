import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Database, Queryable } from './database.ts';

/** Reads a value that is made once and kept for ever; two servers starting at once agree on the first one's. */
async function once(db: Queryable, key: string, make: () => string): Promise<string> {
  await db.query('insert into meta (key, value) values ($1, $2) on conflict do nothing', [key, make()]);
  const found = await db.query<{ value: string }>('select value from meta where key = $1', [key]);
  return (found.rows[0] as { value: string }).value;
}

export interface ServerIdentity {
  /** Changes whenever the database was restored (S5). */
  epoch: string;
  /** Keys the challenges; 32 bytes, hex. */
  secret: string;
  /** X25519 private key, PKCS#8 DER, base64: opens what devices export to a USB stick. */
  exportKey: string;
}

/** @returns the new epoch. Servers that run hear of it at their next start. */
export async function renewEpoch(db: Queryable): Promise<string> {
  const epoch = randomBytes(8).toString('hex');
  await db.query(
    `insert into meta (key, value) values ('epoch', $1) on conflict (key) do update set value = excluded.value`,
    [epoch],
  );
  return epoch;
}

export async function readIdentity(database: Database): Promise<ServerIdentity> {
  return {
    epoch: await once(database.pool, 'epoch', () => randomBytes(8).toString('hex')),
    secret: await once(database.pool, 'secret', () => randomBytes(32).toString('hex')),
    exportKey: await once(database.pool, 'export-key', () =>
      generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    ),
  };
}
