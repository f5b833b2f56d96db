import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { loadCiphers } from '../../renderer/src/db/ciphers.ts';
import { HallStore } from '../../renderer/src/db/schema.ts';
import { createSeal } from '../../renderer/src/db/seal.ts';
import { sm4GcmDecrypt, sm4GcmEncrypt } from '../../renderer/src/db/sm4-cipher.ts';
import { memoryHall, memoryMachine } from '../fixtures/memory-machine.ts';
import { accepted, device, freshName, KEY, openOn } from './hall-db-open.ts';

const OTHER_KEY = btoa(String.fromCharCode(...new Uint8Array(32).fill(9)));
const UNREADABLE = expect.objectContaining({ code: 'STORE_UNREADABLE' }) as Error;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

describe('SM4-GCM', () => {
  // RFC 8998, appendix A.1.
  const key = hex('0123456789ABCDEFFEDCBA9876543210');
  const iv = hex('00001234567800000000ABCD');
  const aad = hex('FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2');
  const plain = hex(
    'AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDDEEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA',
  );
  const closed = hex(
    '17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D 83DE3541E4C2B58177E065A9BF7B62EC',
  );

  it('gives the ciphertext and tag of RFC 8998', () => {
    expect(sm4GcmEncrypt(key, iv, aad, plain)).toEqual(closed);
    expect(sm4GcmDecrypt(key, iv, aad, closed)).toEqual(plain);
  });

  it('refuses a changed tag, a changed text and other associated data', () => {
    for (const at of [0, closed.length - 1]) {
      const changed = closed.slice();
      changed[at]! ^= 1;
      expect(() => sm4GcmDecrypt(key, iv, aad, changed)).toThrow();
    }
    expect(() => sm4GcmDecrypt(key, iv, aad.slice(1), closed)).toThrow();
  });
});

describe('a sealed record', () => {
  it.each(['xchacha20-poly1305', 'sm4-gcm'] as const)('of %s opens in its own place only', async (cipher) => {
    const ciphers = await loadCiphers([cipher]);
    const seal = createSeal({ sealKey: KEY, lookupKey: KEY, cipher, ciphers });
    const sealed = seal.seal('测试甲', 'logs/case/1');
    expect(seal.open(sealed, 'logs/case/1')).toBe('测试甲');
    expect(() => seal.open(sealed, 'logs/case/2')).toThrow(UNREADABLE);
    sealed[sealed.length - 1]! ^= 1;
    expect(() => seal.open(sealed, 'logs/case/1')).toThrow(UNREADABLE);
  });

  it('stays readable when the key is changed, and not without the former key', () => {
    const sealed = createSeal({ sealKey: KEY, lookupKey: KEY }).seal('x', 'p');
    const rotated = createSeal({ sealKey: OTHER_KEY, lookupKey: KEY, formerSealKeys: [KEY] });
    expect(rotated.open(sealed, 'p')).toBe('x');
    expect(() => createSeal({ sealKey: OTHER_KEY, lookupKey: KEY }).open(sealed, 'p')).toThrow(UNREADABLE);
    expect(rotated.seal('x', 'p').slice(2, 6)).not.toEqual(sealed.slice(2, 6));
  });
});

describe('the store', () => {
  it('sealed with SM4 is read after the cipher was changed back, and the other way round', async () => {
    const machine = memoryMachine(device('A'), memoryHall());
    const name = freshName();
    for (const [i, cipher] of (['sm4-gcm', 'xchacha20-poly1305', 'sm4-gcm'] as const).entries()) {
      const { db } = await openOn(machine, name, { cipher });
      await db.save(`cmd-000000${i}`, [accepted(i + 1)]);
      expect(await db.recentCases(10)).toHaveLength(i + 1);
      await db.close();
    }
    const raw = new HallStore(name);
    const rows = await raw.logs.toArray();
    raw.close();
    // Second byte: which cipher.
    expect(rows.map(({ sealed }) => sealed[1]).sort()).toEqual([1, 2, 2]);
  });

  it('keeps scans in sealed pieces and notices a changed one', async () => {
    const name = freshName();
    const { db } = await openOn(memoryMachine(device('A'), memoryHall()), name);
    const bytes = Uint8Array.from({ length: 600_000 }, (_, i) => (i * 7) % 251);
    const stored = await db.putBlob(bytes, 'scan');
    expect(await db.putBlob(bytes, 'scan')).toEqual(stored);
    // Compared as buffers: looking at 600,000 elements one by one takes seconds.
    expect(Buffer.compare((await db.blob(stored.hash))!, bytes)).toBe(0);
    expect(await db.blob('0'.repeat(64))).toBeUndefined();
    const empty = await db.putBlob(new Uint8Array(), 'scan');
    expect(await db.blob(empty.hash)).toEqual(new Uint8Array());
    const raw = new HallStore(name);
    const chunk = await raw.chunks.get([stored.hash, 1]);
    expect(await raw.chunks.toCollection().primaryKeys()).toHaveLength(3);
    chunk!.sealed[100]! ^= 1;
    await raw.chunks.put(chunk!);
    raw.close();
    await expect(db.blob(stored.hash)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });
});
