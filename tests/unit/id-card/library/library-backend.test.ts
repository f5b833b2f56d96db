import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeRequest,
  spoiltFrame,
} from '../../../../electron/adapters/device-host/backends/library/sam-frames.ts';
import { samIdBytes } from '../../../../electron/adapters/device-host/backends/library/termb.ts';
import { formatSamId } from '../../../../electron/core/id-card/sam-link.ts';
import { createReplyDecoder, encodeRequest } from '../../../../electron/core/id-card/sam-frame.ts';
import type { SamReply } from '../../../../electron/core/id-card/sam-frame.ts';
import type { DeviceConnection, LibraryFamily } from '../../../../electron/core/ports/reader-device.ts';
import { demoPerson } from '../../../fixtures/cards.ts';
import { cannotCompile } from '../../../fixtures/native/compile.ts';
import { hexOf } from '../hex.ts';
import type { RunningHost, ScriptedReader } from './scripted-reader.ts';
import { buildDeviceHost, runHost, scriptedReader } from './scripted-reader.ts';

describe('frames to and from libraries', () => {
  it('takes requests apart', () => {
    expect(decodeRequest(encodeRequest(0x61, 0xff, Uint8Array.of(0x50)))).toEqual({
      kind: 'request',
      command: 0x61,
      parameter: 0xff,
      data: Uint8Array.of(0x50),
    });
    const frame = encodeRequest(0x20, 0x01);
    expect(decodeRequest(frame.subarray(0, -1))).toEqual({ kind: 'bad', status: 0x11 });
    expect(decodeRequest(frame.map((byte, i) => (i === 8 ? byte ^ 1 : byte)))).toEqual({
      kind: 'bad',
      status: 0x10,
    });
    expect(decodeRequest(new Uint8Array())).toEqual({ kind: 'bad', status: 0x11 });
  });

  it('a spoilt frame is taken for one', () => {
    expect(createReplyDecoder().push(spoiltFrame())).toEqual([{ kind: 'bad', reason: 'checksum' }]);
  });

  it('the number as text is the number as bytes', () => {
    const text = '05.01-20200101-0001234567-0007654321';
    expect(formatSamId(samIdBytes(text)!)).toBe(text);
    expect(formatSamId(samIdBytes('05.01.20200101.4294967295.0007654321\r\n')!)).toContain('4294967295');
    expect(samIdBytes('')).toBeNull();
    expect(samIdBytes('05.01-2020')).toBeNull();
  });
});

/** One command at a time over an open connection, without the machinery of the core. */
function talk(connection: DeviceConnection) {
  const decoder = createReplyDecoder();
  let heard: (reply: SamReply | 'damaged') => void = () => undefined;
  connection.onPacket(({ bytes, pipe }) => {
    expect(pipe).toBe(0);
    for (const part of decoder.push(bytes)) heard(part.kind === 'reply' ? part.reply : 'damaged');
  });
  return async (command: number, parameter: number, ...data: number[]): Promise<string> => {
    const answer = new Promise<string>((resolve) => {
      heard = (reply) =>
        resolve(
          reply === 'damaged' ? reply : hexOf(Uint8Array.of(reply.sw1, reply.sw2, reply.sw3, ...reply.data)),
        );
    });
    await connection.write(
      { bytes: encodeRequest(command, parameter, Uint8Array.from(data)), pipe: 0 },
      1000,
    );
    const silence = new Promise<string>((resolve) => void setTimeout(() => resolve('silence'), 700));
    return Promise.race([answer, silence]);
  };
}

describe.skipIf(cannotCompile !== null)("makers' libraries through the device host", () => {
  let entry = '';
  let host: RunningHost;
  const readers: ScriptedReader[] = [];

  beforeAll(async () => {
    entry = await buildDeviceHost('library-backend');
    host = runHost(entry);
  });
  afterAll(() => host.devices.close());
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.remove();
  });

  const reader = (...how: Parameters<typeof scriptedReader>): ScriptedReader => {
    const made = scriptedReader(...how);
    readers.push(made);
    return made;
  };
  const open = (path: string, port = 1001, family: LibraryFamily = 'sdtapi'): Promise<DeviceConnection> =>
    host.devices.open(path, { bus: 'library', family, port });

  it('each command of the SAM is one function of an sdtapi library', async () => {
    const sdt = reader('sdtapi.c');
    sdt.plug(1003);
    const connection = await open(sdt.path);
    const ask = talk(connection);
    expect(await ask(0x11, 0xff)).toBe('00 00 90');
    expect(await ask(0x12, 0xff)).toBe('00 00 90 05 00 01 00 A5 3A 34 01 87 D6 12 00 B1 CB 74 00');
    expect(await ask(0x61, 0xff, 0x50)).toBe('00 00 90');
    expect(await ask(0x61, 0xff, 0x10)).toBe('00 00 21');
    expect(await ask(0x20, 0x01)).toBe('00 00 80');
    sdt.place('yi');
    expect(await ask(0x20, 0x01)).toBe('00 00 9F 00 00 00 00');
    expect(await ask(0x20, 0x02)).toBe('00 00 90 00 00 00 00 00 00 00 00');
    expect(await ask(0x30, 0x05)).toMatch(/^00 00 90 00 01 02 .* 1B$/);
    const { text, photo, fingerprint, appended } = demoPerson('yi');
    expect(await ask(0x30, 0x10)).toBe(
      `00 00 90 01 00 04 00 04 00 ${hexOf(Uint8Array.of(...text, ...photo, ...fingerprint))}`,
    );
    expect(await ask(0x30, 0x03)).toBe(`00 00 90 ${hexOf(appended!)}`);
    expect(await ask(0x20, 0x01)).toBe('00 00 80');
    expect(await ask(0x10, 0xff)).toBe('00 00 90');
    expect(await ask(0x20, 0x01)).toBe('00 00 9F 00 00 00 00');
    expect(await ask(0x20, 0x02)).toBe('00 00 90 00 00 00 00 00 00 00 00');
    expect(await ask(0x30, 0x01)).toBe(`00 00 90 01 00 04 00 ${hexOf(Uint8Array.of(...text, ...photo))}`);
    sdt.place('jia');
    await ask(0x20, 0x01);
    await ask(0x20, 0x02);
    expect(await ask(0x30, 0x03)).toBe('00 00 91');
    expect(await ask(0x60, 0x00)).toBe('00 00 21');
    await connection.close();
    const calls = sdt.calls();
    expect(calls.slice(0, 3)).toEqual(['SDT_OpenPort 1001', 'SDT_OpenPort 1002', 'SDT_OpenPort 1003']);
    expect(calls.at(-1)).toBe('SDT_ClosePort 1003');
    expect(calls.filter((call) => call.includes(' open'))).toEqual([]);
  });

  it('the same library is opened again, found where it was, and by one at a time', async () => {
    const sdt = reader('sdtapi.c');
    sdt.plug(1004);
    const first = await open(sdt.path);
    await expect(open(sdt.path)).rejects.toMatchObject({ code: 'ID_CARD_READER_BUSY' });
    await first.close();
    const before = sdt.calls().length;
    const second = await open(sdt.path);
    expect(sdt.calls().slice(before)).toEqual(['SDT_OpenPort 1004']);
    expect(await talk(second)(0x11, 0xff)).toBe('00 00 90');
    await second.close();
    await expect(open(sdt.path, 7)).rejects.toMatchObject({
      code: 'ID_CARD_READER_MISSING',
      message: 'no reader on port 7: SDT_OpenPort says 01',
    });
  });

  it('the codes of the library itself are silence, damage and a closed port', async () => {
    const sdt = reader('sdtapi.c');
    sdt.plug(1001);
    const connection = await open(sdt.path);
    const ask = talk(connection);
    const gone = new Promise<string>((resolve) => connection.onClosed(resolve));
    sdt.fault('SDT_StartFindIDCard return 2');
    expect(await ask(0x20, 0x01)).toBe('silence');
    sdt.fault('SDT_StartFindIDCard return 3');
    expect(await ask(0x20, 0x01)).toBe('damaged');
    sdt.fault('SDT_StartFindIDCard return 9', 'SDT_SelectIDCard return 4660');
    expect(await ask(0x20, 0x01)).toBe('00 00 09');
    expect(await ask(0x20, 0x02)).toBe('00 00 24');
    sdt.fault('SDT_GetSAMStatus return 96');
    expect(await ask(0x11, 0xff)).toBe('00 00 60');
    sdt.fault('SDT_ReadBaseMsg length 9999');
    sdt.place('jia');
    await ask(0x20, 0x01);
    await ask(0x20, 0x02);
    expect(await ask(0x30, 0x01)).toBe('damaged');
    sdt.fault();
    sdt.plug(null);
    void ask(0x20, 0x01);
    expect(await gone).toContain('01');
    await expect(open(sdt.path)).rejects.toMatchObject({
      code: 'ID_CARD_READER_MISSING',
      message: expect.stringContaining('1016') as string,
    });
    sdt.fault('SDT_OpenPort return 102');
    await expect(open(sdt.path)).rejects.toMatchObject({ code: 'ID_CARD_READER_NOT_AUTHORISED' });
  });

  it('slow ports are not tried past the time there is, and the search goes on behind them', async () => {
    const sdt = reader('sdtapi.c');
    sdt.plug(1009);
    sdt.fault('SDT_OpenPort sleep 350');
    await expect(open(sdt.path)).rejects.toMatchObject({ code: 'ID_CARD_READER_MISSING' });
    const tried = sdt.calls().length;
    expect(tried).toBeGreaterThan(3);
    expect(tried).toBeLessThan(9);
    const connection = await open(sdt.path);
    expect(sdt.calls()[tried]).toBe(`SDT_OpenPort ${1001 + tried}`);
    await connection.close();
    expect(host.started).toHaveLength(1);
  });

  it('a library without the functions that are not needed works', async () => {
    const sdt = reader('sdtapi.c', ['BARE']);
    sdt.plug(1001);
    const connection = await open(sdt.path);
    const ask = talk(connection);
    expect(await ask(0x11, 0xff)).toBe('00 00 90');
    sdt.place('jia');
    for (const [command, parameter] of [
      [0x10, 0xff],
      [0x12, 0xff],
      [0x61, 0xff],
      [0x30, 0x03],
      [0x30, 0x05],
      [0x30, 0x10],
    ] as const)
      expect(await ask(command, parameter)).toBe('00 00 21');
    await ask(0x20, 0x01);
    await ask(0x20, 0x02);
    expect(await ask(0x30, 0x01)).toMatch(/^00 00 90 01 00 04 00/);
    await connection.close();
  });

  it('while a call hangs the process answers, and its late answer is not passed on', async () => {
    const sdt = reader('sdtapi.c');
    sdt.plug(1001);
    const connection = await open(sdt.path);
    const ask = talk(connection);
    sdt.fault('SDT_StartFindIDCard sleep 1500');
    expect(await ask(0x20, 0x01)).toBe('silence');
    const began = performance.now();
    await host.devices.list(['hid']);
    expect(performance.now() - began).toBeLessThan(400);
    sdt.fault();
    // Given up meanwhile, so the next answer is that of the next command: 90, not 80.
    const next = ask(0x11, 0xff);
    expect(await next).toBe('silence');
    await expect.poll(() => sdt.calls().at(-1)).toBe('SDT_GetSAMStatus 1001');
    expect(await ask(0x20, 0x02)).toBe('00 00 81');
    await connection.close();
  });

  it('files that are no library for this program are refused in words', async () => {
    const sdt = reader('sdtapi.c');
    const bytes = readFileSync(sdt.path);
    const bad = (name: string, change: (copy: Buffer) => Buffer): string => {
      const path = join(sdt.folder, name);
      writeFileSync(path, change(Buffer.from(bytes)));
      return path;
    };
    const narrow = bad('narrow.so', (copy) => {
      copy[4] = 1;
      copy.writeUInt16LE(3, 18);
      return copy;
    });
    await expect(open(narrow)).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_32BIT',
      message: expect.stringContaining('narrow.so: it is a 32-bit library (ia32)') as string,
    });
    const foreign = bad('foreign.so', (copy) => {
      copy.writeUInt16LE(258, 18);
      return copy;
    });
    await expect(open(foreign)).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_MISSING',
      message: expect.stringMatching(/made for loong64, and this program runs as/) as string,
    });
    await expect(open(bad('cut.so', (copy) => copy.subarray(0, 200)))).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_MISSING',
      message: expect.stringContaining('cut.so: it cannot be loaded: Failed to load') as string,
    });
    await expect(open(bad('text.so', () => Buffer.from('no library')))).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_MISSING',
    });
    await expect(open(join(sdt.folder, 'none.so'))).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_MISSING',
      message: expect.stringContaining('ENOENT') as string,
    });
    const pipe = join(sdt.folder, 'pipe.so');
    execFileSync('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero']) {
      await expect(open(path)).rejects.toMatchObject({
        code: 'ID_CARD_DRIVER_MISSING',
        message: expect.stringContaining('it is no file') as string,
      });
    }
    await expect(open('sdtapi.so')).rejects.toMatchObject({ code: 'ID_CARD_DRIVER_MISSING' });
    await expect(open(sdt.path, 1001, 'termb')).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_MISSING',
      message: expect.stringContaining('no function CVR_InitComm') as string,
    });
    // Put right by the admin, it is loaded without a restart.
    copyFileSync(sdt.path, join(sdt.folder, 'none.so'));
    sdt.plug(1001);
    await (await open(join(sdt.folder, 'none.so'))).close();
  });

  it("华视's functions are spoken to as if they were a SAM", async () => {
    const cvr = reader('termb.c');
    cvr.plug(1002);
    const connection = await open(cvr.path, 1001, 'termb');
    const ask = talk(connection);
    expect(await ask(0x11, 0xff)).toBe('00 00 90');
    expect(await ask(0x12, 0xff)).toBe('00 00 90 05 00 01 00 A5 3A 34 01 87 D6 12 00 B1 CB 74 00');
    expect(await ask(0x20, 0x01)).toBe('00 00 80');
    expect(await ask(0x30, 0x01)).toBe('00 00 21');
    expect(await ask(0x20, 0x02)).toBe('00 00 81');
    cvr.place('taiwan');
    expect(await ask(0x20, 0x01)).toBe('00 00 9F 00 00 00 00');
    expect(await ask(0x20, 0x02)).toBe('00 00 90 00 00 00 00 00 00 00 00');
    const { text, photo } = demoPerson('taiwan');
    expect(await ask(0x30, 0x01)).toBe(`00 00 90 01 00 04 00 ${hexOf(Uint8Array.of(...text, ...photo))}`);
    expect(await ask(0x20, 0x01)).toBe('00 00 80');
    cvr.place('taiwan');
    cvr.fault('CVR_Authenticate 3');
    expect(await ask(0x20, 0x01)).toBe('00 00 9F 00 00 00 00');
    expect(await ask(0x20, 0x02)).toBe('00 00 81');
    cvr.fault('CVR_ReadBaseMsg 0');
    await ask(0x20, 0x01);
    await ask(0x20, 0x02);
    expect(await ask(0x30, 0x01)).toBe('00 00 41');
    cvr.fault();
    expect(await ask(0x10, 0xff)).toBe('00 00 90');
    expect(await ask(0x30, 0x03)).toBe('00 00 21');
    await connection.close();
    expect(cvr.calls().at(-1)).toBe('CVR_CloseComm');
    expect(cvr.calls()).not.toContain('CVR_Read_Content');
  });

  it('a library of 华视 that would write the person to disk is not used', async () => {
    const cvr = reader('termb.c', ['FILES_ONLY']);
    cvr.plug(1001);
    await expect(open(cvr.path, 1001, 'termb')).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_MISSING',
      message: expect.stringContaining('CVR_ReadBaseMsg') as string,
    });
    const other = reader('termb.c', ['OTHER_PARAMETERS']);
    await expect(open(other.path, 1001, 'termb')).rejects.toMatchObject({
      message: expect.stringContaining('CVR_AuthenticateForNoJudge') as string,
    });
    expect([cvr.calls(), other.calls()]).toEqual([[], []]);
  });

  it('what a library writes to disk all the same is removed, and older files are not', async () => {
    const cvr = reader('termb.c', ['LEAVES_FILES']);
    cvr.plug(1001);
    const old = join(cvr.folder, 'wz.txt');
    writeFileSync(old, 'from another program');
    utimesSync(old, new Date('2026-01-01'), new Date('2026-01-01'));
    mkdirSync(join(cvr.folder, 'xp.wlt'));
    const connection = await open(cvr.path, 1001, 'termb');
    const ask = talk(connection);
    cvr.place('jia');
    await ask(0x20, 0x01);
    expect(await ask(0x30, 0x01)).toMatch(/^00 00 90/);
    expect(existsSync(join(cvr.folder, 'ZP.bmp'))).toBe(false);
    expect(existsSync(old)).toBe(true);
    await expect
      .poll(() => host.lines.filter(({ text }) => text.includes('personal data')))
      .toMatchObject([{ level: 'warning', data: { reason: '1 files' } }]);
    await connection.close();
  });

  it('a reader of 华视 that was unplugged is noticed', async () => {
    const cvr = reader('termb.c');
    cvr.plug(1001);
    const connection = await open(cvr.path, 1001, 'termb');
    const ask = talk(connection);
    const gone = new Promise<string>((resolve) => connection.onClosed(resolve));
    cvr.plug(null);
    const looking = setInterval(() => void ask(0x20, 0x01).catch(() => undefined), 400);
    expect(await gone).toContain('number');
    clearInterval(looking);
  }, 12_000);
});
