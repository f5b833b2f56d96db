import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetchHttp } from '../../electron/adapters/node/http.ts';
import type { HttpPort } from '../../electron/core/ports/http.ts';
import { BLOB_PART_BYTES, MAX_BLOB_BYTES } from '../../shared/contract/blob.ts';
import { CodedError } from '../../shared/contract/errors.ts';
import { STREAM_HASH_OF_NOTHING } from '../../shared/sync/hash.ts';
import { makeTestCore, type TestCore } from '../fixtures/core.ts';
import { testDevice } from './device.ts';
import { startTestServer, type TestServer } from './start.ts';

let server: TestServer;
let halls = 770000;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const NOWHERE = { cursor: 0, streamHash: STREAM_HASH_OF_NOTHING };

async function device(hall = String(++halls)) {
  const made = testDevice(() => server.url);
  await made.enrol(await server.newCode(hall));
  await made.hello();
  const at = (hash: string): string => `${server.url}/v1/blobs/${hash}`;
  const authorization = `Bearer ${made.token()}`;
  return {
    hall,
    head: async (hash: string) => {
      const { status, headers } = await fetch(at(hash), { method: 'HEAD', headers: { authorization } });
      return [status, headers.get('upload-offset'), headers.get('upload-complete')];
    },
    put: async (hash: string, bytes: Uint8Array, start: number, size: number) => {
      const answer = await fetch(at(hash), {
        method: 'PUT',
        headers: {
          authorization,
          'content-type': 'application/octet-stream',
          'content-range': `bytes ${start}-${start + bytes.length - 1}/${size}`,
        },
        body: bytes as never,
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    get: async (hash: string) => {
      const answer = await fetch(at(hash), { headers: { authorization } });
      return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
    },
  };
}

describe('blobs at the server', () => {
  it('come in parts, go on where they were broken off, and are given whole', async () => {
    const one = await device();
    const bytes = randomBytes(1_000);
    const hash = sha(bytes);
    expect(await one.head(hash)).toEqual([404, null, null]);
    expect((await one.put(hash, bytes.subarray(0, 400), 0, 1000)).body).toMatchObject({
      received: 400,
      complete: false,
    });
    expect((await one.get(hash)).status).toBe(404);
    expect(await one.head(hash)).toEqual([200, '400', '?0']);
    expect(await one.put(hash, bytes.subarray(700), 700, 1000)).toMatchObject({
      status: 409,
      body: { error: 'gap', expected: 400 },
    });
    // The answer to it was lost.
    expect((await one.put(hash, bytes.subarray(0, 400), 0, 1000)).body).toMatchObject({ received: 400 });
    expect((await one.put(hash, bytes.subarray(400), 400, 1000)).body).toMatchObject({
      received: 1000,
      complete: true,
    });
    expect((await one.put(hash, bytes.subarray(400), 400, 1000)).body).toMatchObject({ complete: true });
    expect(await one.head(hash)).toEqual([200, '1000', '?1']);
    expect((await one.get(hash)).bytes.equals(bytes)).toBe(true);
  });

  it('that are not what their name says are kept by nobody, and can be sent again', async () => {
    const one = await device();
    const bytes = randomBytes(100);
    expect(await one.put(sha(bytes), randomBytes(100), 0, 100)).toMatchObject({
      status: 422,
      body: { error: 'differs' },
    });
    expect(await one.head(sha(bytes))).toEqual([404, null, null]);
    expect((await one.put(sha(bytes), bytes, 0, 100)).body).toMatchObject({ complete: true });
  });

  it('belong to their hall: another finds nothing and cannot add to them; a stranger gets nothing', async () => {
    const [one, other] = [await device(), await device()];
    const bytes = randomBytes(100);
    await one.put(sha(bytes), bytes.subarray(0, 50), 0, 100);
    expect(await other.head(sha(bytes))).toEqual([404, null, null]);
    expect((await other.put(sha(bytes), bytes.subarray(50), 50, 100)).status).toBe(409);
    await one.put(sha(bytes), bytes.subarray(50), 50, 100);
    expect((await other.get(sha(bytes))).status).toBe(404);
    expect((await fetch(`${server.url}/v1/blobs/${sha(bytes)}`)).status).toBe(401);
    expect((await one.get('../clerk')).status).toBe(404);
    expect((await one.get('A'.repeat(64))).status).toBe(400);
  });

  it('have a largest size, and each hall its room, said in words', async () => {
    const one = await device();
    const bytes = randomBytes(100);
    expect((await one.put(sha(bytes), bytes, 0, MAX_BLOB_BYTES + 1)).status).toBe(413);
    expect((await one.put(sha(bytes), randomBytes(BLOB_PART_BYTES + 1), 0, MAX_BLOB_BYTES)).status).toBe(413);
    await server.query('update hall set blob_quota = 150 where hall = $1', [one.hall]);
    expect((await one.put(sha(bytes), bytes, 0, 100)).status).toBe(200);
    const more = randomBytes(100);
    expect(await one.put(sha(more), more, 0, 100)).toMatchObject({ status: 507, body: { error: 'quota' } });
    expect(await server.query('select blob_bytes from hall where hall = $1', [one.hall])).toEqual([
      { blob_bytes: 100 },
    ]);
  });
});

describe('blobs at a hall PC', () => {
  /** A machine whose line breaks after so many calls. */
  function breaking() {
    const real = createFetchHttp();
    const line = {
      left: Infinity,
      puts: 0,
      http: {
        request: (asked) => {
          if (line.left <= 0) return Promise.reject(new CodedError('CENTRAL_UNREACHABLE', 'cut'));
          if (asked.method === 'PUT') {
            line.left -= 1;
            line.puts += 1;
          }
          return real.request(asked);
        },
      } as HttpPort,
    };
    return line;
  }
  async function sent(pc: TestCore, hash: string): Promise<void> {
    for (let i = 0; i < 600; i++) {
      const [one] = (await pc.call('blob.status', { hashes: [hash] })).blobs;
      if (one?.state === 'sent') return;
      await new Promise((go) => setTimeout(go, 25));
    }
    throw new Error('it was not sent');
  }
  const files = (pc: TestCore, hall: string): string[] => readdirSync(join(pc.folder, 'profile/blobs', hall));

  it('are sealed here first, survive a broken line and the end of the program, and are sent from where they stood', async () => {
    const hall = String(++halls);
    const line = breaking();
    const pc = await makeTestCore({ http: line.http });
    await expect(pc.call('blob.put', { base64: 'AAAA' })).rejects.toMatchObject({
      code: 'DEVICE_NOT_ENROLLED',
    });
    await pc.call('central.enrol', { server: server.url, code: await server.newCode(hall) });
    const bytes = Buffer.concat([Buffer.from('测试甲 110101190001017777'), randomBytes(BLOB_PART_BYTES * 3)]);
    line.left = 2;
    const { hash } = await pc.call('blob.put', { base64: bytes.toString('base64') });
    expect(hash).toBe(sha(bytes));
    const stands = async () => (await pc.call('blob.status', { hashes: [hash] })).blobs[0];
    for (let i = 0; i < 400 && (await stands())?.sent !== 2 * BLOB_PART_BYTES; i++)
      await new Promise((go) => setTimeout(go, 10));
    expect(await stands()).toMatchObject({ state: 'waiting', sent: 2 * BLOB_PART_BYTES, size: bytes.length });
    expect(files(pc, hall)).toEqual([`${hash}.new`]);
    const kept = readFileSync(join(pc.folder, 'profile/blobs', hall, `${hash}.new`));
    expect(kept.includes(Buffer.from('测试甲'))).toBe(false);

    line.left = 0;
    const later = await pc.restart();
    line.left = Infinity;
    line.puts = 0;
    await later.call('central.hello', NOWHERE);
    await sent(later, hash);
    // Two of four parts were there.
    expect(line.puts).toBe(2);
    expect(files(later, hall)).toEqual([`${hash}.sent`]);
    expect((await later.call('blob.get', { hash })).base64).toBe(bytes.toString('base64'));

    const other = await makeTestCore({ http: createFetchHttp() });
    await other.call('central.enrol', { server: server.url, code: await server.newCode(hall) });
    expect((await other.call('blob.get', { hash })).base64).toBe(bytes.toString('base64'));
    await expect(other.call('blob.get', { hash: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'BLOB_MISSING',
    });
  });

  it('are sent again to a server that was restored and no longer has them', async () => {
    const hall = String(++halls);
    const pc = await makeTestCore({ http: createFetchHttp() });
    await pc.call('central.enrol', { server: server.url, code: await server.newCode(hall) });
    await pc.call('central.hello', NOWHERE);
    const { hash } = await pc.call('blob.put', { base64: randomBytes(500).toString('base64') });
    await sent(pc, hash);
    await server.query('delete from blob where hall = $1', [hall]);
    await server.query("update meta set value = 'restored' where key = 'epoch'");
    await server.restart();
    await pc.call('central.hello', NOWHERE).catch(() => undefined);
    await pc.call('central.hello', NOWHERE);
    for (let i = 0; i < 400; i++) {
      const [row] = await server.query<{ complete: boolean }>('select complete from blob where hall = $1', [
        hall,
      ]);
      if (row?.complete) return;
      await new Promise((go) => setTimeout(go, 25));
    }
    throw new Error('the server did not get it back');
  });

  it('wait with a reason when the hall has no room, and one that was damaged is kept and not sent', async () => {
    const hall = String(++halls);
    const pc = await makeTestCore({ http: createFetchHttp() });
    await pc.call('central.enrol', { server: server.url, code: await server.newCode(hall) });
    await server.query('update hall set blob_quota = 10 where hall = $1', [hall]);
    const { hash } = await pc.call('blob.put', { base64: randomBytes(500).toString('base64') });
    let error: string | null | undefined;
    for (let i = 0; i < 400 && !error; i++) {
      error = (await pc.call('blob.status', { hashes: [hash] })).blobs[0]?.error;
      await new Promise((go) => setTimeout(go, 10));
    }
    expect(error).toBe('BLOB_QUOTA');
    const path = join(pc.folder, 'profile/blobs', hall, `${hash}.new`);
    const bytes = readFileSync(path);
    bytes[100]! ^= 1;
    writeFileSync(path, bytes);
    await server.query('update hall set blob_quota = 1000000 where hall = $1', [hall]);
    await pc.call('central.hello', NOWHERE);
    for (let i = 0; i < 400 && !files(pc, hall)[0]?.endsWith('.damaged'); i++)
      await new Promise((go) => setTimeout(go, 10));
    expect(files(pc, hall)).toEqual([`${hash}.damaged`]);
    expect((await pc.call('blob.status', { hashes: [hash] })).blobs[0]).toMatchObject({ state: 'waiting' });
  });
});
