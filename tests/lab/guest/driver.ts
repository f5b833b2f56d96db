import { forkDeviceHost } from '../../../electron/adapters/device-host/host-processes.ts';
import { createSystemClock } from '../../../electron/adapters/node/clock.ts';
import { createDeviceHost } from '../../../electron/adapters/node/device-host.ts';
import { createCardReader } from '../../../electron/core/id-card/card-reader.ts';
import { loadReaderProfiles } from '../../../electron/core/id-card/load-reader-profiles.ts';
import type { ReaderProfile } from '../../../electron/core/id-card/reader-profile.ts';
import type { LogPort } from '../../../electron/core/ports/log.ts';
import type { DeviceConnection, ReaderDevicePort } from '../../../electron/core/ports/reader-device.ts';
import { CodedError } from '../../../shared/contract/errors.ts';
import type { DriverOrder, DriverReport, DriverStart } from './messages.ts';
import { readWithFingerprint } from './read-with-fingerprint.ts';

/**
 * The computer's side: the reader logic of the program with the device host as the plain-Node shell puts
 * them together (`electron/standalone/machine.ts`), told what to do by the conductor. Runs as any user.
 */

const report = (message: DriverReport): void => void process.send?.(message);
const clock = createSystemClock();
const log: LogPort = {
  write: (level, area, text, data) =>
    report({ said: 'log', level, text: `${area}: ${text}`, data: JSON.stringify(data ?? {}) }),
};

/** Counts, beside the real port, how many packets answer each thing that is written. */
let packets = 0;
let mostPackets = 0;
const takeMost = (): number => {
  const most = mostPackets;
  mostPackets = 0;
  return most;
};

function counted(connection: DeviceConnection): DeviceConnection {
  return {
    ...connection,
    write(packet, timeoutMs) {
      packets = 0;
      return connection.write(packet, timeoutMs);
    },
    onPacket(listener) {
      connection.onPacket((packet) => {
        packets += 1;
        mostPackets = Math.max(mostPackets, packets);
        listener(packet);
      });
    },
  };
}

interface Parts {
  devices: ReaderDevicePort;
  profiles: ReaderProfile[];
}

async function assemble(options: DriverStart): Promise<Parts> {
  const host = createDeviceHost({ spawn: () => forkDeviceHost(options.deviceHost), clock, log });
  return {
    devices: {
      list: (buses) => host.list(buses),
      open: async (path, access) => counted(await host.open(path, access)),
    },
    profiles: await loadReaderProfiles(options.profiles, log),
  };
}

async function runReader({ devices, profiles }: Parts, options: DriverStart): Promise<void> {
  const none: ReaderDevicePort = {
    list: () => Promise.resolve([]),
    open: () => Promise.reject(new Error('there is no simulated reader on this side')),
  };
  const reader = createCardReader({
    clock,
    log,
    devices,
    demoReader: none,
    mode: 'real',
    profiles,
    readFingerprint: options.readFingerprint ?? false,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
  });
  reader.onState((state) => report({ said: 'state', state }));
  reader.onRead((read) => report({ said: 'read', read, packets: takeMost() }));
  await reader.start();
}

function failed(error: unknown): void {
  const code = error instanceof CodedError ? error.code : 'INTERNAL';
  report({ said: 'failed', code, reason: String(error) });
}

async function fingerprint(parts: Parts): Promise<void> {
  const { sw3, data } = await readWithFingerprint({ ...parts, clock, log });
  report({ said: 'answer', sw3, data: Buffer.from(data).toString('base64'), packets: takeMost() });
}

let parts: Promise<Parts> | null = null;
process.on('message', (order: DriverOrder) => {
  if (order.do === 'start') {
    const { options } = order;
    parts = assemble(options);
    if (!options.commandsOnly) parts.then((ready) => runReader(ready, options)).catch(failed);
  } else parts?.then(fingerprint).catch(failed);
});
process.on('disconnect', () => process.exit(0));
