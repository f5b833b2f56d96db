import { beforeEach, describe, expect, it } from 'vitest';
import type {
  HostMessage,
  HostProcess,
  HostRequest,
} from '../../../electron/adapters/device-host/messages.ts';
import { createDeviceHost } from '../../../electron/adapters/node/device-host.ts';
import type { DeviceInfo } from '../../../electron/core/ports/reader-device.ts';
import { createFakeClock, settled } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const HID = { bus: 'hid' } as const;
const DEVICE: DeviceInfo = {
  bus: 'hid',
  path: '/dev/hidraw0',
  vendorId: 1,
  productId: 2,
  product: 'P',
  manufacturer: 'M',
};

/** A host process under the test's control; answers lists, opens, writes and closes unless told not to. */
interface FakeHost {
  process: HostProcess;
  requests: HostRequest[];
  deaf: Set<HostRequest['op']>;
  killed: boolean;
  say(message: HostMessage): void;
  crash(reason?: string): void;
}

function fakeHost(): FakeHost {
  let heard: (message: HostMessage) => void = () => undefined;
  let exited: (reason: string) => void = () => undefined;
  const host: FakeHost = {
    requests: [],
    deaf: new Set(),
    killed: false,
    say: (message) => heard(message),
    crash: (reason = 'exit SIGSEGV') => exited(reason),
    process: {
      send(request) {
        host.requests.push(request);
        if (host.deaf.has(request.op)) return;
        const value = request.op === 'list' ? [DEVICE] : request.op === 'open' ? 7 : null;
        queueMicrotask(() => host.say({ kind: 'answer', id: request.id, value }));
      },
      onMessage: (listener) => (heard = listener),
      onExit: (listener) => (exited = listener),
      kill: () => (host.killed = true),
    },
  };
  return host;
}

let clock: FakeClock;
let hosts: FakeHost[];
let lines: string[];
let devices: ReturnType<typeof createDeviceHost>;
let prepare: (host: FakeHost) => void;
beforeEach(() => {
  clock = createFakeClock();
  hosts = [];
  lines = [];
  prepare = () => undefined;
  devices = createDeviceHost({
    clock,
    log: { write: (level, area, text) => void lines.push(`${level} ${area} ${text}`) },
    spawn() {
      const host = fakeHost();
      prepare(host);
      hosts.push(host);
      return host.process;
    },
  });
});

const last = (): FakeHost => hosts.at(-1)!;

describe('a device behind its own process', () => {
  it('is started at the first call, not before', async () => {
    expect(hosts).toHaveLength(0);
    expect(await devices.list(['hid'])).toEqual([DEVICE]);
    expect(await devices.list(['hid'])).toEqual([DEVICE]);
    expect(hosts).toHaveLength(1);
  });

  it('takes reports and gives reports, also those that came before anyone listened', async () => {
    prepare = (host) => host.deaf.add('open');
    const opening = devices.open(DEVICE.path, HID);
    await settled();
    const { id } = last().requests.at(-1)!;
    last().say({ kind: 'answer', id, value: 7 });
    last().say({ kind: 'packet', device: 7, pipe: 0, bytes: Buffer.from([1]).toString('base64') });
    const connection = await opening;
    const reports: number[][] = [];
    connection.onPacket(({ bytes }) => void reports.push([...bytes]));
    last().say({ kind: 'packet', device: 7, pipe: 0, bytes: Buffer.from([2, 3]).toString('base64') });
    expect(reports).toEqual([[1], [2, 3]]);
    await connection.write({ bytes: Uint8Array.of(0xaa, 0), pipe: 0 }, 1000);
    expect(last().requests.at(-1)).toMatchObject({ op: 'write', device: 7, pipe: 0, bytes: 'qgA=' });
  });

  it('pulled out, it is reported closed once and takes nothing more', async () => {
    const connection = await devices.open(DEVICE.path, HID);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    last().say({ kind: 'closed', device: 7, reason: 'could not read' });
    last().say({ kind: 'closed', device: 7, reason: 'could not read' });
    expect(reasons).toEqual(['could not read']);
    await expect(connection.write({ bytes: Uint8Array.of(1), pipe: 0 }, 100)).rejects.toMatchObject({
      code: 'ID_CARD_READER_FAILED',
    });
    connection.onClosed((reason) => void reasons.push(`late ${reason}`));
    expect(reasons).toEqual(['could not read', 'late could not read']);
  });

  it('closing twice closes once', async () => {
    const connection = await devices.open(DEVICE.path, HID);
    await Promise.all([connection.close(), connection.close()]);
    expect(last().requests.filter(({ op }) => op === 'close')).toHaveLength(1);
  });

  it('a refusal of the host is told with its reason', async () => {
    prepare = (host) => host.deaf.add('open');
    const opening = devices.open('/dev/hidraw9', HID);
    await settled();
    const { id } = last().requests.at(-1)!;
    last().say({ kind: 'failure', id, code: 'ID_CARD_NO_PERMISSION', reason: 'EACCES: permission denied' });
    await expect(opening).rejects.toMatchObject({
      code: 'ID_CARD_NO_PERMISSION',
      message: 'EACCES: permission denied',
    });
  });
});

describe('a crash of the host', () => {
  it('rejects what is pending, closes what is open, and the next call starts a new host', async () => {
    const connection = await devices.open(DEVICE.path, HID);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    last().deaf.add('write').add('list');
    const pending = [connection.write({ bytes: Uint8Array.of(1), pipe: 0 }, 1000), devices.list(['hid'])].map(
      (p) => p.catch((e: unknown) => e),
    );
    await settled();
    last().crash();
    for (const failure of await Promise.all(pending))
      expect(failure).toMatchObject({ code: 'ID_CARD_READER_FAILED' });
    expect(reasons).toEqual(['exit SIGSEGV']);
    expect(await devices.list(['hid'])).toEqual([DEVICE]);
    expect(hosts).toHaveLength(2);
    await expect(connection.write({ bytes: Uint8Array.of(1), pipe: 0 }, 1000)).rejects.toThrow();
    expect(clock.timers()).toBe(0);
  });

  it('three times in a minute makes it rest for a minute, with a coded failure at once', async () => {
    for (let n = 0; n < 3; n++) {
      await devices.list(['hid']);
      last().crash();
      await clock.advance(1000);
    }
    await expect(devices.list(['hid'])).rejects.toMatchObject({
      code: 'ID_CARD_DRIVER_CRASHED',
      message: expect.stringContaining('rests') as string,
    });
    await expect(devices.open(DEVICE.path, HID)).rejects.toMatchObject({ code: 'ID_CARD_DRIVER_CRASHED' });
    expect(hosts).toHaveLength(3);
    await clock.advance(60_000);
    expect(await devices.list(['hid'])).toEqual([DEVICE]);
    expect(hosts).toHaveLength(4);
  });

  it('now and then does not', async () => {
    for (let n = 0; n < 10; n++) {
      await devices.list(['hid']);
      last().crash();
      await clock.advance(31_000);
    }
    expect(await devices.list(['hid'])).toEqual([DEVICE]);
  });

  it('that comes before the host ever ran (no such file) is counted, too', async () => {
    const broken = createDeviceHost({
      clock,
      log: { write: () => undefined },
      spawn() {
        throw new Error('no such file');
      },
    });
    for (let n = 0; n < 3; n++) await expect(broken.list(['hid'])).rejects.toThrow('cannot be started');
    await expect(broken.list(['hid'])).rejects.toThrow('rests');
  });
});

describe('a host that hangs', () => {
  it.each(['list', 'open', 'close'] as const)('in %s is killed and the call ends in time', async (op) => {
    const connection = op === 'close' ? await devices.open(DEVICE.path, HID) : null;
    prepare = (host) => host.deaf.add(op);
    hosts.at(-1)?.deaf.add(op);
    let settledCall = false;
    const call =
      op === 'list'
        ? devices.list(['hid'])
        : op === 'open'
          ? devices.open(DEVICE.path, HID)
          : connection!.close();
    const result = call.catch((error: unknown) => error).finally(() => (settledCall = true));
    await clock.advance(5000);
    expect(settledCall).toBe(true);
    if (op !== 'close') expect(await result).toMatchObject({ code: 'ID_CARD_TIMEOUT' });
    expect(last().killed).toBe(true);
    prepare = () => undefined;
    expect(await devices.list(['hid'])).toEqual([DEVICE]);
    expect(hosts).toHaveLength(2);
  });

  it('that takes long to load a library on a slow disk is given the time, once', async () => {
    prepare = (host) => host.deaf.add('load');
    const opening = devices.open(DEVICE.path, HID);
    await clock.advance(12_000);
    expect(last().killed).toBe(false);
    last().say({ kind: 'answer', id: last().requests[0]!.id, value: null });
    expect(await opening).toBeDefined();
    expect(last().requests.map(({ op }) => op)).toEqual(['load', 'open']);
    await devices.list(['hid']);
    expect(last().requests.map(({ op }) => op)).toEqual(['load', 'open', 'list']);
  });

  it('that never loads it is killed, and the call ends', async () => {
    prepare = (host) => host.deaf.add('load');
    const result = devices.list(['serial']).catch((error: unknown) => error);
    await clock.advance(15_000);
    expect(await result).toMatchObject({ code: 'ID_CARD_TIMEOUT' });
    expect(last().killed).toBe(true);
  });

  it('in a write ends the write within its limit and leaves the host alive', async () => {
    const connection = await devices.open(DEVICE.path, HID);
    last().deaf.add('write');
    const write = connection
      .write({ bytes: Uint8Array.of(1), pipe: 0 }, 1000)
      .catch((error: unknown) => error);
    await clock.advance(1200);
    expect(await write).toMatchObject({ code: 'ID_CARD_TIMEOUT' });
    expect(last().killed).toBe(false);
  });

  it('answers that come too late are ignored', async () => {
    const connection = await devices.open(DEVICE.path, HID);
    last().deaf.add('write');
    const write = connection.write({ bytes: Uint8Array.of(1), pipe: 0 }, 100).catch(() => 'expired');
    await clock.advance(400);
    expect(await write).toBe('expired');
    last().say({ kind: 'answer', id: last().requests.at(-1)!.id, value: null });
    last().say({ kind: 'packet', device: 99, pipe: 0, bytes: '' });
  });
});

describe('the end', () => {
  it('kills the host, closes devices and refuses calls; that is no crash', async () => {
    const connection = await devices.open(DEVICE.path, HID);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    await devices.close();
    expect(last().killed).toBe(true);
    expect(reasons).toEqual(['closed']);
    last().crash();
    expect(lines).toEqual([]);
    await expect(devices.list(['hid'])).rejects.toMatchObject({ code: 'ID_CARD_READER_FAILED' });
  });

  it('what the host has to say reaches the log', async () => {
    await devices.list(['hid']);
    last().say({ kind: 'log', level: 'warning', text: 'HID devices cannot be used here', reason: 'libusb' });
    expect(lines).toEqual(['warning device-host HID devices cannot be used here']);
  });
});
