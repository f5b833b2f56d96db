import { beforeEach, describe, expect, it } from 'vitest';
import type {
  HostMessage,
  HostProcess,
  HostRequest,
} from '../../../electron/adapters/device-host/messages.ts';
import { createHidHost } from '../../../electron/adapters/node/hid-host.ts';
import type { HidDeviceInfo } from '../../../electron/core/ports/hid.ts';
import { createFakeClock, settled } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

const DEVICE: HidDeviceInfo = {
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
let hid: ReturnType<typeof createHidHost>;
let prepare: (host: FakeHost) => void;
beforeEach(() => {
  clock = createFakeClock();
  hosts = [];
  lines = [];
  prepare = () => undefined;
  hid = createHidHost({
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
    expect(await hid.list()).toEqual([DEVICE]);
    expect(await hid.list()).toEqual([DEVICE]);
    expect(hosts).toHaveLength(1);
  });

  it('takes reports and gives reports, also those that came before anyone listened', async () => {
    prepare = (host) => host.deaf.add('open');
    const opening = hid.open(DEVICE.path);
    await settled();
    const { id } = last().requests[0]!;
    last().say({ kind: 'answer', id, value: 7 });
    last().say({ kind: 'report', device: 7, report: Buffer.from([1]).toString('base64') });
    const connection = await opening;
    const reports: number[][] = [];
    connection.onReport((report) => void reports.push([...report]));
    last().say({ kind: 'report', device: 7, report: Buffer.from([2, 3]).toString('base64') });
    expect(reports).toEqual([[1], [2, 3]]);
    await connection.write(Uint8Array.of(0xaa, 0), 1000);
    expect(last().requests.at(-1)).toMatchObject({ op: 'write', device: 7, report: 'qgA=' });
  });

  it('pulled out, it is reported closed once and takes nothing more', async () => {
    const connection = await hid.open(DEVICE.path);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    last().say({ kind: 'closed', device: 7, reason: 'could not read' });
    last().say({ kind: 'closed', device: 7, reason: 'could not read' });
    expect(reasons).toEqual(['could not read']);
    await expect(connection.write(Uint8Array.of(1), 100)).rejects.toMatchObject({
      code: 'ID_CARD_READER_FAILED',
    });
    connection.onClosed((reason) => void reasons.push(`late ${reason}`));
    expect(reasons).toEqual(['could not read', 'late could not read']);
  });

  it('closing twice closes once', async () => {
    const connection = await hid.open(DEVICE.path);
    await Promise.all([connection.close(), connection.close()]);
    expect(last().requests.filter(({ op }) => op === 'close')).toHaveLength(1);
  });

  it('a refusal of the host is told with its reason', async () => {
    prepare = (host) => host.deaf.add('open');
    const opening = hid.open('/dev/hidraw9');
    await settled();
    last().say({ kind: 'failure', id: last().requests[0]!.id, reason: 'EACCES: permission denied' });
    await expect(opening).rejects.toMatchObject({
      code: 'ID_CARD_READER_FAILED',
      message: 'EACCES: permission denied',
    });
  });
});

describe('a crash of the host', () => {
  it('rejects what is pending, closes what is open, and the next call starts a new host', async () => {
    const connection = await hid.open(DEVICE.path);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    last().deaf.add('write').add('list');
    const pending = [connection.write(Uint8Array.of(1), 1000), hid.list()].map((p) =>
      p.catch((e: unknown) => e),
    );
    await settled();
    last().crash();
    for (const failure of await Promise.all(pending))
      expect(failure).toMatchObject({ code: 'ID_CARD_READER_FAILED' });
    expect(reasons).toEqual(['exit SIGSEGV']);
    expect(await hid.list()).toEqual([DEVICE]);
    expect(hosts).toHaveLength(2);
    await expect(connection.write(Uint8Array.of(1), 1000)).rejects.toThrow();
    expect(clock.timers()).toBe(0);
  });

  it('three times in a minute makes it rest for a minute, with a coded failure at once', async () => {
    for (let n = 0; n < 3; n++) {
      await hid.list();
      last().crash();
      await clock.advance(1000);
    }
    await expect(hid.list()).rejects.toMatchObject({
      code: 'ID_CARD_READER_FAILED',
      message: expect.stringContaining('rests') as string,
    });
    await expect(hid.open(DEVICE.path)).rejects.toMatchObject({ code: 'ID_CARD_READER_FAILED' });
    expect(hosts).toHaveLength(3);
    await clock.advance(60_000);
    expect(await hid.list()).toEqual([DEVICE]);
    expect(hosts).toHaveLength(4);
  });

  it('now and then does not', async () => {
    for (let n = 0; n < 10; n++) {
      await hid.list();
      last().crash();
      await clock.advance(31_000);
    }
    expect(await hid.list()).toEqual([DEVICE]);
  });

  it('that comes before the host ever ran (no such file) is counted, too', async () => {
    const broken = createHidHost({
      clock,
      log: { write: () => undefined },
      spawn() {
        throw new Error('no such file');
      },
    });
    for (let n = 0; n < 3; n++) await expect(broken.list()).rejects.toThrow('cannot be started');
    await expect(broken.list()).rejects.toThrow('rests');
  });
});

describe('a host that hangs', () => {
  it.each(['list', 'open', 'close'] as const)('in %s is killed and the call ends in time', async (op) => {
    const connection = op === 'close' ? await hid.open(DEVICE.path) : null;
    prepare = (host) => host.deaf.add(op);
    hosts.at(-1)?.deaf.add(op);
    let settledCall = false;
    const call = op === 'list' ? hid.list() : op === 'open' ? hid.open(DEVICE.path) : connection!.close();
    const result = call.catch((error: unknown) => error).finally(() => (settledCall = true));
    await clock.advance(5000);
    expect(settledCall).toBe(true);
    if (op !== 'close') expect(await result).toMatchObject({ code: 'ID_CARD_TIMEOUT' });
    expect(last().killed).toBe(true);
    prepare = () => undefined;
    expect(await hid.list()).toEqual([DEVICE]);
    expect(hosts).toHaveLength(2);
  });

  it('in a write ends the write within its limit and leaves the host alive', async () => {
    const connection = await hid.open(DEVICE.path);
    last().deaf.add('write');
    const write = connection.write(Uint8Array.of(1), 1000).catch((error: unknown) => error);
    await clock.advance(1200);
    expect(await write).toMatchObject({ code: 'ID_CARD_TIMEOUT' });
    expect(last().killed).toBe(false);
  });

  it('answers that come too late are ignored', async () => {
    const connection = await hid.open(DEVICE.path);
    last().deaf.add('write');
    const write = connection.write(Uint8Array.of(1), 100).catch(() => 'expired');
    await clock.advance(400);
    expect(await write).toBe('expired');
    last().say({ kind: 'answer', id: last().requests.at(-1)!.id, value: null });
    last().say({ kind: 'report', device: 99, report: '' });
  });
});

describe('the end', () => {
  it('kills the host, closes devices and refuses calls; that is no crash', async () => {
    const connection = await hid.open(DEVICE.path);
    const reasons: string[] = [];
    connection.onClosed((reason) => void reasons.push(reason));
    await hid.close();
    expect(last().killed).toBe(true);
    expect(reasons).toEqual(['closed']);
    last().crash();
    expect(lines).toEqual([]);
    await expect(hid.list()).rejects.toMatchObject({ code: 'ID_CARD_READER_FAILED' });
  });

  it('what the host has to say reaches the log', async () => {
    await hid.list();
    last().say({ kind: 'log', level: 'warning', text: 'HID devices cannot be used here', reason: 'libusb' });
    expect(lines).toEqual(['warning device-host HID devices cannot be used here']);
  });
});
