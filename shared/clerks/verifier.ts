import { argon2idAsync } from '@noble/hashes/argon2.js';

/** Letters of a secret, without those that are mistaken for one another (Crockford). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 50 bits: a verifier that was stolen with its machine is still not worth guessing at. */
const SECRET_LENGTH = 10;

/** Above the least that OWASP asks of argon2id (19 MiB, 2 passes); memory in KiB. Kept in each verifier. */
const COST = { m: 32_768, t: 2, p: 1 } as const;
/** Most that a verifier from elsewhere may ask of this machine. */
const MOST = { m: 262_144, t: 16, p: 4 } as const;
const HASH_BYTES = 32;
/** The machine goes on with other work at least so often while it computes, milliseconds. */
const TICK_MS = 8;

/** @param random 10 or more random bytes @returns a secret as it is printed, `XXXXX-XXXXX` */
export function writeSecret(random: Uint8Array): string {
  const text = Array.from(random.subarray(0, SECRET_LENGTH), (byte) => LETTERS[byte & 31] as string).join('');
  return `${text.slice(0, 5)}-${text.slice(5)}`;
}

/** What a person may have typed: blanks, dashes, small or wide letters, and those that Crockford reads as digits. */
const normalise = (secret: string): string =>
  secret.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');

/**
 * What a secret is checked against, offline too: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, the usual form.
 * @param salt 16 random bytes
 * @param cost another one, for tests that are about something else
 */
export async function makeVerifier(secret: string, salt: Uint8Array, cost: Cost = COST): Promise<string> {
  const hash = await derive(secret, salt, cost);
  return `$argon2id$v=19$m=${cost.m},t=${cost.t},p=${cost.p}$${toBase64(salt)}$${toBase64(hash)}`;
}

/** @returns false also for a verifier that cannot be read */
export async function checkSecret(secret: string, verifier: string): Promise<boolean> {
  const read = readVerifier(verifier);
  if (!read) return false;
  const hash = await derive(secret, read.salt, read.cost);
  let differ = hash.length ^ read.hash.length;
  for (let i = 0; i < hash.length; i++) differ |= (hash[i] ?? 0) ^ (read.hash[i] ?? 0);
  return differ === 0;
}

/** As long as a real check, for a name that nobody has: the answer's time must not tell. */
export async function checkNothing(secret: string): Promise<false> {
  await derive(secret, new Uint8Array(16), COST);
  return false;
}

/** Memory in KiB, passes, lanes. */
export interface Cost {
  m: number;
  t: number;
  p: number;
}

const derive = (secret: string, salt: Uint8Array, cost: Cost): Promise<Uint8Array> =>
  argon2idAsync(normalise(secret), salt, { ...cost, dkLen: HASH_BYTES, asyncTick: TICK_MS });

function readVerifier(text: string): { cost: Cost; salt: Uint8Array; hash: Uint8Array } | null {
  const found =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{43})$/.exec(
      text,
    );
  if (!found) return null;
  const [, m, t, p, salt = '', hash = ''] = found;
  const cost = { m: Number(m), t: Number(t), p: Number(p) };
  const fits = (Object.keys(MOST) as (keyof Cost)[]).every((key) => cost[key] >= 1 && cost[key] <= MOST[key]);
  return fits && cost.m >= 8 * cost.p ? { cost, salt: fromBase64(salt), hash: fromBase64(hash) } : null;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 without padding, as the form asks; neither Node nor a browser is at hand in this room. */
function toBase64(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += BASE64[(held >> (bits - 6)) & 63] ?? '';
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + (BASE64[(held << (6 - bits)) & 63] ?? '') : text;
}

function fromBase64(text: string): Uint8Array {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text) {
    held = (held << 6) | BASE64.indexOf(letter);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
    held &= (1 << bits) - 1;
  }
  return Uint8Array.from(bytes);
}
