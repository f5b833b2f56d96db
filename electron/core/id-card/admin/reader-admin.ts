import { CodedError } from '../../../../shared/contract/errors.ts';
import type { Output, ParsedInput } from '../../../../shared/contract/index.ts';
import type { ReaderVerdict } from '../../../../shared/contract/reader.ts';
import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';
import type { DeviceInfo, ReaderDevicePort } from '../../ports/reader-device.ts';
import type { CardReader } from '../card-reader.ts';
import type { ReaderProfile } from '../reader-profile.ts';
import { busOf } from '../reader-profile.ts';
import { mayOpenNode } from './device-node.ts';
import type { FrameLog } from './frame-log.ts';
import { LISTED_BUSES, inspectDevices } from './inspect-devices.ts';
import { probeDevice } from './probe-device.ts';
import { testRead } from './test-read.ts';

/** What the reader page asks: see shared/contract/reader.ts. */
export interface ReaderAdmin {
  devices(): Promise<Output<'reader.devices'>>;
  probe(input: ParsedInput<'reader.probe'>): Promise<Output<'reader.probe'>>;
  testRead(input: ParsedInput<'reader.testRead'>): Promise<Output<'reader.testRead'>>;
  endTest(): Promise<Output<'reader.endTest'>>;
  frames(input: ParsedInput<'reader.frames'>): Promise<Output<'reader.frames'>>;
}

export interface ReaderAdminPorts {
  clock: ClockPort;
  log: LogPort;
  devices: ReaderDevicePort;
  reader: CardReader;
  frames: FrameLog;
  profiles: readonly ReaderProfile[];
  /** Ids of the profiles that come from this installation's own folder. */
  ownProfiles: ReadonlySet<string>;
  mayOpen?: (device: DeviceInfo) => Promise<boolean | null>;
}

export function createReaderAdmin(ports: ReaderAdminPorts): ReaderAdmin {
  const { clock, log, devices, reader, frames, profiles, ownProfiles, mayOpen = mayOpenNode } = ports;
  /** What devices have told of themselves since the start, by ids: plugged in elsewhere they are still the same. */
  const cloudOnly = new Set<string>();
  let probing = false;
  /** The test read that is running. */
  let test: AbortController | null = null;

  const keyOf = (device: DeviceInfo): string =>
    `${device.bus} ${String(device.vendorId)} ${String(device.productId)}`;

  reader.onState(({ phase, error }) => {
    const device = reader.device();
    if (device && error === 'ID_CARD_CLOUD_ONLY') cloudOnly.add(keyOf(device));
    // Another unit of the same kind, with a module of its own.
    if (device && phase === 'waiting') cloudOnly.delete(keyOf(device));
  });

  const learnt = (device: DeviceInfo): ReaderVerdict | null =>
    cloudOnly.has(keyOf(device)) ? 'cloud-only' : null;

  const probe: ReaderAdmin['probe'] = async ({ bus, path, profiles: asked }) => {
    if (probing) throw new CodedError('ID_CARD_READER_BUSY', 'a probe is running');
    const inUse = reader.device();
    if (inUse?.bus === bus && inUse.path === path)
      throw new CodedError('ID_CARD_READER_BUSY', 'it is the reader in use');
    // A library is code: which file is loaded is for the settings to say, not for a page.
    if (!LISTED_BUSES.includes(bus)) throw new CodedError('WIRE_BAD_INPUT', 'libraries are not probed');
    probing = true;
    try {
      const device = (await devices.list([bus])).find((each) => each.path === path);
      if (!device) throw new CodedError('ID_CARD_READER_MISSING', 'no such device');
      const wanted = asked
        ? asked.flatMap((id) => profiles.find((profile) => profile.id === id) ?? [])
        : profiles;
      const attempts = await probeDevice({ devices, clock, log, frames }, device, wanted);
      if (attempts.some(({ outcome }) => outcome === 'ID_CARD_CLOUD_ONLY')) cloudOnly.add(keyOf(device));
      if (attempts.some(({ outcome }) => outcome === 'answered')) cloudOnly.delete(keyOf(device));
      log.write('info', 'id-card', 'a device was probed', { bus, attempts });
      return { attempts };
    } finally {
      probing = false;
    }
  };

  return {
    devices: async () => ({
      devices: await inspectDevices({ devices, profiles, inUse: reader.device(), learnt, mayOpen }),
      profiles: profiles.map((profile) => ({
        id: profile.id,
        name: profile.name,
        bus: busOf(profile),
        own: ownProfiles.has(profile.id),
      })),
    }),
    probe,
    async testRead({ limitMs }) {
      const mine = new AbortController();
      const result = testRead({ reader, frames, clock }, limitMs, mine.signal);
      // A second one at once is refused, and must not take the first one's end away.
      if (test === null) test = mine;
      try {
        return await result;
      } finally {
        if (test === mine) test = null;
      }
    },
    endTest() {
      test?.abort();
      return Promise.resolve({});
    },
    frames: ({ after }) => Promise.resolve({ frames: frames.since(after) }),
  };
}
