import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { deviceId } from '../../shared/sync/device-id.ts';
import { placeSchema, type Certificate, type Place } from '../../shared/sync/messages.ts';

const certifiedSchema = placeSchema.extend({
  /** Raw Ed25519 key, base64. */
  publicKey: z.string(),
  /** When the device came to this place, by the server's clock, ISO 8601. */
  at: z.string(),
});
/** What the server once said of a device. */
export type Certified = z.infer<typeof certifiedSchema>;

const PURPOSE = 'zongchuang-certificate-1';
const sealOf = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(`${PURPOSE}\n${text}`).digest('base64url');

/** @param secret the server's own, in every backup since its first start */
export function certify(
  secret: string,
  { dev, hall, hallName, station, stationName, series }: Place,
  more: { publicKey: string; at: string },
): Certificate {
  const text = JSON.stringify({ dev, hall, hallName, station, stationName, series, ...more });
  return { text, seal: sealOf(secret, text) };
}

/** @returns what a certificate says, null when this server did not make it */
export function readCertificate(secret: string, { text, seal }: Certificate): Certified | null {
  const mine = Buffer.from(sealOf(secret, text));
  const theirs = Buffer.from(seal);
  if (mine.length !== theirs.length || !timingSafeEqual(mine, theirs)) return null;
  const read = certifiedSchema.safeParse(JSON.parse(text));
  if (!read.success) return null;
  return deviceId(Buffer.from(read.data.publicKey, 'base64')) === read.data.dev ? read.data : null;
}
