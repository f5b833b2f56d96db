import { openSync, closeSync, readdirSync, readFileSync } from 'node:fs';
import { DEVICE_ENDS } from '../../../../electron/adapters/simulated/card-reader/device-ends.ts';
import type { Scenario } from '../lab.ts';
import { traceOpens } from '../open-trace.ts';
import { KEYBOARD_DESCRIPTOR } from '../wires/report-descriptors.ts';
import { uhidWire } from '../wires/uhid.ts';
import { pause } from '../wires/wire.ts';
import { readCard, ready } from './read-cards.ts';

/**
 * A keyboard with the very ids of the reader is attached before it. The kernel writes down every file that is
 * opened: the reader's must be among them, the keyboard's must not.
 */
export const keyboard: Scenario = {
  name: 'keyboard-never-opened',
  limitMs: 60_000,
  async run(lab) {
    const { vendorId, productId } = DEVICE_ENDS.miaxis.device;
    const device = { vendorId, productId, name: 'Lab keyboard', descriptor: KEYBOARD_DESCRIPTOR };
    await lab.plain(uhidWire(device)).plug();
    await pause(500);
    const keys = nodeOf('Lab keyboard');
    const trace = traceOpens();
    try {
      // That an opening of it would be noticed is itself tried out.
      closeSync(openSync(keys, 'r'));
      const tried = trace.paths().filter((path) => path === keys).length;
      if (tried !== 1) throw new Error(`the trace saw ${tried} of 1 openings`);

      const reader = lab.hidReader('uhid', 'miaxis');
      const driver = lab.driver();
      await reader.plug();
      await ready(driver);
      await readCard(driver, reader, 'jia');
      const opened = trace.paths();
      const cards = nodeOf('Lab miaxis');
      if (!opened.includes(cards)) throw new Error('the trace did not see the reader');
      const keyboardOpened = opened.filter((path) => path === keys).length - tried;
      if (keyboardOpened !== 0) throw new Error(`${keys} was opened ${keyboardOpened} times`);
      return `${cards} opened, ${keys} with the same ids never`;
    } finally {
      trace.close();
    }
  },
};

/** The hidraw file of the device with this name. */
function nodeOf(name: string): string {
  const found = readdirSync('/sys/class/hidraw').find((entry) =>
    readFileSync(`/sys/class/hidraw/${entry}/device/uevent`, 'utf8').includes(`HID_NAME=${name}\n`),
  );
  if (!found) throw new Error(`no hidraw device of ${name}`);
  return `/dev/${found}`;
}
