import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a challenge may be answered, milliseconds. */
const VALID_MS = 60_000;

/**
 * Challenges without a table: time, nonce and their HMAC. Good for one minute, for one device and for one use, by the
 * server's clock alone: the device's clock may be wrong by years.
 */
export function createChallenges(secret: string, now: () => number = Date.now) {
  const used = new Map<string, number>();
  const sign = (dev: string, body: string): string =>
    createHmac('sha256', secret).update(`${dev}\n${body}`).digest('base64url');
  return {
    issue(dev: string): string {
      const body = `${now()}.${randomBytes(12).toString('base64url')}`;
      return `${body}.${sign(dev, body)}`;
    },
    /** @returns whether it is ours, fresh, for this device, and was not redeemed before */
    redeem(dev: string, challenge: string): boolean {
      const cut = challenge.lastIndexOf('.');
      const body = challenge.slice(0, cut);
      const mine = Buffer.from(sign(dev, body));
      const theirs = Buffer.from(challenge.slice(cut + 1));
      const age = now() - Number(body.split('.')[0]);
      for (const [old, at] of used) if (now() - at > VALID_MS) used.delete(old);
      if (cut < 0 || mine.length !== theirs.length || !timingSafeEqual(mine, theirs)) return false;
      if (!(age >= 0 && age <= VALID_MS) || used.has(challenge)) return false;
      used.set(challenge, now());
      return true;
    },
  };
}
