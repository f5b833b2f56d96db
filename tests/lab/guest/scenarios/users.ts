import type { DriverOptions } from '../driver-client.ts';
import type { Lab, Scenario } from '../lab.ts';
import type { LabReader } from '../reader-on-wire.ts';
import { bulkGadgetWire } from '../wires/bulk-gadget.ts';
import { serialGadgetWire } from '../wires/serial-gadget.ts';
import { reports } from './hid.ts';
import { pullCable } from './pull-cable.ts';
import type { PacketCount } from './read-cards.ts';
import { mustEqual } from './read-cards.ts';

/**
 * As people run the program: not as root. With the shipped udev rule and the running systemd-udevd the clerk at the
 * seat, whom /run/systemd/seats/seat0 names, reads cards, also after the cable was pulled in mid-read (the new device
 * file needs its rights again); somebody else on the same machine may not open the reader and is told why.
 */

const CLERK = { uid: 1000, gid: 1000 };
const STRANGER = { uid: 1001, gid: 1001 };
/** Debian's dialout, whose members may use serial lines. */
const DIALOUT = 20;

/** 1295 bytes: seven on the first pipe and 64 at a time on the second; 32 at a time on a serial line. */
const BULK: PacketCount = { sent: 22 };
const SERIAL: PacketCount = { sent: 41 };

async function clerkAndStranger(
  lab: Lab,
  reader: LabReader,
  packets: PacketCount,
  options: DriverOptions = {},
): Promise<string> {
  const seen = await pullCable(lab, reader, packets, { user: CLERK, ...options });
  const stranger = lab.driver({ ...options, user: STRANGER });
  const refused = await stranger.until('being refused', ({ error }) => error !== undefined);
  mustEqual('error', refused.error, 'ID_CARD_NO_PERMISSION');
  mustEqual('cards told to a stranger', stranger.reads.length, 0);
  return `${seen}; another user: ${refused.error ?? ''}`;
}

const hid = (lab: Lab): Promise<string> => clerkAndStranger(lab, lab.hidReader('usb', 'miaxis'), reports(24));

function bulk(lab: Lab): Promise<string> {
  const wire = bulkGadgetWire({ vendorId: 0x0400, productId: 0xc35a, name: 'Lab bulk' });
  return clerkAndStranger(lab, lab.reader(wire, 'bulk'), BULK);
}

function serial(lab: Lab): Promise<string> {
  const wire = serialGadgetWire({ vendorId: 0x0525, productId: 0xa4a7, name: 'Lab serial' });
  return clerkAndStranger(lab, lab.reader(wire, 'uart'), SERIAL, {
    user: { ...CLERK, gid: DIALOUT },
    profile: 'uart@/dev/ttyACM0',
  });
}

export const userScenarios: readonly Scenario[] = [
  { name: 'usb-unplugged-not-root', limitMs: 60_000, run: hid },
  { name: 'bulk-unplugged-not-root', limitMs: 60_000, run: bulk },
  { name: 'serial-unplugged-not-root', limitMs: 60_000, run: serial },
];
