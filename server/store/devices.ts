import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from './database.ts';

export interface DeviceRow {
  dev: string;
  hall: string;
  /** Raw Ed25519 key, 32 bytes, base64. */
  publicKey: string;
  state: 'active' | 'retired';
}

/** A session lasts a working day, by the server's clock alone. */
const SESSION_HOURS = 12;
/** A device needs one; a few more live on, because calls under way still carry the one before. */
const SESSIONS_KEPT = 4;

const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** @param dev of the right shape */
export async function readDevice(db: Queryable, dev: string): Promise<DeviceRow | null> {
  const found = await db.query<DeviceRow>(
    'select dev, hall, public_key as "publicKey", state from device where dev = $1',
    [dev],
  );
  return found.rows[0] ?? null;
}

/** @returns a bearer token, 32 random bytes; only its hash is kept */
export async function openSession(
  db: Queryable,
  { dev, bootNonce, inc }: { dev: string; bootNonce: string; inc: string },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await db.query(
    `delete from session where dev = $1 and token_hash not in (
       select token_hash from session where dev = $1 and expires_at > now() order by expires_at desc limit $2
     )`,
    [dev, SESSIONS_KEPT - 1],
  );
  await db.query(
    `insert into session (token_hash, dev, expires_at, boot_nonce, inc)
     values ($1, $2, now() + make_interval(hours => $3), $4, $5)`,
    [hashToken(token), dev, SESSION_HOURS, bootNonce, inc],
  );
  return token;
}

/**
 * Asked at every call and not remembered, so that a device is out the moment it is retired, at every server process.
 * @returns the device a token belongs to; null when the token is unknown or too old, or the device retired
 */
export async function deviceOfToken(db: Queryable, token: string): Promise<DeviceRow | null> {
  const found = await db.query<DeviceRow>({
    name: 'device-of-token',
    text: `select d.dev, d.hall, d.public_key as "publicKey", d.state from session s join device d using (dev)
     where s.token_hash = $1 and s.expires_at > now() and d.state = 'active'`,
    values: [hashToken(token)],
  });
  return found.rows[0] ?? null;
}

/** @returns whether a device once belonged to a hall: what it had not sent from there may still come */
export async function wasInHall(db: Queryable, dev: string, hall: string): Promise<boolean> {
  const found = await db.query('select 1 from former_place where hall = $1 and dev = $2', [hall, dev]);
  return found.rowCount !== 0;
}
