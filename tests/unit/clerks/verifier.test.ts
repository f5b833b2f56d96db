import { describe, expect, it } from 'vitest';
import { checkSecret, makeVerifier, writeSecret } from '../../../shared/clerks/verifier.ts';

const salt = Uint8Array.from({ length: 16 }, (_, i) => i);

describe('the verifier of a clerk’s secret', () => {
  it('accepts the secret as a person types it, and no other', async () => {
    const verifier = await makeVerifier('K7M20-X9Q41', salt);
    expect(verifier).toMatch(/^\$argon2id\$v=19\$m=32768,t=2,p=1\$/);
    expect(await checkSecret(' k7m2o x9q4l ', verifier)).toBe(true);
    expect(await checkSecret('K7M20-X9Q42', verifier)).toBe(false);
  });

  it('reads a verifier of other cost made by another program', async () => {
    // argon2id, "PASSW0RD", salt "somesaltsomesalt", m=64 KiB, t=2, p=1: hash-wasm 4.13.
    const other =
      '$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$+uc7aWPqe+P1DMkZKGsXSf8quHnHKEiP7ZBXxIT+y3A';
    expect(await checkSecret('password', other)).toBe(true);
    expect(await checkSecret('passwort', other)).toBe(false);
  });

  it('refuses what is no verifier, and one that would cost this machine too much', async () => {
    const hash = 'A'.repeat(43);
    for (const text of [
      '',
      'K7M20X9Q41',
      `$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$${hash}`,
      `$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$${hash}`,
      `$argon2id$v=19$m=64,t=99,p=1$c29tZXNhbHRzb21lc2FsdA$${hash}`,
      `$argon2id$v=19$m=0,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$${hash}`,
    ])
      expect(await checkSecret('K7M20X9Q41', text), text).toBe(false);
  });

  it('writes secrets of letters nobody mistakes, ten of them', () => {
    expect(writeSecret(Uint8Array.from({ length: 16 }, (_, i) => i * 29))).toMatch(
      /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/,
    );
  });
});
