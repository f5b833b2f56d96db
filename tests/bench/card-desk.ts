import { forkDeviceHost } from '../../electron/adapters/device-host/host-processes.ts';
import { createSystemClock } from '../../electron/adapters/node/clock.ts';
import { createDeviceHost } from '../../electron/adapters/node/device-host.ts';
import { createCardReader } from '../../electron/core/id-card/card-reader.ts';
import { loadReaderProfiles } from '../../electron/core/id-card/load-reader-profiles.ts';
import type { ClockPort } from '../../electron/core/ports/clock.ts';
import type { LogPort } from '../../electron/core/ports/log.ts';
import type { ReaderDevicePort } from '../../electron/core/ports/reader-device.ts';

/**
 * The main process of a desk, as far as the card reader goes: the reader logic, and the real device host as its child.
 * Told what to do by its parent: `node card-desk.mjs DEVICE_HOST PROFILES SETTING SPEED`. Speed 1 is the real time; with
 * more the waits between two looks at the card are shortened, so that a thousand cards take half a minute.
 */
const [, , hostFile = '', profiles = '', profile = '', speedText = '1'] = process.argv;
const speed = Number(speedText);
const say = (message: object): void => void process.send?.(message);

const real = createSystemClock();
const clock: ClockPort = {
  now: () => real.now(),
  monotonic: () => real.monotonic() * speed,
  after: (ms, run) => real.after(ms / speed, run),
};
const log: LogPort = {
  write(level, area, text, data) {
    if (level === 'warning' || level === 'error') say({ kind: 'log', level, area, text, data });
  },
};

let lastPacketAt = 0;
const host = createDeviceHost({
  clock: real,
  log,
  spawn() {
    const child = forkDeviceHost(hostFile);
    say({ kind: 'host' });
    return child;
  },
});
/** Notes when a packet arrives, before the program has seen it. */
const devices: ReaderDevicePort = {
  list: (buses) => host.list(buses),
  async open(path, access) {
    const connection = await host.open(path, access);
    return {
      ...connection,
      onPacket(listener) {
        connection.onPacket((packet) => {
          lastPacketAt = performance.now();
          listener(packet);
        });
      },
    };
  },
};

const reader = createCardReader({
  clock,
  log,
  devices,
  demoReader: { list: () => Promise.resolve([]), open: () => Promise.reject(new Error('no demonstration')) },
  mode: 'real',
  profile,
  profiles: await loadReaderProfiles([profiles], log),
});
reader.onRead((read) => {
  const parsedAt = performance.now();
  say({
    kind: 'read',
    afterPacketMs: parsedAt - lastPacketAt,
    parsedAt: performance.timeOrigin + parsedAt,
    complete: read.document.number !== '' && read.document.warnings.length === 0,
  });
});
reader.onState((state) => say({ kind: 'phase', phase: state.phase, error: state.error }));
process.on('message', (message) => {
  if (message === 'stop') void stop();
});
process.on('disconnect', () => process.exit(0));
await reader.start();

async function stop(): Promise<void> {
  await reader.stop();
  await host.close();
  process.exit(0);
}
