import type { CarrierKind } from '../../../../electron/adapters/simulated/card-reader/device-carriers.ts';
import { WITHOUT_NATIVE } from '../driver-client.ts';
import type { Lab, Scenario } from '../lab.ts';
import { leaveLying, lift, readCard, readFingerprints, ready } from './read-cards.ts';
import { pullCable } from './pull-cable.ts';

/** Reports of the two long answers: 1295 and 2321 bytes, 54 to a report (miaxis), 59 and then 62 (dk). */
const REPORTS = { miaxis: { base: 24, fingerprint: 43 }, dk: { base: 21, fingerprint: 38 } };

/** Both ways a HID reader can be had without one: the HID core alone, and the whole USB stack under it. */
const WAYS = ['uhid', 'usb'] as const;

async function base(lab: Lab, by: 'uhid' | 'usb', carrier: 'miaxis' | 'dk'): Promise<string> {
  const reader = lab.hidReader(by, carrier);
  const driver = lab.driver();
  await reader.plug();
  await ready(driver);
  const reports = REPORTS[carrier].base;
  const first = await readCard(driver, reader, 'jia', reports);
  // Once for each carrier: it takes four seconds.
  if (by === 'usb') await leaveLying(driver);
  await lift(driver, reader);
  const second = await readCard(driver, reader, 'yi', reports);
  return `${reports} reports; 2 cards, told once each, in ${first} and ${second} ms`;
}

async function fingerprint(lab: Lab, by: 'uhid' | 'usb', carrier: 'miaxis' | 'dk'): Promise<string> {
  const reader = lab.hidReader(by, carrier);
  const driver = lab.driver({ commandsOnly: true });
  await reader.plug();
  await readFingerprints(driver, reader, 'rare', REPORTS[carrier].fingerprint);
  return `${REPORTS[carrier].fingerprint} reports, 2310 bytes the same`;
}

/** On a machine where node-hid cannot be loaded (LoongArch) the kernel's own devices are used. */
async function withoutNodeHid(lab: Lab): Promise<string> {
  const reader = lab.hidReader('usb', 'miaxis');
  const driver = lab.driver({ deviceHost: WITHOUT_NATIVE });
  await reader.plug();
  await ready(driver);
  const ms = await readCard(driver, reader, 'taiwan', REPORTS.miaxis.base);
  if (!driver.lines.some((line) => line.includes('without node-hid'))) throw new Error('node-hid was used');
  return `card in ${ms} ms`;
}

const scenario = (name: string, run: (lab: Lab) => Promise<string>): Scenario => ({
  name,
  limitMs: 60_000,
  run,
});

export const hidScenarios: readonly Scenario[] = [
  ...WAYS.flatMap((by) =>
    (['miaxis', 'dk'] as const satisfies CarrierKind[]).flatMap((carrier) => [
      scenario(`${by}-${carrier}`, (lab) => base(lab, by, carrier)),
      scenario(`${by}-${carrier}-fingerprint`, (lab) => fingerprint(lab, by, carrier)),
    ]),
  ),
  ...WAYS.map((by) =>
    scenario(`${by}-unplugged`, (lab) => pullCable(lab, lab.hidReader(by, 'miaxis'), REPORTS.miaxis.base)),
  ),
  scenario('usb-without-node-hid', withoutNodeHid),
];
