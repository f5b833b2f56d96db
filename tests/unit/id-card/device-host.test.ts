import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  BackendDevice,
  DeviceBackend,
  DeviceEvents,
} from '../../../electron/adapters/device-host/device-backend.ts';
import { failureCode } from '../../../electron/adapters/device-host/device-error.ts';
import { createDeviceService } from '../../../electron/adapters/device-host/device-service.ts';
import { hidFailure } from '../../../electron/adapters/device-host/backends/node-hid.ts';
import { hidrawBackend } from '../../../electron/adapters/device-host/backends/hidraw.ts';
import { forkDeviceHost, utilityDeviceHost } from '../../../electron/adapters/device-host/host-processes.ts';
import type { HostMessage, HostProcess } from '../../../electron/adapters/device-host/messages.ts';
import { describeReports } from '../../../electron/core/id-card/admin/report-descriptor.ts';
import { createDeviceHost } from '../../../electron/adapters/node/device-host.ts';
import type { ClockPort } from '../../../electron/core/ports/clock.ts';
import type { DeviceInfo } from '../../../electron/core/ports/reader-device.ts';
import { bytesOf } from './hex.ts';

const HID = { bus: 'hid' } as const;

const info = (path: string, usagePage: number, usage: number): DeviceInfo => ({
  bus: 'hid',
  path,
  vendorId: 0x10c4,
  productId: 7,
  usagePage,
  usage,
  product: '',
  manufacturer: '',
});

/** A backend without devices of its own: what was opened and written, and handles to make it speak. */
function fakeBackend(devices: DeviceInfo[]) {
  const written: string[] = [];
  const opened: string[] = [];
  let events: DeviceEvents | null = null;
  let closes = 0;
  const device: BackendDevice = {
    write: ({ bytes }) => Promise.resolve(void written.push(Buffer.from(bytes).toString('hex'))),
    close() {
      closes += 1;
      return Promise.resolve();
    },
  };
  const backend: DeviceBackend = {
    list: () => Promise.resolve(devices),
    open(path, _access, listeners) {
      opened.push(path);
      events = listeners;
      return Promise.resolve(device);
    },
  };
  return {
    backend,
    written,
    opened,
    closes: () => closes,
    report: (bytes: Uint8Array) => events?.onPacket({ bytes, pipe: 0 }),
    gone: (w: string) => events?.onGone(w),
  };
}

describe('what the device host does', () => {
  it('lists, opens, writes, passes reports on and closes', async () => {
    const said: HostMessage[] = [];
    const fake = fakeBackend([info('a', 0xff00, 1)]);
    const handle = createDeviceService({
      loadBackend: () => Promise.resolve(fake.backend),
      send: (m) => void said.push(m),
    });
    await handle({ id: 1, op: 'list', buses: ['hid'] });
    await handle({ id: 2, op: 'open', path: 'a', access: HID });
    await handle({
      id: 3,
      op: 'write',
      device: 1,
      pipe: 0,
      bytes: Buffer.from([0x88, 0]).toString('base64'),
    });
    const report = Uint8Array.of(0xaa);
    fake.report(report);
    // Passed on, nothing of it stays behind.
    expect(report).toEqual(Uint8Array.of(0));
    await handle({ id: 4, op: 'close', device: 1 });
    await handle({ id: 5, op: 'write', device: 1, pipe: 0, bytes: '' });
    expect(said).toEqual([
      { kind: 'answer', id: 1, value: [info('a', 0xff00, 1)] },
      { kind: 'answer', id: 2, value: 1 },
      { kind: 'answer', id: 3, value: null },
      { kind: 'packet', device: 1, pipe: 0, bytes: 'qg==' },
      { kind: 'answer', id: 4, value: null },
      { kind: 'failure', id: 5, code: 'ID_CARD_READER_FAILED', reason: 'the device is not open' },
    ]);
    expect(fake.written).toEqual(['8800']);
    expect(fake.closes()).toBe(1);
  });

  it('neither lists nor opens keyboards and mice', async () => {
    const said: HostMessage[] = [];
    const fake = fakeBackend([info('keyboard', 1, 6), info('mouse', 1, 2), info('reader', 1, 0)]);
    const handle = createDeviceService({
      loadBackend: () => Promise.resolve(fake.backend),
      send: (m) => void said.push(m),
    });
    await handle({ id: 1, op: 'list', buses: ['hid'] });
    await handle({ id: 2, op: 'open', path: 'keyboard', access: HID });
    await handle({ id: 3, op: 'open', path: 'nowhere', access: HID });
    expect(said).toEqual([
      { kind: 'answer', id: 1, value: [info('reader', 1, 0)] },
      { kind: 'failure', id: 2, code: 'ID_CARD_READER_MISSING', reason: 'no such device' },
      { kind: 'failure', id: 3, code: 'ID_CARD_READER_MISSING', reason: 'no such device' },
    ]);
    expect(fake.opened).toEqual([]);
  });

  it('lists keyboards for whoever asks, and opens no path on which one of the entries types', async () => {
    const said: HostMessage[] = [];
    const fake = fakeBackend([info('both', 0xff00, 1), info('both', 1, 6), info('reader', 0xff00, 1)]);
    const handle = createDeviceService({
      loadBackend: () => Promise.resolve(fake.backend),
      send: (m) => void said.push(m),
    });
    await handle({ id: 1, op: 'list', buses: ['hid'], withTyping: true });
    await handle({ id: 2, op: 'list', buses: ['hid'] });
    await handle({ id: 3, op: 'open', path: 'both', access: HID });
    expect(said).toEqual([
      {
        kind: 'answer',
        id: 1,
        value: [info('both', 0xff00, 1), info('both', 1, 6), info('reader', 0xff00, 1)],
      },
      { kind: 'answer', id: 2, value: [info('reader', 0xff00, 1)] },
      { kind: 'failure', id: 3, code: 'ID_CARD_READER_MISSING', reason: 'no such device' },
    ]);
    expect(fake.opened).toEqual([]);
  });

  it('without a library there are no devices, said once, and looked for again', async () => {
    const said: HostMessage[] = [];
    const fake = fakeBackend([info('a', 0xff00, 1)]);
    let missing = true;
    const handle = createDeviceService({
      loadBackend: () => (missing ? Promise.reject(new Error('no libusb')) : Promise.resolve(fake.backend)),
      send: (message) => void said.push(message),
    });
    await Promise.all([
      handle({ id: 1, op: 'list', buses: ['hid'] }),
      handle({ id: 2, op: 'list', buses: ['hid'] }),
    ]);
    missing = false;
    await handle({ id: 3, op: 'list', buses: ['hid'] });
    expect(said).toEqual([
      { kind: 'log', level: 'warning', text: 'hid devices cannot be used here', reason: 'Error: no libusb' },
      { kind: 'answer', id: 1, value: [] },
      { kind: 'answer', id: 2, value: [] },
      { kind: 'answer', id: 3, value: [info('a', 0xff00, 1)] },
    ]);
  });

  it('a bus whose library cannot be loaded has no driver, and says so when a device is opened', async () => {
    const said: HostMessage[] = [];
    const handle = createDeviceService({
      loadBackend: () => Promise.reject(new Error('no build for this processor')),
      send: (m) => void said.push(m),
    });
    await handle({ id: 1, op: 'open', path: 'COM3', access: { bus: 'serial', baudRate: 9600 } });
    expect(said.at(-1)).toMatchObject({ kind: 'failure', code: 'ID_CARD_DRIVER_MISSING' });
  });

  it('one bus that cannot be looked at hides no other, and says so once', async () => {
    const said: HostMessage[] = [];
    const fake = fakeBackend([info('a', 0xff00, 1)]);
    const handle = createDeviceService({
      loadBackend: (bus) =>
        Promise.resolve(
          bus === 'hid'
            ? fake.backend
            : { ...fake.backend, list: () => Promise.reject(new Error('usbfs is not there')) },
        ),
      send: (m) => void said.push(m),
    });
    await handle({ id: 1, op: 'list', buses: ['usb', 'hid'] });
    await handle({ id: 2, op: 'list', buses: ['usb', 'hid'] });
    expect(said.map((m) => (m.kind === 'answer' ? m.value : m.kind))).toEqual([
      'log',
      [info('a', 0xff00, 1)],
      [info('a', 0xff00, 1)],
    ]);
  });

  it('says once that a device is gone, and closes what is left of it', async () => {
    const said: HostMessage[] = [];
    const fake = fakeBackend([info('a', 0xff00, 1)]);
    const handle = createDeviceService({
      loadBackend: () => Promise.resolve(fake.backend),
      send: (m) => void said.push(m),
    });
    await handle({ id: 1, op: 'open', path: 'a', access: HID });
    fake.gone('could not read from HID device');
    fake.gone('could not read from HID device');
    expect(said.slice(1)).toEqual([{ kind: 'closed', device: 1, reason: 'could not read from HID device' }]);
    expect(fake.closes()).toBe(1);
  });
});

describe('a HID device that cannot be opened', () => {
  it.each([
    ['cannot open device with path /dev/hidraw0: Permission denied', 'ID_CARD_NO_PERMISSION'],
    ['cannot open device: (0x00000005) Access is denied.', 'ID_CARD_READER_BUSY'],
    ['cannot open device with path /dev/hidraw0: No such file or directory', 'ID_CARD_READER_MISSING'],
    ['something else', 'ID_CARD_READER_FAILED'],
  ])('%s', (words, code) => {
    expect(failureCode(hidFailure(new Error(words)))).toBe(code);
  });
});

describe('HID report descriptors', () => {
  it('tell keyboards from readers', () => {
    const keyboard = bytesOf('05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 C0');
    const reader = bytesOf('06 00 FF 09 01 A1 01 09 02 15 00 26 FF 00 75 08 95 40 81 02 09 03 91 02 C0');
    expect(describeReports(keyboard).usages).toEqual([{ usagePage: 1, usage: 6 }]);
    expect(describeReports(reader).usages).toEqual([{ usagePage: 0xff00, usage: 1 }]);
    expect(describeReports(Uint8Array.of(...keyboard, ...reader)).usages).toEqual([
      { usagePage: 1, usage: 6 },
      { usagePage: 0xff00, usage: 1 },
    ]);
    expect(describeReports(bytesOf('0B 02 00 01 00 A1 01 C0')).usages).toEqual([{ usagePage: 1, usage: 2 }]);
    expect(describeReports(bytesOf('FE 02 00 01 02 05 01 09')).usages).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('hidraw without a library', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'hidraw-'));
    for (const [name, uevent, descriptor] of [
      [
        'hidraw0',
        'DRIVER=hid-generic\nHID_ID=0003:000010C4:00000007\nHID_NAME=中正 MR-300\n',
        '06 00 FF 09 01 A1 01 C0',
      ],
      ['hidraw1', 'HID_ID=0003:0000046D:0000C31C\nHID_NAME=Keyboard\n', '05 01 09 06 A1 01 C0'],
      ['hidraw2', 'HID_NAME=broken\n', ''],
    ] as const) {
      await mkdir(join(root, 'sys', name, 'device'), { recursive: true });
      await writeFile(join(root, 'sys', name, 'device', 'uevent'), uevent);
      await writeFile(join(root, 'sys', name, 'device', 'report_descriptor'), bytesOf(descriptor));
    }
    await mkdir(join(root, 'dev'));
    // What is written to a pipe opened both ways comes back: the kernel's part of a device that echoes.
    execFileSync('mkfifo', [join(root, 'dev', 'hidraw0')]);
  });
  afterAll(() => rm(root, { recursive: true }));
  const roots = () => ({ sys: join(root, 'sys'), dev: join(root, 'dev') });

  it('lists what the kernel shows', async () => {
    expect(await hidrawBackend(roots()).list()).toEqual([
      { ...info(join(root, 'dev', 'hidraw0'), 0xff00, 1), product: '中正 MR-300' },
      {
        ...info(join(root, 'dev', 'hidraw1'), 1, 6),
        vendorId: 0x046d,
        productId: 0xc31c,
        product: 'Keyboard',
      },
    ]);
    expect(await hidrawBackend({ sys: join(root, 'none'), dev: '/dev' }).list()).toEqual([]);
  });

  it('writes with the report id in front and reads what comes', async () => {
    const reports: Uint8Array[] = [];
    const device = await hidrawBackend(roots()).open(join(root, 'dev', 'hidraw0'), HID, {
      onPacket: ({ bytes }) => void reports.push(bytes),
      onGone: (reason) => expect.unreachable(reason),
    });
    await device.write({ bytes: Uint8Array.of(0x88, 1, 2), pipe: 0 });
    await expect.poll(() => reports.map((report) => [...report])).toEqual([[0, 0x88, 1, 2]]);
    await device.close();
    await expect(device.write({ bytes: Uint8Array.of(1), pipe: 0 })).rejects.toThrow('closed');
  });

  it('an unknown path is a failure, not a crash', async () => {
    const nothing = { onPacket: () => undefined, onGone: () => undefined };
    await expect(hidrawBackend(roots()).open(join(root, 'dev', 'hidraw9'), HID, nothing)).rejects.toThrow(
      'ENOENT',
    );
  });
});

describe('the real device host process', () => {
  const outDir = resolve(import.meta.dirname, '../../.artifacts/device-host');
  const clock: ClockPort = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  const lines: string[] = [];
  const log = { write: (level: string, _area: string, text: string) => void lines.push(`${level} ${text}`) };

  beforeAll(() =>
    build({
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, external: ['node-hid', 'usb', 'serialport', 'koffi'] },
      build: {
        ssr: true,
        target: 'node20',
        outDir,
        emptyOutDir: true,
        rolldownOptions: {
          input: { index: resolve(import.meta.dirname, '../../../electron/adapters/device-host/index.ts') },
        },
      },
    }),
  );

  it('starts, lists without crashing, and comes back after being killed', async () => {
    const processes: HostProcess[] = [];
    const host = createDeviceHost({
      clock,
      log,
      spawn() {
        const child = forkDeviceHost(join(outDir, 'index.js'));
        processes.push(child);
        return child;
      },
    });
    const devices = await host.list(['hid']);
    expect(
      devices.every((device) => !(device.usagePage === 1 && (device.usage === 6 || device.usage === 2))),
    ).toBe(true);
    await expect(host.open('/dev/no-such-device', HID)).rejects.toMatchObject({ message: 'no such device' });
    processes[0]!.kill();
    await expect.poll(() => lines.some((line) => line.startsWith('error the device host ended'))).toBe(true);
    expect(await host.list(['hid'])).toEqual(devices);
    expect(processes).toHaveLength(2);
    await host.close();
  });

  it('a host whose file is missing is a crash in words', async () => {
    const host = createDeviceHost({ clock, log, spawn: () => forkDeviceHost(join(outDir, 'missing.js')) });
    await expect(host.list(['hid'])).rejects.toMatchObject({
      code: 'ID_CARD_READER_FAILED',
      message: expect.stringContaining('exit 1') as string,
    });
    await host.close();
  });

  it('a utility process of Electron is spoken to in the same words', () => {
    const sent: unknown[] = [];
    const listeners = new Map<string, (value: never) => void>();
    const host = utilityDeviceHost({
      postMessage: (message) => void sent.push(message),
      on: (event, listener) => listeners.set(event, listener),
      once: (event, listener) => listeners.set(event, listener),
      kill: () => true,
    });
    const heard: unknown[] = [];
    host.onMessage((message) => void heard.push(message));
    host.onExit((reason) => void heard.push(reason));
    host.send({ id: 1, op: 'list', buses: ['hid'] });
    listeners.get('message')!({ kind: 'answer', id: 1, value: [] } as never);
    listeners.get('exit')!(139 as never);
    expect(sent).toEqual([{ id: 1, op: 'list', buses: ['hid'] }]);
    expect(heard).toEqual([{ kind: 'answer', id: 1, value: [] }, 'exit 139']);
  });
});
