import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from './database.ts';

export interface DeviceRow {
  dev: string;
  hall: string;
  publicKey: string;
  state: 'active' | 'retired';
}

/** A session lasts a working day, by the server's clock alone. */
const SESSION_HOURS = 12;

const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export async function readDevice(db: Queryable, dev: string): Promise<DeviceRow | null> {
  const found = await db.query<DeviceRow>(
    'select dev, hall, public_key as "publicKey", state from device where dev = $1',
    [dev],
  );
  return found.rows[0] ?? null;
}

/** @returns a bearer token; only its hash is kept */
export async function openSession(db: Queryable, dev: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.query('delete from session where dev = $1 and expires_at < now()', [dev]);
  await db.query(
    `insert into session (token_hash, dev, expires_at) values ($1, $2, now() + make_interval(hours => $3))`,
    [hashToken(token), dev, SESSION_HOURS],
  );
  return token;
}

/** @returns the device a token belongs to, null when the token is unknown, too old, or the device retired */
export async function deviceOfToken(db: Queryable, token: string): Promise<DeviceRow | null> {
  const found = await db.query<DeviceRow>(
    `select d.dev, d.hall, d.public_key as "publicKey", d.state from session s join device d using (dev)
     where s.token_hash = $1 and s.expires_at > now() and d.state = 'active'`,
    [hashToken(token)],
  );
  return found.rows[0] ?? null;
}
