import { describe, expect, it } from 'vitest';
import { deviceId } from '../../../shared/sync/device-id.ts';
import { makeEvent, readEvent } from '../../../shared/sync/event.ts';
import { hashText, nextStreamHash, STREAM_HASH_OF_NOTHING } from '../../../shared/sync/hash.ts';

const draft = {
  type: 'ticket.taken',
  typeV: 1,
  agg: 'ticket/x1',
  seen: { last: '', cursor: 0 },
  user: 'clerk-1',
  body: { no: 'A001', class: 'normal', day: '2026-11-21' },
};
const author = { hall: '330102', dev: 'D'.repeat(26), inc: '0'.repeat(32), station: '3' };
const place = { seq: 1, prev: '', cmd: 'cmd-00000001', at: '2026-11-21T09:00:00.000+08:00' };

describe('an event', () => {
  it('is its bytes: made, read back, and the same', () => {
    const made = makeEvent(draft, author, place);
    const read = readEvent(made.bytes, made.hash);
    expect(read).toEqual({ ok: true, kept: made });
    expect(made.hash).toBe(hashText(made.bytes));
  });

  it('with one changed byte is not itself any more', () => {
    const made = makeEvent(draft, author, place);
    expect(readEvent(made.bytes.replace('A001', 'A002'), made.hash)).toEqual({
      ok: false,
      fault: 'hash-differs',
    });
  });

  it('in another spelling of the same JSON is refused, because its hash would differ', () => {
    const made = makeEvent(draft, author, place);
    expect(readEvent(JSON.stringify(made.event, null, 1))).toEqual({ ok: false, fault: 'not-canonical' });
  });

  it.each([
    ['not JSON', '{', 'bad-json'],
    ['JSON without an envelope', '{"a":1}', 'bad-shape'],
    ['an envelope whose seq is not a count', '{"seq":0}', 'bad-shape'],
  ])('%s is named for what it is', (_, bytes, fault) => {
    expect(readEvent(bytes)).toEqual({ ok: false, fault });
  });
});

describe('the stream hash', () => {
  it('is SHA-256 of the hash before and the event hash, from 32 zero bytes on', () => {
    // Computed independently: printf '00…00<sha256("a")>' | xxd -r -p | sha256sum
    const first = nextStreamHash(STREAM_HASH_OF_NOTHING, hashText('a'));
    expect(hashText('a')).toBe('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(nextStreamHash(first, hashText('b'))).not.toBe(
      nextStreamHash(STREAM_HASH_OF_NOTHING, hashText('b')),
    );
  });
});

describe('a device id', () => {
  it('is 26 characters of Crockford base32 that depend on the key alone', () => {
    const id = deviceId(new Uint8Array(32).fill(7));
    expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(deviceId(new Uint8Array(32).fill(7))).toBe(id);
    expect(deviceId(new Uint8Array(32).fill(8))).not.toBe(id);
  });
});
