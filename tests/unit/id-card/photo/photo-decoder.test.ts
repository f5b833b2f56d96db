import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPhotoDecoder } from '../../../../electron/adapters/node/photo-decoder.ts';
import type { PhotoMessage, PhotoRequest } from '../../../../electron/adapters/photo-host/messages.ts';
import type { PhotoDecoderPort } from '../../../../electron/core/ports/photo-decoder.ts';
import { settingsSchema } from '../../../../shared/contract/settings.ts';
import { createFakeClock, settled, type FakeClock } from '../fake-clock.ts';
import { wltOf } from './photo-host.ts';

/** A photo host that answers when the test says so; what the real one does is in photo-host.test.ts. */
interface FakeHost {
  folder: string;
  requests: PhotoRequest[];
  killed: boolean;
  say(message: PhotoMessage): void;
  /** Answers the newest request with a picture of one byte. */
  draw(byte: number): void;
  die(reason: string): void;
}

let clock: FakeClock;
let hosts: FakeHost[];
let lines: string[];
let decoder: PhotoDecoderPort;
let canSpawn: boolean;

beforeEach(() => {
  clock = createFakeClock();
  hosts = [];
  lines = [];
  canSpawn = true;
  decoder = createPhotoDecoder({
    clock,
    log: { write: (level, _area, text) => void lines.push(`${level} ${text}`) },
    settings: { ...settingsSchema.parse({}).photo, library: '/opt/maker/libwlt.so' },
    spawn(folder) {
      if (!canSpawn) throw new Error('ENOMEM');
      let listener: (message: PhotoMessage) => void = () => undefined;
      let exit: (reason: string) => void = () => undefined;
      const host: FakeHost = {
        folder,
        requests: [],
        killed: false,
        say: (message) => listener(message),
        draw: (byte) => listener({ id: host.requests.at(-1)!.id, kind: 'png', png: Uint8Array.of(byte) }),
        die: (reason) => exit(reason),
      };
      hosts.push(host);
      return {
        send: (message) => void host.requests.push(message),
        onMessage: (next) => void (listener = next),
        onExit: (next) => void (exit = next),
        kill() {
          host.killed = true;
          exit('exit SIGKILL');
        },
      };
    },
  });
});
afterEach(() => decoder.close());
const last = (): FakeHost => hosts.at(-1)!;

describe('photos one after another', () => {
  it('are decoded one at a time, in order', async () => {
    const photos = [decoder.decode(wltOf(1)), decoder.decode(wltOf(2))];
    await settled();
    expect(last().requests).toHaveLength(1);
    last().draw(11);
    await settled();
    expect(last().requests).toHaveLength(2);
    last().draw(22);
    expect(await Promise.all(photos)).toEqual([
      { outcome: 'decoded', png: Uint8Array.of(11) },
      { outcome: 'decoded', png: Uint8Array.of(22) },
    ]);
    expect(hosts).toHaveLength(1);
  });

  it('one that hangs costs the next one neither its turn nor its time', async () => {
    const first = decoder.decode(wltOf(1));
    await clock.advance(1000);
    const second = decoder.decode(wltOf(2));
    await clock.advance(2000);
    expect(await first).toMatchObject({ outcome: 'timeout' });
    expect(hosts.map(({ killed }) => killed)).toEqual([true, false]);
    last().draw(2);
    expect(await second).toEqual({ outcome: 'decoded', png: Uint8Array.of(2) });
  });

  it('one that waited too long behind another ends in time, and its process gets the time it needs', async () => {
    void decoder.decode(wltOf(1));
    await clock.advance(1);
    const second = decoder.decode(wltOf(2));
    await clock.advance(3000);
    expect(await second).toMatchObject({ outcome: 'timeout' });
    expect(hosts.map(({ killed }) => killed)).toEqual([true, false]);
    await clock.advance(2998);
    expect(last().killed).toBe(false);
    last().draw(2);
    await clock.advance(10);
    expect(last().killed).toBe(false);
  });

  it('one that nobody waits for any more is not sent', async () => {
    for (let n = 0; n < 3; n++) void decoder.decode(wltOf(n));
    await clock.advance(3500);
    last().draw(1);
    await settled();
    expect(hosts.flatMap(({ requests }) => requests)).toHaveLength(2);
  });

  it('answers of an earlier request or of nobody are ignored', async () => {
    const photo = decoder.decode(wltOf(1));
    await settled();
    last().say({ id: 99, kind: 'png', png: Uint8Array.of(9) });
    last().draw(1);
    last().draw(7);
    expect(await photo).toEqual({ outcome: 'decoded', png: Uint8Array.of(1) });
  });
});

describe('the process', () => {
  it('is ended when it has had no work for a minute, which is no crash', async () => {
    for (let n = 0; n < 4; n++) {
      const photo = decoder.decode(wltOf(n));
      await settled();
      last().draw(n);
      await photo;
      await clock.advance(59_000);
      expect(last().killed).toBe(false);
      await clock.advance(1000);
      expect(last().killed).toBe(true);
      expect(existsSync(last().folder)).toBe(false);
    }
    expect(hosts).toHaveLength(4);
    expect(lines).toEqual([]);
  });

  it('that ends by itself between two photos is started anew', async () => {
    const first = decoder.decode(wltOf(1));
    await settled();
    last().draw(1);
    await first;
    last().die('exit SIGSEGV');
    const second = decoder.decode(wltOf(2));
    await settled();
    last().draw(2);
    expect(await second).toMatchObject({ outcome: 'decoded' });
    expect(hosts).toHaveLength(2);
    expect(lines).toEqual(['error the photo decoder crashed']);
  });

  it('after three crashes rests for a minute, then is tried again', async () => {
    for (let n = 0; n < 3; n++) {
      const photo = decoder.decode(wltOf(n));
      await settled();
      last().die('exit SIGSEGV');
      expect(await photo).toMatchObject({ outcome: 'failed', reason: 'crashed', detail: 'exit SIGSEGV' });
    }
    expect(await decoder.decode(wltOf(1))).toMatchObject({ outcome: 'failed', reason: 'resting' });
    expect(await decoder.check()).toMatchObject({ library: 'unusable', reason: 'resting' });
    await clock.advance(59_000);
    expect(await decoder.decode(wltOf(1))).toMatchObject({ reason: 'resting' });
    expect(hosts).toHaveLength(3);
    await clock.advance(1000);
    const photo = decoder.decode(wltOf(1));
    await settled();
    last().draw(4);
    expect(await photo).toMatchObject({ outcome: 'decoded' });
  });

  it('crashes further apart than a minute do not stop it', async () => {
    for (let n = 0; n < 5; n++) {
      const photo = decoder.decode(wltOf(n));
      await settled();
      last().die('exit SIGSEGV');
      expect(await photo).toMatchObject({ reason: 'crashed' });
      await clock.advance(31_000);
    }
  });

  it('that cannot be started is a failure in words', async () => {
    canSpawn = false;
    expect(await decoder.decode(wltOf(1))).toMatchObject({
      outcome: 'failed',
      reason: 'crashed',
      detail: 'cannot be started: Error: ENOMEM',
    });
    canSpawn = true;
    const photo = decoder.decode(wltOf(1));
    await settled();
    last().draw(1);
    expect(await photo).toMatchObject({ outcome: 'decoded' });
  });

  it('what it could not remove from the disk is said in the log', async () => {
    void decoder.decode(wltOf(1));
    await settled();
    last().say({ kind: 'left-behind', count: 1 });
    expect(lines).toEqual(['error the photo decoder left files that could not be removed']);
  });
});

describe('the end', () => {
  it('kills the process and settles what was waiting; nothing is started afterwards', async () => {
    const photos = [decoder.decode(wltOf(1)), decoder.decode(wltOf(2))];
    await settled();
    await decoder.close();
    expect(last().killed).toBe(true);
    expect(existsSync(last().folder)).toBe(false);
    for (const photo of photos) expect(await photo).toMatchObject({ outcome: 'failed' });
    expect(await decoder.decode(wltOf(3))).toMatchObject({ outcome: 'failed' });
    expect(hosts).toHaveLength(1);
    expect(clock.timers()).toBe(0);
    expect(lines).toEqual([]);
  });
});
